public import Accelerator
public import Quantities

/// Die area of an architecture, by what takes it.
///
/// `total = fixed + (sum over on-chip levels of instances x area + units x (unit area + control)) / placementDensity`.
/// Sums of cells are far below dies: on Eyeriss they fill about a third of the core, hence the density. Off-chip
/// memory takes none. A level or unit whose area is not stated counts zero, see `unstated`.
public struct AreaModel: Hashable, Sendable {
  /// All instances of one memory level.
  public struct Level: Hashable, Sendable {
    /// Name of the level.
    public var name: String
    /// Number of instances on the chip.
    public var instances: Int
    /// Cell area of all instances.
    public var area: Area
  }

  /// On-chip levels, outermost first.
  public let levels: [Level]
  /// Cell area of all multiply-accumulate units.
  public let compute: Area
  /// Cell area of control and clocking around the units.
  public let control: Area
  /// Area that does not depend on the array; placed as it is, not divided by the density.
  public let fixed: Area
  /// Cell area over die area, in `(0, 1]`.
  public let placementDensity: Double
  /// On-chip levels, and the compute array, without a stated area: the total leaves them out.
  public let unstated: [String]

  /// Adds up an architecture.
  ///
  /// - Complexity: O(levels).
  public init(of architecture: Architecture) {
    let onChip = architecture.levels.filter { $0.kind != .dram }
    let units = Double(architecture.compute.mesh.count)
    levels = onChip.map {
      Level(
        name: $0.name, instances: $0.mesh.count, area: Double($0.mesh.count) * $0.area)
    }
    compute = units * architecture.compute.area
    control =
      units * Area(squareMillimeters: architecture.effects.areaPerProcessingElement)
    fixed = Area(squareMillimeters: architecture.effects.fixedArea)
    placementDensity = architecture.effects.placementDensity
    unstated =
      onChip.filter { $0.area == .zero }.map(\.name)
      + (architecture.compute.area == .zero ? [architecture.compute.name] : [])
  }

  /// Area of all cells that are placed: memories, units and control.
  public var cells: Area {
    levels.reduce(compute + control) { $0 + $1.area }
  }

  /// Area between the cells.
  public var whiteSpace: Area { (1 / placementDensity - 1) * cells }

  /// Area of the die.
  public var total: Area { fixed + (1 / placementDensity) * cells }
}

/// A memory level that cannot keep up with the clock.
public struct ClockViolation: Hashable, Sendable {
  /// Position of the level, outermost 0.
  public var level: Int
  /// Name of the level.
  public var name: String
  /// Shortest cycle the level can run at, in ns.
  public var needNanoseconds: Double
  /// Cycle of the clock, in ns.
  public var haveNanoseconds: Double
}

extension Architecture {
  /// The fastest clock every level with a known cycle can follow; `nil` when no cycle is known.
  public var highestClock: Frequency? {
    levels.compactMap(\.shortestCycleNanoseconds).filter { $0 > 0 }.max()
      .map { Frequency(megahertz: 1_000 / $0) }
  }

  /// Every level whose shortest cycle is longer than the clock's, outermost first.
  ///
  /// Empty without a clock. A level without a stated cycle, such as off-chip memory, never limits. Cycles that differ
  /// by rounding only, below 1e-12 of their length, are equal, so that `highestClock` is always legal.
  public var clockViolations: [ClockViolation] {
    guard let clock else { return [] }
    let have = clock.cycleNanoseconds
    return levels.enumerated().compactMap { index, level in
      guard let need = level.shortestCycleNanoseconds, need > have * (1 + 1e-12) else { return nil }
      return ClockViolation(
        level: index, name: level.name, needNanoseconds: need, haveNanoseconds: have)
    }
  }
}
