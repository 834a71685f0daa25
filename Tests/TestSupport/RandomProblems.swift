public import Accelerator
public import Workload

/// A layer, a machine and a mapping that is legal in form, drawn at random and small enough to simulate.
public struct RandomProblem: Sendable {
  /// The layer.
  public let layer: Layer
  /// The machine; capacities are unlimited, so that every mapping fits.
  public let architecture: Architecture
  /// The mapping.
  public let mapping: Mapping

  /// Creates a problem.
  public init(layer: Layer, architecture: Architecture, mapping: Mapping) {
    self.layer = layer
    self.architecture = architecture
    self.mapping = mapping
  }
}

extension RandomProblem: CustomStringConvertible {
  /// Bounds, axes and loops, for a failed test.
  public var description: String {
    let name = { (d: Int) in layer.dimensions[d].name }
    let loops = { (loops: [Loop]) in
      loops.map { loop in
        let residual = loop.isPerfect ? "" : "/\(loop.residual)"
        return "\(name(loop.dimension)) \(loop.factor)\(residual)"
      }.joined(separator: ", ")
    }
    let operands = layer.operands.map { operand in
      let axes = operand.axes.map { axis in
        axis.terms.map { "\($0.coefficient) \(name($0.dimension))" }.joined(separator: " + ")
      }
      return "\(operand.name)[\(axes.joined(separator: ", "))]"
    }
    let nests = mapping.nests.map { nest in
      "t(\(loops(nest.temporal))) y(\(loops(nest.spatialY))) x(\(loops(nest.spatialX))) "
        + "keeps \(nest.keeps.map { $0 ? 1 : 0 })"
    }
    let bounds = layer.dimensions.map { "\($0.name) \($0.bound)" }
    return (["", bounds.joined(separator: ", ")] + operands + nests).joined(separator: "\n")
  }
}

/// A seeded sequence of random problems.
public struct RandomProblems: Sequence, IteratorProtocol {
  /// What mappings to draw.
  public enum Raggedness: Sendable {
    /// Every loop perfect.
    case none
    /// Residuals anywhere, including 1, spatial loops and loops that never run their full factor.
    case any
  }

  /// What kind of problem to draw more often than chance would.
  public enum Emphasis: Sendable {
    /// Nothing in particular.
    case none
    /// Layers with a window axis, mostly temporal loops: tiles that overlap in time.
    case sliding
    /// Layers with a window axis, mostly spatial loops of its dimensions, many bypasses: children that share tiles.
    case sharing
  }

  var generator: SplitMix64
  let raggedness: Raggedness
  let emphasis: Emphasis
  let largestIterations: Int
  private var remaining: Int

  /// Creates a sequence.
  ///
  /// - Parameters:
  ///   - count: Number of problems.
  ///   - emphasis: What to draw more often.
  ///   - largestIterations: Limit of the iterations of the whole nest, full factors counted.
  public init(
    seed: UInt64, count: Int, raggedness: Raggedness, emphasis: Emphasis = .none,
    largestIterations: Int = 250
  ) {
    generator = SplitMix64(seed: seed)
    remaining = count
    self.raggedness = raggedness
    self.emphasis = emphasis
    self.largestIterations = largestIterations
  }

  /// The next problem.
  public mutating func next() -> RandomProblem? {
    guard remaining > 0 else { return nil }
    remaining -= 1
    while true {
      if let problem = draw() { return problem }
    }
  }

  private mutating func draw() -> RandomProblem? {
    guard let layer = drawLayer() else { return nil }
    let levelCount = generator.pick(1...5)
    guard let nests = drawNests(of: layer, levelCount: levelCount) else { return nil }
    guard let architecture = drawArchitecture(for: nests, layer) else { return nil }
    if let mapping = try? Mapping(nests: nests, for: layer, on: architecture) {
      return RandomProblem(layer: layer, architecture: architecture, mapping: mapping)
    }
    // The drawn keep sets leave a tensor without a home.
    var kept = nests
    kept[0].keeps = layer.operands.map { _ in true }
    guard let mapping = try? Mapping(nests: kept, for: layer, on: architecture) else { return nil }
    return RandomProblem(layer: layer, architecture: architecture, mapping: mapping)
  }

  /// A machine on which the spatial loops fit, sometimes with room to spare.
  private mutating func drawArchitecture(for nests: [LoopNest], _ layer: Layer) -> Architecture? {
    var mesh = Mesh(x: generator.pick(1...2), y: 1)
    var levels: [MemoryLevel] = []
    for (index, nest) in nests.enumerated() {
      var level = MemoryLevel(
        name: "level \(index)", kind: index == 0 && generator.chance(0.8) ? .dram : .sram,
        mesh: mesh, capacityWords: nil, wordBits: generator.pick(1...3) * 8,
        energy: AccessEnergy(
          read: drawAmount(), fill: drawAmount(), update: drawAmount()))
      level.blockSize = generator.pick(1...5)
      if generator.chance(0.5) {
        level.bandwidth = Bandwidth(
          read: generator.chance(0.5) ? drawAmount() : nil,
          write: generator.chance(0.5) ? drawAmount() : nil,
          shared: generator.chance(0.3) ? drawAmount() : nil)
      }
      level.leakagePerCycle = generator.chance(0.5) ? drawAmount() : 0
      level.network.energyPerHop = generator.chance(0.6) ? drawAmount() : 0
      level.network.routerEnergy = generator.chance(0.4) ? drawAmount() : 0
      level.network.fillLatency = generator.pick(0...3)
      levels.append(level)
      let slack = { (generator: inout SplitMix64) in generator.chance(0.2) ? 2 : 1 }
      mesh.x *= nest.spatialX.reduce(slack(&generator)) { $0 * $1.factor }
      mesh.y *= nest.spatialY.reduce(slack(&generator)) { $0 * $1.factor }
    }
    let compute = ComputeArray(
      name: "macs", mesh: mesh, wordBits: 8, energyPerOperation: drawAmount())
    var effects = SiliconEffects()
    effects.idleEnergyPerCycle = drawAmount()
    effects.clockGating = 0.5
    effects.switchingFactor = 1 + drawAmount()
    effects.zeroGating = SiliconEffects.ZeroGating(
      operand: layer.operands[0].name, zeroShare: 0.25,
      gatedOperands: [layer.operands[layer.operands.count - 1].name])
    return try? Architecture(name: "random", levels: levels, compute: compute, effects: effects)
  }

  private mutating func drawAmount() -> Double { Double(generator.pick(1...64)) / 16 }
}
