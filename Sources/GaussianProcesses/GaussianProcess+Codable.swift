import LinearAlgebra

extension GaussianProcess: Codable {
  private enum CodingKeys: String, CodingKey {
    case groups, isSquared, hasConstant, hasLinear
    case lengths, amplitude, linear, constant, noise
    case points, targets, variances, exactLimit, inducingCount
  }

  /// Reads a process and conditions it on its observations again.
  ///
  /// - Throws: `DecodingError` for numbers that make no process, `GaussianProcessError` for observations that are not
  ///   finite.
  /// - Complexity: that of conditioning, O(*n*^3).
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func list(_ key: CodingKeys) throws -> [Double] {
      try container.decode(PackedNumbers.self, forKey: key).values
    }
    let groups = try container.decode([Int].self, forKey: .groups)
    // Every group has a column, so that its number is less than their count.
    let isNumbered = groups.allSatisfy(groups.indices.contains)
    let groupCount = isNumbered ? (groups.max() ?? -1) + 1 : 0
    let lengths = try list(.lengths)
    let scales = [
      try container.decode(Double.self, forKey: .amplitude),
      try container.decode(Double.self, forKey: .noise),
    ]
    let variances = [
      try container.decode(Double.self, forKey: .linear),
      try container.decode(Double.self, forKey: .constant),
    ]
    let points = try container.decode(Matrix.self, forKey: .points)
    let targets = try list(.targets)
    let own = try list(.variances)
    var limits = Limits()
    limits.exactLimit = try container.decode(Int.self, forKey: .exactLimit)
    limits.inducingCount = try container.decode(Int.self, forKey: .inducingCount)
    guard isNumbered, Set(groups).count == groupCount,
      lengths.count == groupCount, (lengths + scales).allSatisfy({ $0 > 0 && $0.isFinite }),
      variances.allSatisfy({ $0 >= 0 && $0.isFinite }), points.columnCount == groups.count,
      points.rowCount == targets.count, own.count == targets.count, limits.inducingCount >= 1
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "numbers that make no process"))
    }
    let isSquared = try container.decode(Bool.self, forKey: .isSquared)
    self.init(
      kernel: Kernel(
        design: Kernel.Block(
          groups: groups, shape: isSquared ? .squaredExponential : .matern52),
        hasConstant: try container.decode(Bool.self, forKey: .hasConstant),
        hasLinear: try container.decode(Bool.self, forKey: .hasLinear)),
      parameters: KernelParameters(
        lengths: lengths, amplitude: scales[0], linear: variances[0], constant: variances[1],
        noise: scales[1]),
      observations: try Observations(points: points, targets: targets, variances: own),
      limits: limits)
  }

  /// Writes the kernel, its parameters and the observations; a posterior is computed again from them.
  ///
  /// - Throws: `EncodingError` for a kernel with a context block, which has no encoding.
  public func encode(to encoder: any Encoder) throws {
    guard kernel.context == nil else {
      throw EncodingError.invalidValue(
        self,
        .init(codingPath: encoder.codingPath, debugDescription: "a kernel with a context"))
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kernel.design.groups, forKey: .groups)
    try container.encode(kernel.design.shape == .squaredExponential, forKey: .isSquared)
    try container.encode(kernel.hasConstant, forKey: .hasConstant)
    try container.encode(kernel.hasLinear, forKey: .hasLinear)
    try container.encode(PackedNumbers(parameters.lengths), forKey: .lengths)
    try container.encode(parameters.amplitude, forKey: .amplitude)
    try container.encode(parameters.linear, forKey: .linear)
    try container.encode(parameters.constant, forKey: .constant)
    try container.encode(parameters.noise, forKey: .noise)
    try container.encode(observations.points, forKey: .points)
    try container.encode(PackedNumbers(observations.targets), forKey: .targets)
    try container.encode(PackedNumbers(observations.variances), forKey: .variances)
    try container.encode(limits.exactLimit, forKey: .exactLimit)
    try container.encode(limits.inducingCount, forKey: .inducingCount)
  }
}
