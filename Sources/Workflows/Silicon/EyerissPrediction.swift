import Accelerator
public import Technology

/// Eyeriss on VGG-16, which no constant, rule or choice of the model has seen, against the paper's two totals.
///
/// Constants are those of `EyerissValidation`, fitted to AlexNet; mappings come from `EyerissMappingRule`, which gives
/// the published mappings of AlexNet. The zeros of VGG-16 on the chip are not published here, so they are assumed.
public struct EyerissPrediction: Sendable {
  /// Which share of the activations is zero; the picture has none.
  public enum Zeros: Hashable, Sendable {
    /// That of AlexNet at the same relative depth, linear in between.
    case asAlexNetByDepth
    /// The same share in every layer but the first.
    case uniform(Double)
  }

  /// The network with one assumption.
  public struct Result: Hashable, Sendable {
    /// The assumption.
    public var zeros: Zeros
    /// Time of the batch, in s.
    public var seconds: Double
    /// DRAM traffic of the batch, in 10^6 bytes.
    public var offChipMegabytes: Double
    /// Average power, in mW.
    public var milliwatts: Double
    /// Average power if the batch takes the published time, in mW.
    public var milliwattsInPublishedTime: Double

    /// Model over published frame time minus 1.
    public var timeError: Double { seconds / EyerissPrediction.publishedSeconds - 1 }
    /// Model over published power minus 1.
    public var powerError: Double {
      milliwatts / EyerissFigures.vgg16.averageMilliwatts - 1
    }
    /// The same with the published time put in.
    public var powerErrorInPublishedTime: Double {
      milliwattsInPublishedTime / EyerissFigures.vgg16.averageMilliwatts - 1
    }
  }

  /// Published time of the batch, in s.
  public static let publishedSeconds =
    Double(EyerissFigures.vgg16OffChip.batch) / EyerissFigures.vgg16.framesPerSecond
  /// The assumptions listed: AlexNet's by depth, then three shares.
  public static let assumptions: [Zeros] = [
    .asAlexNetByDepth, .uniform(0.3), .uniform(0.5), .uniform(0.7),
  ]

  /// What counts as time.
  public let timeBasis: EyerissTimeBasis
  /// By `assumptions`.
  public let results: [Result]

  /// Predicts the network with constants fitted on AlexNet.
  ///
  /// - Throws: Only when the tables or the figures are changed.
  public init(fit: EyerissValidation, library: ComponentLibrary = .shipped) throws {
    try self.init(fit: fit, library: library, priority: .offChipWords)
  }

  init(
    fit: EyerissValidation, library: ComponentLibrary, priority: EyerissMappingRule.Priority
  ) throws {
    timeBasis = fit.timeBasis
    let machine = try EyerissMachine(library: library, bufferBandwidth: .init())
    let mappings =
      try priority == .offChipWords
      ? Self.leastTraffic.get() : Self.mappings(priority)
    results = try Self.assumptions.map { assumption in
      var seconds = 0.0
      var megabytes = 0.0
      var millijoules = 0.0
      for work in Self.works(mappings, zeros: assumption) {
        let run = try EyerissRun(of: work, on: machine)
        seconds += run.milliseconds(fit.timeBasis) * 1e-3
        megabytes += run.offChipMegabytes
        millijoules += fit.switchingFactor * run.picojoules.reduce(0, +) * 1e-9
      }
      let idle = fit.idleEnergyPerCycle * EyerissValidation.idleUnit
      return Result(
        zeros: assumption, seconds: seconds, offChipMegabytes: megabytes,
        milliwatts: idle + millijoules / seconds,
        milliwattsInPublishedTime: idle + millijoules / Self.publishedSeconds)
    }
  }

  private static let shapes = EyerissFigures.vgg16Layers.map { layer in
    EyerissLayer.Shape(
      filters: layer.filters, channels: layer.channels, groups: 1, kernel: 3, stride: 1,
      output: layer.output, padding: 1)
  }

  /// The search does not depend on the time basis.
  private static let leastTraffic = Swift.Result { try mappings(.offChipWords) }

  /// By layer; equal layers are searched once.
  private static func mappings(_ priority: EyerissMappingRule.Priority) throws
    -> [EyerissLayer.RowStationary]
  {
    var known: [EyerissLayer.Shape: EyerissLayer.RowStationary] = [:]
    return try zip(shapes, EyerissFigures.vgg16Layers).map { shape, layer in
      if let mapping = known[shape] { return mapping }
      let rule = EyerissMappingRule(
        shape: shape, batch: EyerissFigures.vgg16OffChip.batch, priority: priority)
      guard let mapping = rule.choice else {
        throw SiliconValidationError.noMapping(layer: layer.name)
      }
      known[shape] = mapping
      return mapping
    }
  }

  private static func works(_ mappings: [EyerissLayer.RowStationary], zeros: Zeros)
    -> [EyerissWork]
  {
    let count = shapes.count
    return shapes.indices.map { index in
      EyerissWork(
        name: EyerissFigures.vgg16Layers[index].name, shape: shapes[index],
        mapping: mappings[index], batch: EyerissFigures.vgg16OffChip.batch,
        zeros: (
          share(zeros, at: index, of: count), share(zeros, at: min(index + 1, count - 1), of: count)
        ))
    }
  }

  /// Share of zeros in the inputs of layer `index`.
  static func share(_ zeros: Zeros, at index: Int, of count: Int) -> Double {
    if index == 0 { return 0 }
    switch zeros {
    case .uniform(let share): return share
    case .asAlexNetByDepth:
      let known = EyerissFigures.alexNet.map(\.measured.zeroShare)
      let place = Double(index * (known.count - 1)) / Double(count - 1)
      let below = min(Int(place), known.count - 2)
      let fraction = place - Double(below)
      return known[below] * (1 - fraction) + known[below + 1] * fraction
    }
  }
}
