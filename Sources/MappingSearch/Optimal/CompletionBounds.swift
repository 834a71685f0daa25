import Accelerator
import CostModel
import Foundation

/// Lower bounds of what the levels inside a boundary cost, for every shape of tile there.
///
/// The bound relaxes the problem boundary by boundary: each takes the best of all ways to let operands rest
/// (`StationarityOptions`), as if the other boundaries had no say in the order of loops, and the best slide of a window.
/// A dynamic program over nested shapes then adds boundaries up. Energy comes by class of parallelism: bound `k` holds for
/// all continuations that use at most `edges[k]` units below one instance. Cycles are bounded by the bandwidth of the
/// levels a boundary connects.
///
/// That partial tile shapes have optimal substructure once orders are reduced to classes is the idea of the Turbo-Charged
/// Mapper (2026); ours differs in being a bound for branch and bound rather than the search itself, and in the classes.
final class CompletionBounds {
  typealias Lanes = SIMD16<Float>
  static let classCount = 16
  /// Ratio of neighboring edges.
  static let ratio = 1.06
  /// Points at which the cost of a boundary is tabulated over the share of deliveries an operand at rest needs.
  static let shareCount = 7

  /// What one option at one boundary costs at least.
  struct Step {
    /// Energy in pJ from the boundary inwards, by class of parallelism.
    var energy: Lanes
    /// Cycles of the tightest bandwidth from the boundary inwards.
    var cycles: Float
  }

  let plan: SearchPlan
  let levelCount: Int
  let operandCount: Int
  let optionCount: Int
  /// `(levelCount + 1) x classCount`: units below one instance of a boundary, largest first.
  let edges: UnsafeMutablePointer<Double>
  // By boundary `1..<levelCount`, for shape, option and share: energy by class, when the innermost temporal loop outside lets
  // the option's operands rest and they need the share of the iterations. For every shape: least cycles.
  let rest: UnsafeMutablePointer<UnsafeMutablePointer<Lanes>?>
  let restCycles: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  /// By level `0..<levelCount - 1`, for shape, option and share: energy from the boundary below inwards, cycles of the boundary.
  let step: UnsafeMutablePointer<UnsafeMutablePointer<Lanes>?>
  let stepCycles: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  /// By level, for shape: `step` at its least over options and shares; least cycles inside the boundary below.
  let floor: UnsafeMutablePointer<UnsafeMutablePointer<Lanes>?>
  let innerCycles: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  /// For each operand with windows, the shares of its slides.
  let slides: [[SlideTable]]
  let hasSlides: UnsafeMutablePointer<Bool>
  // `levelCount x operandCount`: the level outside that serves an operand to this one, or -1; most children it may reach
  // in between.
  let homes: UnsafeMutablePointer<Int>
  let between: UnsafeMutablePointer<Double>
  /// Most instances of each level that can be used.
  let largestUsed: UnsafeMutablePointer<Double>
  /// `operandCount x S`: iterations of loops an operand does not depend on, outside a shape.
  let repeats: UnsafeMutablePointer<Double>
  /// By operand, of the last call of `transfers`: energy in proportion to deliveries; words per instance of the home.
  let linear: UnsafeMutablePointer<Double>
  var constant = 0.0
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

  init(_ plan: SearchPlan) {
    self.plan = plan
    levelCount = plan.levelCount
    operandCount = plan.operandCount
    resting = plan.options.sets
    optionCount = plan.options.sets.count
    let shapes = plan.shapes
    edges = .allocate(capacity: (levelCount + 1) * CompletionBounds.classCount)
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
    between = .allocate(capacity: levelCount * operandCount)
    between.initialize(repeating: 1, count: levelCount * operandCount)
    largestUsed = .allocate(capacity: levelCount + 1)
    largestUsed[0] = 1
    for level in 0..<levelCount {
      largestUsed[level + 1] = largestUsed[level] * Double(plan.spatial[level].largestUsed)
    }
    for boundary in 1..<max(levelCount, 1) {
      for t in 0..<operandCount where plan.keeps[t][boundary] {
        guard let home = plan.home(of: t, outside: boundary) else { continue }
        homes[boundary * operandCount + t] = home
        for level in home..<(boundary - 1) {
          between[boundary * operandCount + t] *= CompletionBounds.mostCopies(
            plan.spatial[level], t, operandCount)
        }
      }
    }
    let units = CompletionBounds.largestUnits(plan)
    for boundary in 0...levelCount {
      for k in 0..<CompletionBounds.classCount {
        edges[boundary * CompletionBounds.classCount + k] =
          units[boundary] == 1
          ? 1 : units[boundary] * pow(CompletionBounds.ratio, -Double(k)) * (1 + 1e-12)
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
    linear = .allocate(capacity: operandCount)
    linear.initialize(repeating: 0, count: operandCount)
    asked = .allocate(capacity: operandCount)
    asked.initialize(repeating: 0, count: operandCount)
    filled = .allocate(capacity: operandCount)
    filled.initialize(repeating: 0, count: operandCount)
    ports = .allocate(capacity: 3 * (levelCount + 1))
    ports.initialize(repeating: 0, count: 3 * (levelCount + 1))
    isLimited = (0..<levelCount).contains {
      min(
        plan.rates.readBandwidth[$0], plan.rates.writeBandwidth[$0], plan.rates.sharedBandwidth[$0])
        < .infinity
    }
    network = .allocate(capacity: levelCount)
    network.initialize(repeating: nil, count: levelCount)
    for level in 0..<levelCount where plan.rates.hasNetwork[level] {
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
            (hops * plan.rates.hop[level]
              + spatial.used[choice] / copies * plan.rates.router[level]) / spatial.used[choice]
        }
      }
      network[level] = table
    }
    fillInnermost()
    for level in stride(from: levelCount - 2, through: 0, by: -1) {
      fillSteps(level)
      if level > 0 { fillRest(level) }
    }
  }

  deinit {
    for level in 0..<levelCount {
      rest[level]?.deallocate()
      restCycles[level]?.deallocate()
      step[level]?.deallocate()
      stepCycles[level]?.deallocate()
      floor[level]?.deallocate()
      innerCycles[level]?.deallocate()
      network[level]?.deallocate()
    }
    network.deallocate()
    edges.deallocate()
    rest.deallocate()
    restCycles.deallocate()
    step.deallocate()
    stepCycles.deallocate()
    floor.deallocate()
    innerCycles.deallocate()
    hasSlides.deallocate()
    homes.deallocate()
    between.deallocate()
    largestUsed.deallocate()
    repeats.deallocate()
    linear.deallocate()
    asked.deallocate()
    filled.deallocate()
    ports.deallocate()
  }

  /// Most children of a fan-out that can have the same tile of an operand.
  static func mostCopies(_ spatial: SpatialChoices, _ t: Int, _ operandCount: Int) -> Double {
    (0..<spatial.count).reduce(1) { max($0, spatial.copies[$1 * operandCount + t]) }
  }

  /// By boundary, most units below one instance that any shape of tile there can use.
  static func largestUnits(_ plan: SearchPlan) -> [Double] {
    let levelCount = plan.levelCount
    let shapes = plan.shapes
    var units = [Double](repeating: 1, count: levelCount + 1)
    var inner = [Double](repeating: 1, count: shapes.count)
    for level in stride(from: levelCount - 1, through: 0, by: -1) {
      var here = [Double](repeating: 0, count: shapes.count)
      for z in 0..<shapes.count where plan.fits[level][z] {
        let spatial = plan.spatial[level]
        spatial.forEach(dividing: z, shapes) { choice, child in
          guard level + 1 == levelCount || plan.fits[level + 1][child] else { return }
          here[z] = max(here[z], spatial.used[choice] * inner[child])
        }
      }
      // A larger tile can do what those inside it can, with temporal loops.
      for d in 0..<shapes.n {
        let divisors = shapes.divisors[d]
        for shape in 0..<shapes.count {
          let digit = Int(shapes.digits[shape * shapes.n + d])
          for place in 0..<digit where divisors[digit] % divisors[place] == 0 {
            here[shape] = max(here[shape], here[shape - (digit - place) * shapes.stride[d]])
          }
        }
      }
      units[level] = max(1, here.max() ?? 1)
      inner = here
    }
    return units
  }

  /// The class of a number of units at a boundary.
  func classIndex(_ units: Double, _ boundary: Int) -> Int {
    let edges = self.edges + boundary * CompletionBounds.classCount
    guard edges[0] > 1 else { return 0 }
    var index = 0
    while index + 1 < CompletionBounds.classCount, edges[index + 1] >= units { index += 1 }
    return index
  }

  /// Energy inside a boundary, by class of parallelism, when the operands of an option need a share of the deliveries of
  /// the temporal loops outside, and all others all of them.
  @inline(__always)
  func rest(inside boundary: Int, _ shape: Int, option: Int, share: Float) -> Lanes {
    guard let table = rest[boundary] else { return Lanes(repeating: .infinity) }
    let base = table + (shape &* optionCount &+ option) &* CompletionBounds.shareCount
    let i = CompletionBounds.sharePlace(share)
    let upper = CompletionBounds.share(i)
    let lower = CompletionBounds.share(i &+ 1)
    let weight = (share - lower) / (upper - lower)
    let low = base[i &+ 1]
    return low + (base[i] - low) * weight
  }

  /// The same for every operand's share.
  @inline(__always)
  func rest(inside boundary: Int, _ shape: Int, shares: UnsafePointer<Double>) -> Lanes {
    var set: UInt32 = 0
    for t in 0..<operandCount where shares[t] < 1 { set |= 1 &<< UInt32(truncatingIfNeeded: t) }
    // Every option that allows the operands to rest gives a bound.
    var most = Lanes(repeating: -.infinity)
    for option in 0..<optionCount where set & ~resting[option] == 0 {
      var share = 1.0
      for t in 0..<operandCount where (resting[option] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1 {
        share = min(share, shares[t])
      }
      var lanes = rest(inside: boundary, shape, option: option, share: Float(share * (1 - 1e-7)))
      // Between two infinities there is no number.
      lanes.replace(with: .infinity, where: lanes .!= lanes)
      most.replace(with: lanes, where: lanes .> most)
    }
    return most
  }

  /// Cycles inside a boundary.
  @inline(__always)
  func restCycles(inside boundary: Int, _ shape: Int) -> Float {
    restCycles[boundary].map { $0[shape] } ?? 0
  }

  /// Bound from the boundary below `level` inwards when its tile with fan-out has shape `z` and the operands of an option
  /// need `share` of the deliveries.
  @inline(__always)
  func step(below level: Int, _ z: Int, option: Int, share: Float) -> Step {
    guard let table = step[level], let cycles = stepCycles[level], let inner = innerCycles[level]
    else { return Step(energy: Lanes(repeating: .infinity), cycles: 0) }
    let row = (z &* optionCount &+ option) &* CompletionBounds.shareCount
    let base = table + row
    let i = CompletionBounds.sharePlace(share)
    let upper = CompletionBounds.share(i)
    let lower = CompletionBounds.share(i &+ 1)
    // Costs are concave in the share, so a chord is a bound.
    let weight = (share - lower) / (upper - lower)
    let low = base[i &+ 1]
    guard isLimited else { return Step(energy: low + (base[i] - low) * weight, cycles: 0) }
    // Cycles are not, but they only grow with it.
    let place = share >= upper ? i : i &+ 1
    return Step(
      energy: low + (base[i] - low) * weight, cycles: max(cycles[row &+ place], inner[z]))
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

  /// Bound of the boundary below `level` for the prepared split, when each operand needs a share of
  /// the deliveries.
  @inline(__always)
  func step(_ shares: UnsafePointer<Double>) -> Float {
    var energy = constant
    for t in 0..<operandCount { energy += linear[t] * shares[t] }
    return CompletionBounds.rounded(energy)
  }

  /// Prepares bounds of one split of the fan-out below a level.
  @inline(__always)
  func prepare(_ level: Int, _ z: Int, _ choice: Int, _ child: Int) {
    constant = transfers(level, z, choice, child)
  }

  /// Bound of the boundary below `level` alone for the prepared split and an option.
  @inline(__always)
  func step(_ level: Int, option: Int, share: Float) -> (energy: Float, cycles: Float) {
    var energy = constant
    let share = Double(share) * (1 - 1e-6)
    for t in 0..<operandCount {
      energy += linear[t] * ((resting[option] &>> UInt32(t)) & 1 == 1 ? share : 1)
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
