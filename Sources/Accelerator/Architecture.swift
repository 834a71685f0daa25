public import Quantities

/// A machine: memory levels from the outermost (index 0, off-chip) to the innermost, then the MAC array.
///
/// Instances of a level are arranged in a grid; the fan-out from level *i* to level *i + 1* is the ratio of
/// their grids. Numbers are resolved: where an architecture file leaves an energy or an area to the component
/// tables, the file's reader has already filled it in.
public struct Architecture: Hashable, Sendable {
  /// Largest number of memory levels.
  public static let largestLevelCount = 16
  /// Largest number of instances of a level or of MACs; the largest design of PRIME's template has 2^25.
  public static let largestInstanceCount = 1 << 26
  /// Largest capacity, bandwidth, grid side or width that is accepted.
  public static let largestNumber = 1 << 40

  /// Name, for reports.
  public let name: String
  /// Memory levels, outermost first.
  public let levels: [MemoryLevel]
  /// The MAC array.
  public let compute: ComputeArray
  /// Clock, where the file states one; time and power exist only then.
  public let clock: Frequency?
  /// Terms beyond Timeloop's counting that this machine asks for.
  public let effects: SiliconEffects

  /// Creates an architecture.
  ///
  /// - Throws: `ArchitectureError` naming the first field that is out of range.
  public init(
    name: String, levels: [MemoryLevel], compute: ComputeArray, clock: Frequency? = nil,
    effects: SiliconEffects = .init()
  ) throws(ArchitectureError) {
    guard (1...Architecture.largestLevelCount).contains(levels.count) else {
      throw .levelCount(got: levels.count)
    }
    for (index, level) in levels.enumerated() {
      guard !level.name.isEmpty else { throw .emptyName(field: "levels[\(index)].name") }
      guard !levels[..<index].contains(where: { $0.name == level.name }) else {
        throw .duplicateLevel(name: level.name)
      }
      try Architecture.check(level, at: index)
    }
    try Architecture.check(compute)
    let meshes = levels.map(\.mesh) + [compute.mesh]
    for index in 1..<meshes.count {
      let outer = meshes[index - 1]
      let inner = meshes[index]
      let innerName = index == levels.count ? "compute" : "levels[\(index)]"
      guard inner.x % outer.x == 0, inner.y % outer.y == 0 else {
        throw .meshNotNested(field: "\(innerName).mesh", inner: inner, outer: outer)
      }
    }
    try effects.check()
    if let clock {
      guard clock.megahertz > 0, clock.megahertz.isFinite else {
        throw .outOfRange(
          field: "clock", got: clock.megahertz, expected: "a positive number of MHz")
      }
    }
    self.name = name
    self.levels = levels
    self.compute = compute
    self.clock = clock
    self.effects = effects
  }

  /// The fan-out below level `index`: grid of the next inner level (or the MACs) over the level's own grid.
  public func fanOut(below index: Int) -> Mesh {
    let inner = index + 1 < levels.count ? levels[index + 1].mesh : compute.mesh
    return Mesh(x: inner.x / levels[index].mesh.x, y: inner.y / levels[index].mesh.y)
  }

  /// Position of the level called `name`.
  public func levelIndex(named name: String) -> Int? {
    levels.firstIndex { $0.name == name }
  }

  private static func check(_ level: MemoryLevel, at index: Int) throws(ArchitectureError) {
    let field = "levels[\(index)]"
    try check(level.mesh, field: "\(field).mesh")
    if let capacity = level.capacityWords {
      try check(capacity, in: 1...largestNumber, field: "\(field).capacity")
    }
    guard level.multipleBuffering >= 1, level.multipleBuffering <= 1_024 else {
      throw .outOfRange(
        field: "\(field).multipleBuffering", got: level.multipleBuffering, expected: "1 to 1024")
    }
    try check(level.wordBits, in: 1...4_096, field: "\(field).wordBits")
    try check(level.blockSize, in: 1...65_536, field: "\(field).blockSize")
    for (name, value) in [
      ("read", level.bandwidth.read), ("write", level.bandwidth.write),
      ("shared", level.bandwidth.shared),
    ] {
      guard let value else { continue }
      guard value > 0, value <= Double(largestNumber) else {
        throw .outOfRange(
          field: "\(field).bandwidth.\(name)", got: value,
          expected: "a positive number of words per cycle")
      }
    }
    for (name, value) in [
      ("energy.read", level.energy.read), ("energy.fill", level.energy.fill),
      ("energy.update", level.energy.update), ("leakage", level.leakagePerCycle),
      ("area", level.area.squareMillimeters),
      ("network.energyPerHop", level.network.energyPerHop),
      ("network.routerEnergy", level.network.routerEnergy),
    ] {
      try checkAmount(value, field: "\(field).\(name)")
    }
    try check(
      level.network.fillLatency, in: 0...largestNumber, field: "\(field).network.fillLatency")
    try check(
      level.network.drainLatency, in: 0...largestNumber, field: "\(field).network.drainLatency")
  }

  private static func check(_ compute: ComputeArray) throws(ArchitectureError) {
    try check(compute.mesh, field: "compute.mesh")
    try check(compute.wordBits, in: 1...4_096, field: "compute.wordBits")
    try checkAmount(compute.energyPerOperation, field: "compute.energy")
    try checkAmount(compute.area.squareMillimeters, field: "compute.area")
  }

  private static func check(_ mesh: Mesh, field: String) throws(ArchitectureError) {
    try check(mesh.x, in: 1...(1 << 20), field: "\(field).x")
    try check(mesh.y, in: 1...(1 << 20), field: "\(field).y")
    try check(mesh.count, in: 1...largestInstanceCount, field: "\(field): instances")
  }

  private static func check(_ value: Int, in range: ClosedRange<Int>, field: String)
    throws(ArchitectureError)
  {
    guard range.contains(value) else {
      throw .outOfRange(
        field: field, got: Double(value),
        expected: "a whole number in \(range.lowerBound)...\(range.upperBound)")
    }
  }

  private static func checkAmount(_ value: Double, field: String) throws(ArchitectureError) {
    guard value >= 0, value <= 1e30 else {
      throw .outOfRange(field: field, got: value, expected: "a number of at least 0")
    }
  }
}
