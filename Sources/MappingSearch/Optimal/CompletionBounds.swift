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
  let rates: CostRates
  let classes: BoundaryClasses
  let levelCount: Int
  let operandCount: Int
  let optionCount: Int
  /// By boundary, vectors of lanes in a column.
  let laneCount: [Int]
  /// By level, the row of each shape in the tables; -1 when the tile does not fit.
  let rows: [UnsafeMutablePointer<Int32>]
  let rowCount: [Int]
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
  /// For each operand with windows, the shares of its slides.
  let slides: [[SlideTable]]
  let hasSlides: UnsafeMutablePointer<Bool>
  /// `levelCount x operandCount`: the level outside that serves an operand to this one, or -1.
  let homes: UnsafeMutablePointer<Int>
  /// Most instances of each level that can be used.
  let largestUsed: UnsafeMutablePointer<Double>
  /// By level, the most that every entry of a sharing can be.
  let largestSharing: [[Double]]
  /// `operandCount x S`: iterations of loops an operand does not depend on, outside a shape.
  let repeats: UnsafeMutablePointer<Double>
  /// By operand, of the last call of `transfers`: energy in proportion to deliveries, energy that no order changes, least
  /// energy whatever the deliveries; words per instance of the home.
  let linear: UnsafeMutablePointer<Double>
  let constant: UnsafeMutablePointer<Double>
  let least: UnsafeMutablePointer<Double>
  let asked: UnsafeMutablePointer<Double>
  let filled: UnsafeMutablePointer<Double>
  /// `levelCount x 3`: cycles at a level per port, of the last call of `cycles`.
  let ports: UnsafeMutablePointer<Double>
  let isLimited: Bool
  /// By level, for each choice and operand: least network energy of a word on its way to one child, in pJ, 0 without.
  let network: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>
  let resting: [UInt32]
  /// Entries that were computed.
  var entryCount = 0
  let shouldStop: @Sendable () -> Bool
  /// Whether all tables are filled; they must not be read otherwise.
  var isComplete = true

  /// - Parameters:
  ///   - rates: What accesses cost; the plan's own, or with a price on traffic.
  ///   - shouldStop: Asked now and then whether to leave the tables incomplete.
  init(
    _ plan: SearchPlan, classes: BoundaryClasses, rates: CostRates, boundsCycles: Bool = true,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    self.plan = plan
    self.shouldStop = shouldStop
    self.rates = rates
    self.classes = classes
    levelCount = plan.levelCount
    operandCount = plan.operandCount
    resting = plan.options.sets
    optionCount = plan.options.sets.count
    let shapes = plan.shapes
    entryLanes = (0..<plan.levelCount).map { classes.classCount[$0] * classes.unitCount[$0] }
    laneCount = entryLanes.map { ($0 + 7) / 8 }
    var rowTables: [UnsafeMutablePointer<Int32>] = []
    var rowCounts: [Int] = []
    for level in 0..<plan.levelCount {
      let table = UnsafeMutablePointer<Int32>.allocate(capacity: shapes.count)
      var count = 0
      for shape in 0..<shapes.count {
        table[shape] = plan.fits[level][shape] ? Int32(count) : -1
        if plan.fits[level][shape] { count += 1 }
      }
      rowTables.append(table)
      rowCounts.append(count)
    }
    rows = rowTables
    rowCount = rowCounts
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
    slides = (0..<plan.operandCount).map { SlideTable.tables(for: $0, plan) }
    hasSlides = .allocate(capacity: operandCount)
    for t in 0..<operandCount { hasSlides[t] = !slides[t].isEmpty }
    homes = .allocate(capacity: levelCount * operandCount)
    homes.initialize(repeating: -1, count: levelCount * operandCount)
    largestUsed = .allocate(capacity: levelCount + 1)
    largestUsed[0] = 1
    for level in 0..<levelCount {
      largestUsed[level + 1] = largestUsed[level] * Double(plan.spatial[level].largestUsed)
    }
    for boundary in 1..<max(levelCount, 1) {
      for t in 0..<operandCount where plan.keeps[t][boundary] {
        guard let home = plan.home(of: t, outside: boundary) else { continue }
        homes[boundary * operandCount + t] = home
      }
    }
    largestSharing = (0..<plan.levelCount).map { level in
      (0..<classes.width).map { entry in
        (0..<classes.classCount[level]).reduce(1) { max($0, classes.vector(level, $1)[entry]) }
      }
    }
    repeats = .allocate(capacity: operandCount * shapes.count)
    for t in 0..<operandCount {
      for shape in 0..<shapes.count {
        var product = 1.0
        for (d, bound) in plan.bounds.enumerated() where !plan.relevance[t][d] {
          product *= Double(bound / shapes.extent(shape, d))
        }
        repeats[t * shapes.count + shape] = product
      }
    }
    linear = .allocate(capacity: 3 * operandCount)
    linear.initialize(repeating: 0, count: 3 * operandCount)
    constant = linear + operandCount
    least = constant + operandCount
    asked = .allocate(capacity: operandCount)
    asked.initialize(repeating: 0, count: operandCount)
    filled = .allocate(capacity: operandCount)
    filled.initialize(repeating: 0, count: operandCount)
    ports = .allocate(capacity: 3 * (levelCount + 1))
    ports.initialize(repeating: 0, count: 3 * (levelCount + 1))
    isLimited =
      boundsCycles
      && (0..<levelCount).contains {
        min(
          plan.rates.readBandwidth[$0], plan.rates.writeBandwidth[$0],
          plan.rates.sharedBandwidth[$0]) < .infinity
      }
    network = .allocate(capacity: levelCount)
    network.initialize(repeating: nil, count: levelCount)
    for level in 0..<levelCount where rates.hasNetwork[level] {
      let spatial = plan.spatial[level]
      let mesh = plan.fanOut[level]
      let floor = HopFloor(x: mesh.x, y: mesh.y)
      let table = UnsafeMutablePointer<Double>.allocate(
        capacity: max(spatial.count * operandCount, 1))
      for choice in 0..<spatial.count {
        for t in 0..<operandCount {
          let copies = spatial.copies[choice * operandCount + t]
          let hops = floor.hops(children: Int(spatial.used[choice]), copies: copies)
          table[choice * operandCount + t] =
            (hops * rates.hop[level]
              + spatial.used[choice] / copies * rates.router[level]) / spatial.used[choice]
        }
      }
      network[level] = table
    }
    fillInnermost()
    for level in stride(from: levelCount - 2, through: 0, by: -1) where isComplete {
      fillSteps(level)
      if level > 0, isComplete { fillRest(level) }
    }
  }

  deinit {
    for level in 0..<levelCount {
      rows[level].deallocate()
      rest[level]?.deallocate()
      restCycles[level]?.deallocate()
      step[level]?.deallocate()
      stepCycles[level]?.deallocate()
      floor[level]?.deallocate()
      innerCycles[level]?.deallocate()
      network[level]?.deallocate()
    }
    network.deallocate()
    rest.deallocate()
    restCycles.deallocate()
    step.deallocate()
    stepCycles.deallocate()
    floor.deallocate()
    innerCycles.deallocate()
    hasSlides.deallocate()
    homes.deallocate()
    largestUsed.deallocate()
    repeats.deallocate()
    linear.deallocate()
    asked.deallocate()
    filled.deallocate()
    ports.deallocate()
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
    let row = Int(rows[boundary][shape])
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
    for option in 0..<optionCount where set & ~resting[option] == 0 {
      var share = 1.0
      for t in 0..<operandCount where (resting[option] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 {
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
    let row = Int(rows[level][z])
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

  /// Cycles of the tightest bandwidth from the boundary below `level` inwards.
  @inline(__always)
  func stepCycles(below level: Int, _ z: Int, option: Int, share: Float) -> Float {
    guard isLimited, let cycles = stepCycles[level], let inner = innerCycles[level] else {
      return 0
    }
    let row = Int(rows[level][z])
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
    transfers(level, z, choice, child, sharing)
  }

  /// Bound of the boundary below `level` for the prepared split, when each operand needs a share of
  /// the deliveries.
  @inline(__always)
  func step(_ shares: UnsafePointer<Double>) -> Float {
    var energy = 0.0
    for t in 0..<operandCount { energy += max(least[t], linear[t] * shares[t] + constant[t]) }
    return CompletionBounds.rounded(energy)
  }

  /// Bound of the boundary below `level` alone for the prepared split and an option.
  @inline(__always)
  func step(_ level: Int, option: Int, share: Float) -> (energy: Float, cycles: Float) {
    var energy = 0.0
    let share = Double(share) * (1 - 1e-6)
    for t in 0..<operandCount {
      let part = (resting[option] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 ? share : 1
      energy += max(least[t], linear[t] * part + constant[t])
    }
    return (
      CompletionBounds.rounded(energy),
      isLimited ? Float(cycles(level, resting[option], share) * (1 - 1e-6)) : 0
    )
  }

  /// Below the value, also after single precision.
  @inline(__always)
  static func rounded(_ energy: Double) -> Float {
    Float(energy - abs(energy) * 1e-6)
  }

  /// The result's words that need not be read or filled at a level: at most the whole result for every copy outside.
  @inline(__always)
  func firstVisits(_ copies: Double, _ shape: Int) -> Double {
    plan.shapes.tile[plan.rates.result &* plan.shapes.count &+ plan.shapes.whole]
      * min(copies, repeats[plan.rates.result &* plan.shapes.count &+ shape])
  }
}
