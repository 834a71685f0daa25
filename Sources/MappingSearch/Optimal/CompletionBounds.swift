import CostModel
import Foundation

/// Lower bounds of what the levels inside a boundary cost, for every shape of tile there.
///
/// The bound relaxes the problem boundary by boundary: each takes the best of all ways to let operands rest
/// (`StationarityOptions`), as if the other boundaries had no say in the order of loops, and the best slide of a window.
/// A dynamic program over nested shapes then adds boundaries up. Energy comes by class of parallelism: bound `k` holds for
/// all continuations that use at most `edge(k)` units below one instance.
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

  private let plan: SearchPlan
  /// By boundary: units below one instance, largest first.
  private(set) var edges: [[Double]] = []
  /// By boundary `1..<L`: for every shape, energy in pJ by class.
  private var rest: [UnsafeMutablePointer<Lanes>?] = []
  /// By level `0..<L - 1`: for shape, option and share, energy from the boundary below inwards.
  private var step: [UnsafeMutablePointer<Lanes>?] = []
  /// For each operand with windows, least share of a tile that one step of a slide brings, by places of the two dimensions
  /// in the tile with its fan-out and in one child.
  private var slides: [[SlideTable]] = []
  /// `L x T`: the level outside that serves an operand to this one, or -1; most children it may reach in between.
  private var homes: [Int] = []
  private var between: [Double] = []
  /// By operand, of the last call of `transfers`.
  private var linear: [Double]
  /// Entries that were computed.
  private(set) var entryCount = 0

  init(_ plan: SearchPlan) {
    self.plan = plan
    let L = plan.levelCount
    let T = plan.operandCount
    linear = Array(repeating: 0, count: T)
    homes = Array(repeating: -1, count: L * T)
    between = Array(repeating: 1, count: L * T)
    for boundary in 1..<max(L, 1) {
      for t in 0..<T where plan.keeps[t][boundary] {
        guard let home = plan.home(of: t, outside: boundary) else { continue }
        homes[boundary * T + t] = home
        for level in home..<(boundary - 1) {
          between[boundary * T + t] *= Double(plan.spatial[level].largestUsed)
        }
      }
    }
    rest = Array(repeating: nil, count: L + 1)
    step = Array(repeating: nil, count: L)
    var units = [Double](repeating: 1, count: L + 1)
    for level in stride(from: L - 1, through: 0, by: -1) {
      units[level] = units[level + 1] * Double(plan.spatial[level].largestUsed)
    }
    edges = units.map { top in
      (0..<CompletionBounds.classCount).map { k in
        top == 1 ? 1 : top * pow(CompletionBounds.ratio, -Double(k)) * (1 + 1e-12)
      }
    }
    slides = (0..<plan.operandCount).map { SlideTable.tables(for: $0, plan) }
    fillInnermost()
    for level in stride(from: L - 2, through: 0, by: -1) {
      fillSteps(level)
      if level > 0 { fillRest(level) }
    }
  }

  deinit {
    for table in rest { table?.deallocate() }
    for table in step { table?.deallocate() }
  }

  /// The class of a number of units at a boundary.
  @inline(__always)
  private func classIndex(_ units: Double, _ boundary: Int) -> Int {
    let top = edges[boundary][0]
    guard units < top else { return 0 }
    let k = Int(log(top / units) / log(CompletionBounds.ratio) + 1e-9)
    var index = min(k, CompletionBounds.classCount - 1)
    while index > 0, edges[boundary][index] < units { index -= 1 }
    return index
  }

  /// Energy inside a boundary, by class of parallelism.
  @inline(__always)
  func rest(inside boundary: Int, _ shape: Int) -> Lanes {
    rest[boundary].map { $0[shape] } ?? Lanes(repeating: .infinity)
  }

  /// Energy from the boundary below `level` inwards when its tile with fan-out has shape `z` and the operands of an option
  /// need `share` of the deliveries.
  @inline(__always)
  func energy(below level: Int, _ z: Int, option: Int, share: Float) -> Lanes {
    guard let table = step[level] else { return Lanes(repeating: .infinity) }
    let base = table + (z * plan.options.sets.count + option) * CompletionBounds.shareCount
    let i = CompletionBounds.sharePlace(share)
    let upper = CompletionBounds.share(i)
    let lower = CompletionBounds.share(i + 1)
    let weight = (share - lower) / (upper - lower)
    let low = base[i + 1]
    return low + (base[i] - low) * weight
  }

  /// Grid of shares: 1, 1/4, 1/16, …, 0.
  @inline(__always)
  static func share(_ place: Int) -> Float {
    place >= shareCount - 1 ? 0 : Float(sign: .plus, exponent: -2 * place, significand: 1)
  }

  @inline(__always)
  static func sharePlace(_ share: Float) -> Int {
    guard share > 0 else { return shareCount - 2 }
    // 1 and 1/4 < share <= 1 fall into place 0.
    let exponent = share.significand == 1 ? -Int(share.exponent) : -Int(share.exponent) - 1
    return min(max(exponent / 2, 0), shareCount - 2)
  }

  /// Energy of the boundary below `level` alone for one split, with the best option.
  @inline(__always)
  func leastStep(
    _ level: Int, _ z: Int, _ choice: Int, _ child: Int, _ shares: UnsafePointer<Float>
  ) -> Float {
    let constant = transfers(level, z, plan.spatial[level].choices[choice], child)
    var least = Double.infinity
    for (option, resting) in plan.options.sets.enumerated() {
      var energy = constant
      for t in 0..<plan.operandCount {
        energy +=
          linear[t] * (resting >> UInt32(t) & 1 == 1 ? Double(shares[option]) * (1 - 1e-6) : 1)
      }
      least = min(least, energy)
    }
    return CompletionBounds.rounded(least)
  }

  /// Best slide of an operand's tile.
  @inline(__always)
  func slide(_ t: Int, _ z: Int, _ child: Int) -> Double {
    var best = 1.0
    for table in slides[t] { best = min(best, table.share(plan.shapes, z, child)) }
    return best
  }

  /// The result's words that need not be read or filled at a level: at most the whole result for every copy outside.
  private func firstVisits(_ boundary: Int, _ shape: Int, _ copiesHere: Double) -> Double {
    let t = plan.rates.result
    var outer = copiesHere
    for level in 0..<max(boundary - 1, 0) { outer *= Double(plan.spatial[level].largestUsed) }
    var iterations = 1.0
    for (d, bound) in plan.bounds.enumerated() where !plan.relevance[t][d] {
      iterations *= Double(bound / plan.shapes.extent(shape, d))
    }
    return plan.shapes.tile[t * plan.shapes.count + plan.shapes.whole] * min(outer, iterations)
  }

  private func fillInnermost() {
    let level = plan.levelCount - 1
    let shapes = plan.shapes
    let rates = plan.rates
    let table = UnsafeMutablePointer<Lanes>.allocate(capacity: shapes.count)
    rest[level] = table
    let T = plan.operandCount
    let resultHasWindow = plan.axis[rates.result].contains { $0 >= 0 }
    for shape in 0..<shapes.count {
      table[shape] = Lanes(repeating: .infinity)
      guard plan.fits[level][shape] else { continue }
      for choice in plan.spatial[level].choices where shapes.child(shape, choice.places) >= 0 {
        var energy = 0.0
        for t in 0..<T {
          guard let home = plan.home(of: t, outside: level + 1) else { continue }
          var copies = choice.copies[t]
          for between in home..<level { copies *= Double(plan.spatial[between].largestUsed) }
          let words = plan.operations / copies
          let pair = home * T + t
          if t == rates.result {
            energy += words * rates.update[pair] * rates.activeShare[t]
            var outer = 1.0
            for between in 0..<home { outer *= Double(plan.spatial[between].largestUsed) }
            if !resultHasWindow {
              let owned = shapes.tile[t * shapes.count + shapes.whole] * outer
              energy += max(0, words - owned) * rates.read[pair] * rates.activeShare[t]
            }
          } else {
            energy += words * rates.read[pair] * rates.activeShare[t]
          }
        }
        let k = classIndex(Double(choice.used), level)
        table[shape][k] = min(table[shape][k], CompletionBounds.rounded(energy))
        entryCount += 1
      }
    }
  }

  /// Below the value, also after single precision.
  @inline(__always)
  private static func rounded(_ energy: Double) -> Float {
    Float(energy - abs(energy) * 1e-6)
  }

  /// Energy of the transfers over the boundary below `level` when the tile with fan-out is `z` and a child's is `child`:
  /// the part no order changes is returned, the part in proportion to deliveries is left in `linear`, by operand.
  private func transfers(
    _ level: Int, _ z: Int, _ choice: SpatialChoices.Choice, _ child: Int
  ) -> Double {
    let shapes = plan.shapes
    let rates = plan.rates
    let T = plan.operandCount
    let boundary = level + 1
    var constant = 0.0
    let repeats = plan.operations / shapes.volume[child]
    for t in 0..<T {
      linear[t] = 0
      let home = homes[boundary * T + t]
      guard home >= 0 else { continue }
      let outer = home * T + t
      let here = boundary * T + t
      var words = shapes.tile[t * shapes.count + child] * repeats
      let copies = choice.copies[t] * between[boundary * T + t]
      if !slides[t].isEmpty { words *= slide(t, z, child) }
      if t == rates.result {
        guard slides[t].isEmpty else { continue }
        linear[t] = words * ((rates.update[outer] + rates.read[outer]) / copies + rates.fill[here])
        constant -=
          firstVisits(home, child, home > 0 ? Double(plan.spatial[home - 1].largestUsed) : 1)
          * rates.read[outer]
          + firstVisits(boundary, child, choice.copies[t]) * rates.fill[here]
      } else {
        linear[t] = words * (rates.read[outer] / copies + rates.fill[here])
      }
    }
    return constant
  }

  private func fillSteps(_ level: Int) {
    let shapes = plan.shapes
    let T = plan.operandCount
    let boundary = level + 1
    let optionCount = plan.options.sets.count
    let shareCount = CompletionBounds.shareCount
    let table = UnsafeMutablePointer<Lanes>.allocate(
      capacity: shapes.count * optionCount * shareCount)
    table.initialize(
      repeating: Lanes(repeating: .infinity), count: shapes.count * optionCount * shareCount)
    step[level] = table
    guard let inner = rest[boundary] else { return }
    // Classes at this boundary of every class inside, by split.
    let innerClasses = edges[boundary][0] == 1 ? 1 : CompletionBounds.classCount
    let classes = plan.spatial[level].choices.map { choice in
      (0..<innerClasses).map { k in
        classIndex(Double(choice.used) * edges[boundary][k], level)
      }
    }
    for z in 0..<shapes.count where plan.fits[level][z] {
      let row = table + z * optionCount * shareCount
      for (c, choice) in plan.spatial[level].choices.enumerated() {
        let child = shapes.child(z, choice.places)
        guard child >= 0, plan.fits[boundary][child] else { continue }
        entryCount += 1
        let constant = transfers(level, z, choice, child)
        let lanes = inner[child]
        for option in 0..<optionCount {
          let resting = plan.options.sets[option]
          var base = constant
          var slope = 0.0
          for t in 0..<T {
            if resting >> UInt32(t) & 1 == 1 { slope += linear[t] } else { base += linear[t] }
          }
          for k in 0..<innerClasses where lanes[k] < .infinity {
            let target = classes[c][k]
            for i in 0..<shareCount {
              let energy =
                CompletionBounds.rounded(base + slope * Double(CompletionBounds.share(i)))
                + lanes[k]
              let entry = row + option * shareCount + i
              if energy < entry.pointee[target] { entry.pointee[target] = energy }
            }
          }
        }
      }
    }
  }

  /// Bounds at the boundary outside a level, from all temporal loops it may have.
  private func fillRest(_ level: Int) {
    let shapes = plan.shapes
    let table = UnsafeMutablePointer<Lanes>.allocate(capacity: shapes.count)
    rest[level] = table
    let walker = NestedShapes(plan)
    for shape in 0..<shapes.count {
      guard plan.fits[level][shape] else {
        table[shape] = Lanes(repeating: .infinity)
        continue
      }
      var best = Lanes(repeating: .infinity)
      for t in 0..<plan.operandCount {
        walker.outerRun[t] = 1
        for (d, bound) in plan.bounds.enumerated() where !plan.relevance[t][d] {
          walker.outerRun[t] *= Double(bound / shapes.extent(shape, d))
        }
      }
      walker.forEach(inside: shape) { z, _, shares in
        for option in plan.options.sets.indices {
          let candidate = energy(below: level, z, option: option, share: shares[option])
          best.replace(with: candidate, where: candidate .< best)
        }
        entryCount += 1
      }
      table[shape] = best
    }
  }
}
