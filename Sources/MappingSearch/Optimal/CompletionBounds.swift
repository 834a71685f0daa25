import Accelerator
import CostModel
import Foundation

/// Lower bounds of what the levels inside a boundary cost, for every shape of tile there.
///
/// The bound relaxes the problem boundary by boundary: each takes the best of all ways to let operands rest
/// (`StationarityOptions`), as if the other boundaries had no say in the order of loops, and the best slide of a window.
/// A dynamic program over nested shapes then adds boundaries up. Energy comes by lane (`BoundaryClasses`): it holds for all
/// continuations that use no more units below one instance, and are shared no more outside, than the lane's classes say.
/// Cycles are bounded by the bandwidth of the levels a boundary connects.
///
/// "Energy" is any weighted sum of accesses: with other rates the same tables bound energy plus priced traffic.
///
/// That partial tile shapes have optimal substructure once orders are reduced to classes is the idea of the Turbo-Charged
/// Mapper (2026); ours differs in being a bound for branch and bound rather than the search itself, and in the classes.
final class CompletionBounds {
  typealias Lanes = SIMD8<Float>
  typealias Columns = SIMD8<Float>
  /// Points at which the cost of a boundary is tabulated over the share of deliveries an operand at rest needs.
  static let shareCount = 7
  /// The points and, last, what is needed whatever the share: every element is delivered once.
  static let columnCount = 8

  let plan: SearchPlan
  /// What a boundary costs.
  let costs: BoundaryCosts
  let classes: BoundaryClasses
  let levelCount: Int
  let operandCount: Int
  let optionCount: Int
  /// By boundary, vectors of lanes in a column.
  let laneCount: [Int]
  /// By level, the row of each shape of a tile in `rest`; -1 when it does not fit or is not promising.
  let tileRows: [UnsafeMutablePointer<Int32>]
  let tileCount: [Int]
  /// By level, the row of each shape of a tile with its fan-out in `step`.
  let blockRows: [UnsafeMutablePointer<Int32>]
  let blockCount: [Int]
  /// By boundary, entries of a column of `rest`.
  let entryLanes: [Int]
  // By boundary `1..<levelCount`, for shape, option and lane: energy by column, when the innermost temporal loop outside lets
  // the option's operands rest and they need the share of the iterations. For every shape: least cycles.
  let rest: UnsafeMutablePointer<UnsafeMutablePointer<Columns>?>
  let restCycles: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  // By level `0..<levelCount - 1`, for shape, option and column: energy by lane from the boundary below inwards. For shape,
  // option and share: cycles of the boundary.
  let step: UnsafeMutablePointer<UnsafeMutablePointer<Lanes>?>
  let stepCycles: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  /// By level, for shape: `step` at its least over options and shares; least cycles inside the boundary below.
  let floor: UnsafeMutablePointer<UnsafeMutablePointer<Lanes>?>
  let innerCycles: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  /// By level, the most that every entry of a sharing can be.
  let largestSharing: [[Double]]
  let isLimited: Bool
  /// Says how much energy is too much; `nil` where energy has a price in it.
  let promising: PromisingShapes?
  private let borrowed: Borrowed?
  /// Levels with tables of their own, the innermost of which may have `rest` from elsewhere.
  private let ownLevelCount: Int
  /// Entries that were computed.
  var entryCount = 0
  let shouldStop: @Sendable () -> Bool
  /// Whether all tables are filled; they must not be read otherwise.
  var isComplete = true

  /// Tables of other rates that are the same, or zero, from a boundary inwards.
  struct Borrowed {
    /// Tables of the same plan, classes and shapes.
    var tables: CompletionBounds
    /// The last boundary whose crossing costs something else.
    var boundary: Int
    /// Whether what is inside costs nothing instead of as much.
    var isFree: Bool
  }

  /// - Parameters:
  ///   - promising: Shapes to bound; all that fit without.
  ///   - rates: What accesses cost; the plan's own, or with a price on traffic.
  ///   - borrowed: Where to take what lies inside a boundary from.
  ///   - shouldStop: Asked now and then whether to leave the tables incomplete.
  init(
    _ plan: SearchPlan, classes: BoundaryClasses, promising: PromisingShapes? = nil,
    rates: CostRates, boundsCycles: Bool = true, borrowed: Borrowed? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    self.plan = plan
    self.shouldStop = shouldStop
    costs = BoundaryCosts(plan, rates)
    self.classes = classes
    levelCount = plan.levelCount
    operandCount = plan.operandCount
    optionCount = plan.options.sets.count
    let shapes = plan.shapes
    entryLanes = (0..<plan.levelCount).map { classes.classCount[$0] * classes.unitCount[$0] }
    laneCount = entryLanes.map { ($0 + 7) / 8 }
    let numbered = { (wanted: [UnsafeMutablePointer<Bool>]) in
      wanted.map { row in
        let table = UnsafeMutablePointer<Int32>.allocate(capacity: shapes.count)
        var count: Int32 = 0
        for shape in 0..<shapes.count {
          table[shape] = row[shape] ? count : -1
          if row[shape] { count += 1 }
        }
        return (table: table, count: Int(count))
      }
    }
    let tiles = numbered(promising?.tiles ?? plan.fits)
    let blocks = numbered(promising?.blocks ?? plan.fits)
    // What those tables say is too much needs no bound here, either.
    if let tables = borrowed?.tables {
      for level in 0..<plan.levelCount {
        for shape in 0..<shapes.count {
          if let cycles = tables.restCycles[level], cycles[shape] == .infinity {
            tiles[level].table[shape] = -1
          }
          let row = Int(tables.blockRows[level][shape])
          if let cycles = tables.innerCycles[level], row >= 0, cycles[row] == .infinity {
            blocks[level].table[shape] = -1
          }
        }
      }
    }
    tileRows = tiles.map(\.table)
    tileCount = tiles.map(\.count)
    blockRows = blocks.map(\.table)
    blockCount = blocks.map(\.count)
    rest = .allocate(capacity: levelCount + 1)
    rest.initialize(repeating: nil, count: levelCount + 1)
    restCycles = .allocate(capacity: levelCount + 1)
    restCycles.initialize(repeating: nil, count: levelCount + 1)
    step = .allocate(capacity: levelCount)
    step.initialize(repeating: nil, count: levelCount)
    stepCycles = .allocate(capacity: levelCount)
    stepCycles.initialize(repeating: nil, count: levelCount)
    floor = .allocate(capacity: levelCount)
    floor.initialize(repeating: nil, count: levelCount)
    innerCycles = .allocate(capacity: levelCount)
    innerCycles.initialize(repeating: nil, count: levelCount)
    largestSharing = (0..<plan.levelCount).map { level in
      (0..<classes.width).map { entry in
        (0..<classes.classCount[level]).reduce(1) { max($0, classes.vector(level, $1)[entry]) }
      }
    }
    self.promising = borrowed == nil ? promising : nil
    self.borrowed = borrowed.flatMap { $0.boundary < plan.levelCount ? $0 : nil }
    ownLevelCount = self.borrowed.map { $0.boundary + 1 } ?? plan.levelCount
    isLimited =
      boundsCycles
      && (0..<levelCount).contains {
        min(
          plan.rates.readBandwidth[$0], plan.rates.writeBandwidth[$0],
          plan.rates.sharedBandwidth[$0]) < .infinity
      }
    if let borrowed = self.borrowed {
      borrow(from: borrowed)
    } else {
      fillInnermost()
    }
    for level in stride(from: ownLevelCount - 2, through: 0, by: -1) where isComplete {
      fillSteps(level)
      if level > 0, isComplete { fillRest(level) }
    }
  }

  deinit {
    for level in 0..<levelCount {
      tileRows[level].deallocate()
      blockRows[level].deallocate()
      let isOwn = borrowed == nil || level < ownLevelCount - 1
      if isOwn || borrowed?.isFree == true { rest[level]?.deallocate() }
      if isOwn { restCycles[level]?.deallocate() }
      step[level]?.deallocate()
      stepCycles[level]?.deallocate()
      floor[level]?.deallocate()
      innerCycles[level]?.deallocate()
    }
    rest.deallocate()
    restCycles.deallocate()
    step.deallocate()
    stepCycles.deallocate()
    floor.deallocate()
    innerCycles.deallocate()
  }

  /// Takes what lies inside a boundary from other tables.
  private func borrow(from borrowed: Borrowed) {
    let boundary = borrowed.boundary
    restCycles[boundary] = borrowed.tables.restCycles[boundary]
    guard borrowed.isFree else {
      rest[boundary] = borrowed.tables.rest[boundary]
      return
    }
    let count = max(tileCount[boundary] * optionCount * entryLanes[boundary], 1)
    let table = UnsafeMutablePointer<Columns>.allocate(capacity: count)
    table.initialize(repeating: Columns(repeating: 0), count: count)
    rest[boundary] = table
  }

  // MARK: Reading

  /// Energies of the classes of parallelism between two shares that are tabulated.
  ///
  /// Costs are concave in the share, so a chord is a bound. What is no number is infinite.
  struct Column {
    private let upper: UnsafePointer<Float>
    private let lower: UnsafePointer<Float>
    private let least: UnsafePointer<Float>
    private let weight: Float
    /// From one class to the next.
    private let stride: Int

    @inline(__always)
    init(
      _ upper: UnsafePointer<Float>, _ lower: UnsafePointer<Float>, _ least: UnsafePointer<Float>,
      _ weight: Float, stride: Int
    ) {
      self.upper = upper
      self.lower = lower
      self.least = least
      self.weight = weight
      self.stride = stride
    }

    /// Values that were looked up before.
    @inline(__always)
    init(_ values: UnsafePointer<Float>) { self.init(values, values, values, 0, stride: 1) }

    @inline(__always)
    subscript(_ k: Int) -> Float {
      let place = k &* stride
      let chord = lower[place] + (upper[place] - lower[place]) * weight
      return chord < least[place] ? least[place] : chord
    }
  }

  /// Energy inside a boundary when the operands of an option need a share of the deliveries of the temporal loops outside,
  /// and all others all of them.
  ///
  /// - Parameter sharing: The class of sharing.
  /// - Returns: `nil` where the tile does not fit.
  @inline(__always)
  func rest(inside boundary: Int, _ shape: Int, option: Int, share: Float, sharing: Int) -> Column?
  {
    let row = Int(tileRows[boundary][shape])
    guard let table = rest[boundary], row >= 0 else { return nil }
    let i = CompletionBounds.sharePlace(share)
    let place =
      (row &* optionCount &+ option) &* entryLanes[boundary]
      &+ sharing &* classes.unitCount[boundary]
    let base = UnsafeMutableRawPointer(table + place).assumingMemoryBound(to: Float.self)
    let upper = CompletionBounds.share(i)
    let lower = CompletionBounds.share(i &+ 1)
    return Column(
      base + i, base + (i &+ 1), base + CompletionBounds.shareCount,
      (share - lower) / (upper - lower), stride: CompletionBounds.columnCount)
  }

  /// Writes the same for every operand's share.
  @inline(__always)
  func rest(
    inside boundary: Int, _ shape: Int, shares: UnsafePointer<Double>, sharing: Int,
    _ energies: UnsafeMutablePointer<Float>
  ) {
    var set: UInt32 = 0
    for t in 0..<operandCount where shares[t] < 1 { set |= 1 &<< UInt32(truncatingIfNeeded: t) }
    let count = classes.unitCount[boundary]
    for k in 0..<count { energies[k] = -.infinity }
    // Every option that allows the operands to rest gives a bound.
    for option in 0..<optionCount where set & ~costs.resting[option] == 0 {
      var share = 1.0
      for t in 0..<operandCount
      where (costs.resting[option] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 {
        share = min(share, shares[t])
      }
      guard
        let column = rest(
          inside: boundary, shape, option: option, share: Float(share * (1 - 1e-7)),
          sharing: sharing)
      else {
        for k in 0..<count { energies[k] = .infinity }
        return
      }
      for k in 0..<count {
        let energy = column[k]
        energies[k] = energy == energy ? max(energies[k], energy) : .infinity
      }
    }
  }

  /// Cycles inside a boundary.
  @inline(__always)
  func restCycles(inside boundary: Int, _ shape: Int) -> Float {
    restCycles[boundary].map { $0[shape] } ?? 0
  }

  /// Energy from the boundary below `level` inwards when its tile with fan-out has shape `z` and the operands of an option
  /// need `share` of the deliveries.
  ///
  /// - Returns: `nil` where the tile does not fit.
  @inline(__always)
  func step(below level: Int, _ z: Int, option: Int, share: Float, sharing: Int) -> Column? {
    let row = Int(blockRows[level][z])
    guard let table = step[level], row >= 0 else { return nil }
    let lanes = laneCount[level]
    let i = CompletionBounds.sharePlace(share)
    let place = (row &* optionCount &+ option) &* CompletionBounds.columnCount &* lanes
    let first = UnsafeMutableRawPointer(table + place).assumingMemoryBound(to: Float.self)
    let base = first + sharing &* classes.unitCount[level]
    let upper = CompletionBounds.share(i)
    let lower = CompletionBounds.share(i &+ 1)
    return Column(
      base + i &* lanes &* 8, base + (i &+ 1) &* lanes &* 8,
      base + CompletionBounds.shareCount &* lanes &* 8, (share - lower) / (upper - lower),
      stride: 1)
  }

  /// The least energy of a whole mapping's accesses and transfers.
  ///
  /// - Complexity: O(shapes x options x classes).
  func leastEnergy() -> Double {
    guard levelCount > 1 else { return 0 }
    var least = Double.infinity
    let walker = NestedShapes(plan)
    walker.forEach(inside: plan.shapes.whole) { z, _, shares in
      for option in 0..<optionCount {
        guard
          let energies = step(below: 0, z, option: option, share: shares[option], sharing: 0)
        else { continue }
        for k in 0..<classes.unitCount[0] {
          let energy = Double(energies[k])
          // Single precision rounds by less than this.
          least = min(least, energy - abs(energy) * 1e-6)
        }
      }
    }
    return least
  }

  /// Cycles of the tightest bandwidth from the boundary below `level` inwards.
  @inline(__always)
  func stepCycles(below level: Int, _ z: Int, option: Int, share: Float) -> Float {
    guard isLimited, let cycles = stepCycles[level], let inner = innerCycles[level] else {
      return 0
    }
    let row = Int(blockRows[level][z])
    guard row >= 0 else { return .infinity }
    let i = CompletionBounds.sharePlace(share)
    // Cycles are not concave in the share, but they only grow with it.
    let place = share >= CompletionBounds.share(i) ? i : i &+ 1
    return max(
      cycles[(row &* optionCount &+ option) &* CompletionBounds.shareCount &+ place], inner[row])
  }

  /// Grid of shares: 1, 1/4, 1/16, …, 0.
  @inline(__always)
  static func share(_ place: Int) -> Float {
    place >= shareCount - 1
      ? 0 : Float(bitPattern: UInt32(truncatingIfNeeded: 127 &- 2 &* place) &<< 23)
  }

  @inline(__always)
  static func sharePlace(_ share: Float) -> Int {
    let bits = share.bitPattern
    // The binary exponent, rounded up: 1 and 1/4 < share <= 1 fall into place 0.
    let exponent = 127 &- Int(bits &>> 23) &- (bits & 0x7f_ffff == 0 ? 0 : 1)
    return min(max(exponent &>> 1, 0), shareCount - 2)
  }

  // MARK: One split

  /// Prepares bounds of one split of the fan-out below a level.
  @inline(__always)
  func prepare(
    _ level: Int, _ z: Int, _ choice: Int, _ child: Int, sharing: UnsafePointer<Double>
  ) {
    costs.transfers(level, z, choice, child, sharing)
  }

  /// Bound of the boundary below `level` for the prepared split, when each operand needs a share of
  /// the deliveries.
  @inline(__always)
  func step(_ shares: UnsafePointer<Double>) -> Float { costs.energy(shares) }

  /// Bound of the boundary below `level` alone for the prepared split and an option.
  @inline(__always)
  func step(_ level: Int, option: Int, share: Float) -> (energy: Float, cycles: Float) {
    let share = Double(share) * (1 - 1e-6)
    return (
      BoundaryCosts.rounded(costs.energy(option, share: share)),
      isLimited ? Float(costs.cycles(level, option, share) * (1 - 1e-6)) : 0
    )
  }
}
