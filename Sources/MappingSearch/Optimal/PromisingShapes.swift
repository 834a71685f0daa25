import Accelerator
import CostModel

/// The shapes of tiles that a mapping better than a known one can have.
///
/// Two sweeps bound the whole mapping through every shape: one inwards, of what the levels outside cost at least, and one
/// outwards, of what those inside do. They relax more than `CompletionBounds`: at every boundary an operand at rest rests
/// over all loops outside that do not move it, so that the order and the level of loops are open and nested shapes need not be
/// paired. A shape whose bound is above the known value is left out of the finer tables and of the search; what is
/// proven for the rest holds for all, for no mapping through the others is better than the known one.
///
/// Legend: `S` shapes; `tiles` are what one instance of a level works on, `blocks` what is left of them inside the level's
/// temporal loops: the tile with its fan-out.
final class PromisingShapes {
  private typealias Units = SIMD8<Float>

  /// Classes of parallelism times classes of sharing; more take longer than they leave out.
  static let laneCount = 64

  /// By level, `S`.
  let tiles: [UnsafeMutablePointer<Bool>]
  /// By level, `S`.
  let blocks: [UnsafeMutablePointer<Bool>]
  /// Splits that were bounded.
  private(set) var entryCount = 0
  /// Whether the sweeps came to their end; all shapes that fit are promising otherwise.
  private(set) var isComplete = true

  private let plan: SearchPlan
  private let classes: BoundaryClasses
  private let costs: BoundaryCosts
  private let objective: SearchObjective
  private let limit: Double
  private let leakage: LeakageFloor
  /// Cycles of traffic no mapping avoids.
  private let fewestCycles: Double
  /// By level, of the levels outside.
  private let outerLeakage: [Double]
  private let isLimited: Bool
  private let shares: UnsafeMutablePointer<Double>
  // By boundary, `S x classes`: least energy of the levels inside by class of parallelism. `S`: least cycles.
  private var insideTile: [UnsafeMutablePointer<Units>] = []
  private var insideBlock: [UnsafeMutablePointer<Units>] = []
  private var tileCycles: [UnsafeMutablePointer<Float>] = []
  private var blockCycles: [UnsafeMutablePointer<Float>] = []

  /// By level, for every shape, whatever the class of sharing: what is outside the tile, and outside the block.
  private var tileOutsides: [Surroundings] = []
  private var blockOutsides: [Surroundings] = []

  /// What the levels outside a shape cost at least: `S` each.
  private struct Surroundings {
    var energy: [Float]
    var used: [Float]
    var fewest: [Float]
    var cycles: [Float]

    init(_ outside: Outside, _ shapeCount: Int, _ classCount: Int) {
      energy = Array(repeating: .infinity, count: shapeCount)
      used = Array(repeating: 0, count: shapeCount)
      fewest = Array(repeating: .infinity, count: shapeCount)
      for shape in 0..<shapeCount {
        for c in 0..<classCount {
          energy[shape] = min(energy[shape], outside.energy[shape * classCount + c])
          used[shape] = max(used[shape], outside.used[shape * classCount + c])
          fewest[shape] = min(fewest[shape], outside.fewest[shape * classCount + c])
        }
      }
      cycles = Array(UnsafeBufferPointer(start: outside.cycles, count: shapeCount))
    }
  }

  /// What the levels outside cost.
  private struct Outside {
    /// `S x classes`: least energy, and most and fewest instances that are used.
    let energy: UnsafeMutablePointer<Float>
    let used: UnsafeMutablePointer<Float>
    let fewest: UnsafeMutablePointer<Float>
    /// `S`: least cycles.
    let cycles: UnsafeMutablePointer<Float>

    init(_ shapeCount: Int, _ classCount: Int) {
      energy = .allocate(capacity: shapeCount * classCount)
      energy.initialize(repeating: .infinity, count: shapeCount * classCount)
      used = .allocate(capacity: shapeCount * classCount)
      used.initialize(repeating: 0, count: shapeCount * classCount)
      fewest = .allocate(capacity: shapeCount * classCount)
      fewest.initialize(repeating: .infinity, count: shapeCount * classCount)
      cycles = .allocate(capacity: shapeCount)
      cycles.initialize(repeating: .infinity, count: shapeCount)
    }

    func deallocate() {
      energy.deallocate()
      used.deallocate()
      fewest.deallocate()
      cycles.deallocate()
    }
  }

  /// - Parameters:
  ///   - known: The value of a mapping; only better ones, and equal ones up to the certificate's tolerance, are looked for.
  ///   - shouldStop: Asked now and then whether to give up, and to call every shape that fits promising.
  init(
    _ plan: SearchPlan, classes: BoundaryClasses, objective: SearchObjective, below known: Double,
    shouldStop: () -> Bool = { false }
  ) {
    self.plan = plan
    self.classes = classes
    self.objective = objective
    limit = known * (1 + 2 * OptimalCertificate.tolerance)
    let rates = plan.rates
    costs = BoundaryCosts(plan, rates)
    leakage = LeakageFloor(plan, classes)
    fewestCycles = ClassInterests.fewestCycles(plan).traffic * (1 - 1e-9)
    isLimited = (0..<plan.levelCount).contains {
      min(rates.readBandwidth[$0], rates.writeBandwidth[$0], rates.sharedBandwidth[$0]) < .infinity
    }
    // Where unused instances leak, all are counted already; else there is at least one of every level.
    outerLeakage = (0..<plan.levelCount).map { level in
      rates.unusedInstancesLeak ? 0 : rates.leakage[..<level].reduce(0, +) * (1 - 1e-12)
    }
    shares = .allocate(capacity: plan.operandCount)
    shares.initialize(repeating: 1, count: plan.operandCount)
    let count = plan.shapes.count
    let fits = plan.fits
    let all = { (level: Int) in
      let row = UnsafeMutablePointer<Bool>.allocate(capacity: count)
      row.update(from: fits[level], count: count)
      return row
    }
    tiles = (0..<plan.levelCount).map(all)
    blocks = (0..<plan.levelCount).map(all)
    guard known < .infinity, plan.levelCount > 1 else { return }
    isComplete = sweepOutwards(shouldStop) && sweepInwards(shouldStop)
    for table in insideTile + insideBlock { table.deallocate() }
    for table in tileCycles + blockCycles { table.deallocate() }
    (insideTile, insideBlock, tileCycles, blockCycles) = ([], [], [], [])
    if !isComplete {
      for level in 0..<plan.levelCount {
        tiles[level].update(from: fits[level], count: count)
        blocks[level].update(from: fits[level], count: count)
      }
    }
  }

  deinit {
    for row in tiles + blocks { row.deallocate() }
    shares.deallocate()
  }

  /// Shapes that fit and are not promising, over all levels, of tiles and blocks.
  var leftOutCount: Int {
    (0..<plan.levelCount).reduce(0) { sum, level in
      sum
        + (0..<plan.shapes.count).reduce(0) { count, shape in
          guard plan.fits[level][shape] else { return count }
          return count + (tiles[level][shape] ? 0 : 1) + (blocks[level][shape] ? 0 : 1)
        }
    }
  }

  // MARK: Outwards

  private func sweepOutwards(_ shouldStop: () -> Bool) -> Bool {
    let levelCount = plan.levelCount
    let count = plan.shapes.count
    for level in 0..<levelCount {
      let size = count * classes.classCount[level]
      insideTile.append(.allocate(capacity: size))
      insideTile[level].initialize(repeating: Units(repeating: .infinity), count: size)
      let blockSize = level < levelCount - 1 ? size : 0
      insideBlock.append(.allocate(capacity: max(blockSize, 1)))
      insideBlock[level].initialize(repeating: Units(repeating: .infinity), count: blockSize)
      tileCycles.append(.allocate(capacity: count))
      tileCycles[level].initialize(repeating: .infinity, count: count)
      blockCycles.append(.allocate(capacity: count))
      blockCycles[level].initialize(repeating: .infinity, count: count)
    }
    startInnermost()
    for level in stride(from: levelCount - 2, through: 0, by: -1) {
      guard boundBlocks(level, shouldStop) else { return false }
      // A tile holds every block inside it.
      let classCount = classes.classCount[level]
      let inside = insideTile[level]
      let cycles = tileCycles[level]
      inside.update(from: insideBlock[level], count: count * classCount)
      cycles.update(from: blockCycles[level], count: count)
      spread(outwards: true) { from, to in
        for c in 0..<classCount {
          let energies = inside[from &* classCount &+ c]
          inside[to &* classCount &+ c].replace(
            with: energies, where: energies .< inside[to &* classCount &+ c])
        }
        cycles[to] = min(cycles[to], cycles[from])
      }
    }
    return true
  }

  /// Accesses by the MACs.
  private func startInnermost() {
    let level = plan.levelCount - 1
    let spatial = plan.spatial[level]
    let classCount = classes.classCount[level]
    let outer = classes.outerUnit[level]
    var energies: [Float] = []
    var cycles: [Float] = []
    for choice in 0..<spatial.count {
      var fewest = Double.infinity
      for sharing in 0..<classCount {
        energies.append(costs.operandCost(choice, classes.vector(level, sharing)))
        fewest = min(fewest, costs.slowestPort())
      }
      cycles.append(Float(fewest * (1 - 1e-6)))
    }
    for shape in 0..<plan.shapes.count where plan.fits[level][shape] {
      spatial.forEach(dividing: shape, plan.shapes) { choice, _ in
        for sharing in 0..<classCount {
          let place = shape &* classCount &+ sharing
          let energy = energies[choice &* classCount &+ sharing]
          let unit = outer[choice]
          if energy < insideTile[level][place][unit] { insideTile[level][place][unit] = energy }
        }
        tileCycles[level][shape] = min(tileCycles[level][shape], cycles[choice])
      }
    }
  }

  /// The least of what is inside every block of a level, over all splits.
  private func boundBlocks(_ level: Int, _ shouldStop: () -> Bool) -> Bool {
    let boundary = level + 1
    let shapes = plan.shapes
    let classCount = classes.classCount[level]
    let innerCount = classes.classCount[boundary]
    let innerUnits = classes.unitCount[boundary]
    let inner = insideTile[boundary]
    let within = tileCycles[boundary]
    let innerClass = classes.innerClass[level]
    let outerUnit = classes.outerUnit[level]
    let table = insideBlock[level]
    let cycles = blockCycles[level]
    for z in 0..<shapes.count where plan.fits[level][z] {
      if shouldStop() { return false }
      rest(outside: z)
      plan.spatial[level].forEach(dividing: z, shapes) { choice, child in
        guard within[child] < .infinity else { return }
        entryCount &+= 1
        let units = outerUnit + choice &* innerUnits
        for sharing in 0..<classCount {
          costs.transfers(level, z, choice, child, classes.vector(level, sharing))
          let sum =
            costs.leastEnergy(shares)
            + inner[child &* innerCount &+ innerClass[choice &* classCount &+ sharing]]
          let place = z &* classCount &+ sharing
          for k in 0..<innerUnits where sum[k] < table[place][units[k]] {
            table[place][units[k]] = sum[k]
          }
        }
        cycles[z] = min(cycles[z], max(within[child], crossing(level)))
      }
    }
    return true
  }

  /// How little the operands of a block may move when all loops outside that do not move them stand innermost.
  private func rest(outside z: Int) {
    for t in 0..<plan.operandCount {
      shares[t] = (1 - 1e-6) / costs.repeats[t &* plan.shapes.count &+ z]
    }
  }

  /// Least cycles of the boundary of the last call of `transfers`.
  private func crossing(_ level: Int) -> Float {
    guard isLimited else { return 0 }
    var fewest = Double.infinity
    for (option, set) in costs.resting.enumerated() {
      var share = 1.0
      for t in 0..<plan.operandCount where (set &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 {
        share = min(share, shares[t])
      }
      fewest = min(fewest, costs.cycles(level, option, share))
    }
    return Float(fewest * (1 - 1e-6))
  }

  // MARK: Inwards

  private func sweepInwards(_ shouldStop: () -> Bool) -> Bool {
    let shapes = plan.shapes
    var outside = Outside(shapes.count, classes.classCount[0])
    defer { outside.deallocate() }
    for sharing in 0..<classes.classCount[0] {
      outside.energy[shapes.whole * classes.classCount[0] + sharing] = 0
      outside.used[shapes.whole * classes.classCount[0] + sharing] = 1
      outside.fewest[shapes.whole * classes.classCount[0] + sharing] = 1
    }
    outside.cycles[shapes.whole] = 0
    for level in 0..<plan.levelCount {
      for shape in 0..<shapes.count where tiles[level][shape] {
        tiles[level][shape] = isPromising(
          level, shape, outside, insideTile[level], tileCycles[level][shape])
        if !tiles[level][shape] { forget(shape, outside, classes.classCount[level]) }
      }
      guard level < plan.levelCount - 1 else { break }
      let classCount = classes.classCount[level]
      tileOutsides.append(Surroundings(outside, shapes.count, classCount))
      let now = outside
      spread(outwards: false) { from, to in
        for c in 0..<classCount {
          let (source, target) = (from &* classCount &+ c, to &* classCount &+ c)
          now.energy[target] = min(now.energy[target], now.energy[source])
          now.used[target] = max(now.used[target], now.used[source])
          now.fewest[target] = min(now.fewest[target], now.fewest[source])
        }
        now.cycles[to] = min(now.cycles[to], now.cycles[from])
      }
      for z in 0..<shapes.count where blocks[level][z] {
        blocks[level][z] = isPromising(
          level, z, now, insideBlock[level], blockCycles[level][z])
      }
      blockOutsides.append(Surroundings(now, shapes.count, classCount))
      let next = Outside(shapes.count, classes.classCount[level + 1])
      let isDone = descend(level, now, next, shouldStop)
      outside.deallocate()
      outside = next
      guard isDone else { return false }
    }
    return true
  }

  private func forget(_ shape: Int, _ outside: Outside, _ classCount: Int) {
    for c in 0..<classCount {
      outside.energy[shape * classCount + c] = .infinity
      outside.used[shape * classCount + c] = 0
      outside.fewest[shape * classCount + c] = .infinity
    }
    outside.cycles[shape] = .infinity
  }

  /// Carries what is outside the promising blocks of a level over all splits.
  private func descend(
    _ level: Int, _ outside: Outside, _ next: Outside, _ shouldStop: () -> Bool
  ) -> Bool {
    let boundary = level + 1
    let shapes = plan.shapes
    let classCount = classes.classCount[level]
    let innerCount = classes.classCount[boundary]
    let innerClass = classes.innerClass[level]
    let spatial = plan.spatial[level]
    let within = tileCycles[boundary]
    for z in 0..<shapes.count where blocks[level][z] {
      if shouldStop() { return false }
      rest(outside: z)
      spatial.forEach(dividing: z, shapes) { choice, child in
        guard within[child] < .infinity else { return }
        for sharing in 0..<classCount {
          let energy = outside.energy[z &* classCount &+ sharing]
          guard energy < .infinity else { continue }
          costs.transfers(level, z, choice, child, classes.vector(level, sharing))
          let place = child &* innerCount &+ innerClass[choice &* classCount &+ sharing]
          let sum = energy + costs.leastEnergy(shares)
          let children = Float(spatial.used[choice])
          let used = outside.used[z &* classCount &+ sharing] * children * (1 + 1e-6)
          let fewest = outside.fewest[z &* classCount &+ sharing] * children * (1 - 1e-6)
          next.energy[place] = min(next.energy[place], sum)
          next.used[place] = max(next.used[place], used)
          next.fewest[place] = min(next.fewest[place], fewest)
        }
        next.cycles[child] = min(next.cycles[child], max(outside.cycles[z], crossing(level)))
      }
    }
    return true
  }

  /// Whether a mapping through a shape may be better than the known one.
  private func isPromising(
    _ level: Int, _ shape: Int, _ outside: Outside, _ inside: UnsafeMutablePointer<Units>,
    _ cycles: Float
  ) -> Bool {
    let slowest = max(cycles, outside.cycles[shape])
    guard slowest < .infinity else { return false }
    let classCount = classes.classCount[level]
    for sharing in 0..<classCount {
      let outer = outside.energy[shape &* classCount &+ sharing]
      guard outer < .infinity else { continue }
      let used = Double(outside.used[shape &* classCount &+ sharing])
      let fewest = Double(outside.fewest[shape &* classCount &+ sharing])
      let inner = inside[shape &* classCount &+ sharing]
      for k in 0..<classes.unitCount[level] where inner[k] < .infinity {
        let energy = (Double(outer) + Double(inner[k])) * (1 - 2e-6)
        let needs = needs(level, k, used: used, fewest: fewest, cycles: Double(slowest))
        if objective.value(energy + needs.energy, needs.cycles) <= limit { return true }
      }
    }
    return false
  }

  /// Least cycles, and least energy beside that of accesses, with a class of parallelism.
  private func needs(_ level: Int, _ k: Int, used: Double, fewest: Double, cycles: Double) -> (
    cycles: Double, energy: Double
  ) {
    let rates = plan.rates
    let busy = plan.operations / (used * classes.edges[level][k])
    // Cycles are whole; what is a rounding error above a whole number is that number.
    let slowest = (max(cycles, fewestCycles, busy) * (1 - 1e-6)).rounded(.up)
    let whole = slowest + Double(rates.networkLatency)
    let leakage =
      self.leakage.fixed + outerLeakage[level] + fewest * self.leakage.inside(level)[k]
    return (whole, rates.fixedEnergy + leakage * slowest + rates.idlePerCycle * whole)
  }

  /// The most energy that may be spent inside a shape with a class of parallelism; what needs more is not promising.
  ///
  /// - Parameter isBlock: Whether the shape is one inside the temporal loops of the level.
  func allowance(_ level: Int, _ shape: Int, isBlock: Bool, units k: Int) -> Float {
    guard isComplete, level < tileOutsides.count else { return .infinity }
    let outside = isBlock ? blockOutsides[level] : tileOutsides[level]
    let needs = needs(
      level, k, used: Double(outside.used[shape]), fewest: Double(outside.fewest[shape]),
      cycles: Double(outside.cycles[shape]))
    let energy =
      objective.mostEnergy(limit, needs.cycles) - needs.energy
      - Double(outside.energy[shape]) * (1 - 2e-6)
    // Above the limit also after rounding; nothing is left where the limit leaves no energy.
    return energy > 0 ? Float(energy * (1 + 4e-6)) : 0
  }

  // MARK: Nested shapes

  /// Calls `merge` so that what every shape has reaches all shapes that it divides, or all that divide it.
  private func spread(outwards: Bool, _ merge: (_ from: Int, _ to: Int) -> Void) {
    let shapes = plan.shapes
    for d in 0..<shapes.n {
      let divisors = shapes.divisors[d]
      for step in 0..<shapes.count {
        let shape = outwards ? step : shapes.count - 1 - step
        let digit = Int(shapes.digits[shape * shapes.n + d])
        let others = outwards ? 0..<digit : digit + 1..<divisors.count
        for place in others {
          let isNested =
            outwards
            ? divisors[digit] % divisors[place] == 0 : divisors[place] % divisors[digit] == 0
          guard isNested else { continue }
          merge(shape + (place - digit) * shapes.stride[d], shape)
        }
      }
    }
  }
}
