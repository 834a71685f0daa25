import Accelerator
import CostModel

/// Lower bounds of what crosses one boundary, for one split of a tile at a time.
///
/// Every call of `transfers` prepares a split; what it costs then depends on the share of the deliveries each operand needs.
final class BoundaryCosts {
  typealias Columns = SIMD8<Float>

  let plan: SearchPlan
  let rates: CostRates
  private let levelCount: Int
  private let operandCount: Int
  private let slides: [[SlideTable]]
  /// `T`: whether an operand has windows.
  private let hasSlides: UnsafeMutablePointer<Bool>
  /// `levelCount x T`: the level outside that serves an operand to this one, or -1.
  private let homes: UnsafeMutablePointer<Int>
  /// Most instances of each level that can be used.
  private let largestUsed: UnsafeMutablePointer<Double>
  /// `T x S`: iterations of loops an operand does not depend on, outside a shape.
  let repeats: UnsafeMutablePointer<Double>
  /// By operand, of the last call of `transfers`: energy in proportion to deliveries, energy that no order changes, least
  /// energy whatever the deliveries; words per instance of the home.
  private let linear: UnsafeMutablePointer<Double>
  private let constant: UnsafeMutablePointer<Double>
  private let least: UnsafeMutablePointer<Double>
  private let asked: UnsafeMutablePointer<Double>
  private let filled: UnsafeMutablePointer<Double>
  /// `levelCount x 3`: cycles at a level per port, of the last call of `cycles`.
  private let ports: UnsafeMutablePointer<Double>
  /// By level, for each choice and operand: least network energy of a word on its way to one child, in pJ, 0 without.
  private let network: UnsafeMutablePointer<UnsafeMutablePointer<Double>?>
  /// By option, operands that rest, as bits.
  let resting: [UInt32]

  init(_ plan: SearchPlan, _ rates: CostRates) {
    self.plan = plan
    self.rates = rates
    levelCount = plan.levelCount
    operandCount = plan.operandCount
    resting = plan.options.sets
    let shapes = plan.shapes
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
          guard rates.travels[t] else {
            table[choice * operandCount + t] = 0
            continue
          }
          let copies = spatial.copies[choice * operandCount + t]
          let hops = floor.hops(children: Int(spatial.used[choice]), copies: copies)
          table[choice * operandCount + t] =
            (hops * rates.hop[level]
              + spatial.used[choice] / copies * rates.router[level]) / spatial.used[choice]
        }
      }
      network[level] = table
    }
  }

  deinit {
    for level in 0..<levelCount { network[level]?.deallocate() }
    network.deallocate()
    hasSlides.deallocate()
    homes.deallocate()
    largestUsed.deallocate()
    repeats.deallocate()
    linear.deallocate()
    asked.deallocate()
    filled.deallocate()
    ports.deallocate()
  }

  /// Energy of the accesses by the MACs under a split of the innermost fan-out; their words are left in `ports`.
  func operandCost(_ choice: Int, _ sharing: UnsafePointer<Double>) -> Float {
    let level = levelCount - 1
    let shapes = plan.shapes
    let spatial = plan.spatial[level]
    var energy = 0.0
    for port in 0..<3 * levelCount { ports[port] = 0 }
    for t in 0..<operandCount {
      guard let home = plan.home(of: t, outside: level + 1) else { continue }
      var copies = spatial.copies[choice * operandCount + t] * sharing[t]
      if !hasSlides[t] { copies = min(copies, repeats[t * shapes.count]) }
      let words = max(plan.operations / copies, plan.distinct[t])
      if let table = network[level] {
        energy += plan.operations * table[choice * operandCount + t]
      }
      let pair = home * operandCount + t
      let size = rates.wordsPerElement[pair] / largestUsed[home]
      if t == rates.result {
        var read = 0.0
        if !hasSlides[t] {
          let owned = shapes.tile[t * shapes.count + shapes.whole] * sharing[operandCount]
          read = max(0, words - owned)
        }
        energy += words * rates.update[pair] * rates.activeShare[t]
        energy += read * rates.read[pair] * rates.activeShare[t]
        ports[3 * home] += read * size
        ports[3 * home + 1] += words * size
      } else {
        energy += words * rates.read[pair] * rates.activeShare[t]
        ports[3 * home] += words * size
      }
    }
    return BoundaryCosts.rounded(energy)
  }

  /// Cycles of the busiest port of the last call of `operandCost`.
  func slowestPort() -> Double {
    var slowest = 0.0
    for level in 0..<levelCount {
      slowest = max(
        slowest, ports[3 * level] / rates.readBandwidth[level],
        ports[3 * level + 1] / rates.writeBandwidth[level],
        (ports[3 * level] + ports[3 * level + 1]) / rates.sharedBandwidth[level])
    }
    return slowest
  }

  /// Energy of the transfers over the boundary below `level` when the tile with fan-out is `z` and a child's is `child`, by
  /// operand: in proportion to deliveries in `linear`, what no order changes in `constant`, what is needed whatever the
  /// order in `least`, for every element goes over the boundary at least once.
  ///
  /// - Parameter sharing: At the boundary of the level.
  @inline(__always)
  func transfers(
    _ level: Int, _ z: Int, _ choice: Int, _ child: Int, _ sharing: UnsafePointer<Double>
  ) {
    let shapes = plan.shapes
    let boundary = level &+ 1
    let copies = plan.spatial[level].copies + choice &* operandCount
    let iterations = plan.operations / shapes.volume[child]
    for t in 0..<operandCount {
      linear[t] = 0
      constant[t] = 0
      least[t] = 0
      asked[t] = 0
      filled[t] = 0
      let here = boundary &* operandCount &+ t
      let home = homes[here]
      let wires = network[level]
      guard home >= 0 || wires != nil else { continue }
      var words = shapes.tile[t &* shapes.count &+ child] * iterations
      if hasSlides[t] {
        guard t != rates.result else { continue }
        var slid = words
        for table in slides[t] { slid = min(slid, words * table.share(shapes, z, child)) }
        words = slid
      }
      if let wires { linear[t] = words * wires[choice &* operandCount &+ t] }
      guard home >= 0 else { continue }
      let outer = home &* operandCount &+ t
      var shared = copies[t] * sharing[t]
      if !hasSlides[t] { shared = min(shared, repeats[t &* shapes.count &+ child]) }
      let reads = words / shared
      if t == rates.result {
        linear[t] += reads * (rates.update[outer] + rates.read[outer]) + words * rates.fill[here]
        constant[t] =
          -firstVisits(sharing[operandCount], child) * rates.read[outer]
          - firstVisits(sharing[operandCount] * sharing[t] * copies[t], child) * rates.fill[here]
        least[t] = plan.distinct[t] * rates.update[outer]
      } else {
        linear[t] += reads * rates.read[outer] + words * rates.fill[here]
        least[t] = plan.distinct[t] * (rates.read[outer] + rates.fill[here])
        filled[t] = words
      }
      asked[t] = reads
    }
  }

  /// Cycles of the boundary of the last call of `transfers`, when the operands of an option need `share` of the deliveries.
  ///
  /// Grows with the share; results count as updates of their home only.
  @inline(__always)
  func cycles(_ level: Int, _ option: Int, _ share: Double) -> Double {
    let boundary = level &+ 1
    for port in 0..<3 &* (boundary &+ 1) { ports[port] = 0 }
    for t in 0..<operandCount {
      let here = boundary &* operandCount &+ t
      let home = homes[here]
      guard home >= 0 else { continue }
      let part = (resting[option] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 ? share : 1
      let outer = home &* operandCount &+ t
      let words =
        max(asked[t] * part, plan.distinct[t]) * rates.wordsPerElement[outer] / largestUsed[home]
      if t == rates.result { ports[3 &* home &+ 1] += words } else { ports[3 &* home] += words }
      guard t != rates.result else { continue }
      ports[3 &* boundary &+ 1] +=
        max(filled[t] * part, plan.distinct[t]) * rates.wordsPerElement[here]
        / largestUsed[boundary]
    }
    var slowest = 0.0
    for level in 0...boundary {
      slowest = max(
        slowest, ports[3 &* level] / rates.readBandwidth[level],
        ports[3 &* level &+ 1] / rates.writeBandwidth[level],
        (ports[3 &* level] + ports[3 &* level &+ 1]) / rates.sharedBandwidth[level])
    }
    return slowest
  }

  /// Energy of the prepared split when each operand needs a share of the deliveries.
  @inline(__always)
  func energy(_ shares: UnsafePointer<Double>) -> Float {
    var energy = 0.0
    for t in 0..<operandCount { energy += max(least[t], linear[t] * shares[t] + constant[t]) }
    return BoundaryCosts.rounded(energy)
  }

  /// Energy of the prepared split when the operands of an option need a share of the deliveries.
  @inline(__always)
  func energy(_ option: Int, share: Double) -> Double {
    var energy = 0.0
    for t in 0..<operandCount {
      let part = (resting[option] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 ? share : 1
      energy += max(least[t], linear[t] * part + constant[t])
    }
    return energy
  }

  /// Least energy of the prepared split over all options, when every operand at rest needs its own share of the deliveries.
  @inline(__always)
  func leastEnergy(_ shares: UnsafePointer<Double>) -> Float {
    var lowest = Double.infinity
    for option in resting {
      var energy = 0.0
      for t in 0..<operandCount {
        let part = (option &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 ? shares[t] : 1
        energy += max(least[t], linear[t] * part + constant[t])
      }
      lowest = min(lowest, energy)
    }
    return BoundaryCosts.rounded(lowest)
  }

  /// Energies of the boundary of the last call of `transfers` in all columns.
  @inline(__always)
  func energies(_ option: Int) -> Columns {
    var base = 0.0
    var slope = 0.0
    var lowest = 0.0
    for t in 0..<operandCount {
      if (resting[option] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 {
        base += constant[t]
        slope += linear[t]
        lowest += least[t]
      } else {
        let energy = max(least[t], linear[t] + constant[t])
        base += energy
        lowest += energy
      }
    }
    var energies = Columns()
    var share = 1.0
    for i in 0..<(CompletionBounds.shareCount &- 1) {
      energies[i] = BoundaryCosts.rounded(base + slope * share)
      share *= 0.25
    }
    energies[CompletionBounds.shareCount &- 1] = BoundaryCosts.rounded(base)
    energies[CompletionBounds.shareCount] = BoundaryCosts.rounded(max(base, lowest))
    return energies
  }

  /// Below the value, also after single precision.
  @inline(__always)
  static func rounded(_ energy: Double) -> Float {
    Float(energy - abs(energy) * 1e-6)
  }

  /// The result's words that need not be read or filled at a level: at most the whole result for every copy outside.
  @inline(__always)
  private func firstVisits(_ copies: Double, _ shape: Int) -> Double {
    plan.shapes.tile[plan.rates.result &* plan.shapes.count &+ plan.shapes.whole]
      * min(copies, repeats[plan.rates.result &* plan.shapes.count &+ shape])
  }
}
