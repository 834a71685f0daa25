import CostModel
import Foundation

/// What the levels on both sides of a boundary know of each other: classes of parallelism inside and of sharing outside.
///
/// Energy inside a boundary depends on what lies outside in a way that does not add up: an operand that levels bypass is
/// read from its home once for all children that share it, on every fan-out in between; and results are not read back
/// where they are written first, which happens once a copy. So bounds are tabulated by lane, one for each pair of a class
/// of sharing and a class of parallelism. A sharing is a vector with one entry an operand, the children that share a tile
/// on the fan-outs between its home and the boundary (1 where the level keeps it), and a last entry, the copies of the
/// result outside its home. A class stands for all vectors nowhere above it.
///
/// Legend: boundary `b` has `classCount[b] x unitCount[b]` lanes.
final class BoundaryClasses {
  /// Most lanes where sharing is open.
  static let largestLaneCount = 256
  static let largestUnitCount = 8
  /// Ratio of the most to the fewest units that classes tell apart.
  private static let unitRange = 64.0

  /// Entries of a sharing.
  let width: Int
  let classCount: [Int]
  let unitCount: [Int]
  /// By boundary `0..<levelCount`: `classCount x width`.
  private let vectors: [UnsafeMutablePointer<Double>]
  /// By boundary: most units below one instance that a class stands for, largest first.
  let edges: [UnsafeMutablePointer<Double>]
  /// By boundary: fewest units of a continuation in the class.
  let fewest: [[Double]]
  /// By level `0..<levelCount - 1`: `choices x classCount[level]`, the class at the boundary below.
  let innerClass: [UnsafeMutablePointer<Int>]
  /// By level: `choices x unitCount[level + 1]`, the class of parallelism with the split; the innermost has one a choice.
  let outerUnit: [UnsafeMutablePointer<Int>]
  private let operandCount: Int
  private let result: Int
  private let keeps: [[Bool]]
  private let copies: [UnsafeMutablePointer<Double>]

  /// - Parameters:
  ///   - known: A mapping; classes are fine near what is better.
  ///   - laneCount: Most lanes where sharing is open.
  init(
    _ plan: SearchPlan, near known: OptimalSearch.Best? = nil, objective: SearchObjective? = nil,
    laneCount: Int = largestLaneCount
  ) {
    let interests = ClassInterests(plan, known: known, objective: objective)
    let levelCount = plan.levelCount
    operandCount = plan.operandCount
    width = plan.operandCount + 1
    result = plan.rates.result
    keeps = plan.keeps
    copies = plan.spatial.map(\.copies)
    let largest = BoundaryClasses.largestUnits(plan)
    let units = BoundaryClasses.unitValues(plan, largest)
    var counts: [Int] = []
    var unitCounts: [Int] = []
    var tables: [UnsafeMutablePointer<Double>] = []
    var edgeTables: [UnsafeMutablePointer<Double>] = []
    var outside = 1.0
    var known: [[Double]] = [Array(repeating: 1, count: plan.operandCount + 1)]
    for boundary in 0..<levelCount {
      if boundary > 0 {
        known = BoundaryClasses.reached(from: known, level: boundary - 1, plan)
      }
      let edges = BoundaryClasses.edges(
        of: units[boundary], limit: BoundaryClasses.largestUnitCount,
        fewest: interests.fewestUnits / outside, enough: interests.enoughUnits)
      outside *= Double(plan.spatial[boundary].largestUsed)
      known = BoundaryClasses.clustered(
        known, shared: interests.shared[boundary], firstVisit: interests.firstVisit[boundary],
        budget: interests.budget,
        limit: max(1, laneCount / edges.count))
      counts.append(known.count)
      unitCounts.append(edges.count)
      let table = UnsafeMutablePointer<Double>.allocate(
        capacity: known.count * (plan.operandCount + 1))
      for (index, vector) in known.enumerated() {
        for (entry, value) in vector.enumerated() {
          table[index * vector.count + entry] = value
        }
      }
      tables.append(table)
      let edgeTable = UnsafeMutablePointer<Double>.allocate(capacity: edges.count)
      for (index, edge) in edges.enumerated() { edgeTable[index] = edge }
      edgeTables.append(edgeTable)
    }
    classCount = counts
    unitCount = unitCounts
    vectors = tables
    edges = edgeTables
    var inner: [UnsafeMutablePointer<Int>] = []
    var outer: [UnsafeMutablePointer<Int>] = []
    for level in 0..<levelCount {
      let spatial = plan.spatial[level]
      let isLast = level == levelCount - 1
      let insideCount = isLast ? 1 : unitCounts[level + 1]
      let row = UnsafeMutablePointer<Int>.allocate(capacity: max(spatial.count * insideCount, 1))
      for choice in 0..<spatial.count {
        for k in 0..<insideCount {
          let inside = isLast ? 1 : edgeTables[level + 1][k]
          row[choice * insideCount + k] = BoundaryClasses.place(
            spatial.used[choice] * inside, edgeTables[level], unitCounts[level])
        }
      }
      outer.append(row)
      inner.append(.allocate(capacity: max(spatial.count * counts[level], 1)))
    }
    innerClass = inner
    outerUnit = outer
    var fewest = unitCounts.map { [Double](repeating: .infinity, count: $0) }
    for level in stride(from: levelCount - 1, through: 0, by: -1) {
      let inside = level == levelCount - 1 ? [1] : fewest[level + 1]
      for choice in 0..<plan.spatial[level].count {
        for (k, units) in inside.enumerated() {
          let place = outer[level][choice * inside.count + k]
          fewest[level][place] = min(
            fewest[level][place], plan.spatial[level].used[choice] * units)
        }
      }
    }
    self.fewest = fewest
    var vector = [Double](repeating: 1, count: width)
    for level in 0..<(levelCount - 1) {
      for choice in 0..<plan.spatial[level].count {
        for index in 0..<counts[level] {
          advance(level, choice, tables[level] + index * width, &vector)
          inner[level][choice * counts[level] + index] = cover(level + 1, vector)
        }
      }
    }
  }

  deinit {
    for table in vectors { table.deallocate() }
    for table in edges { table.deallocate() }
    for table in innerClass { table.deallocate() }
    for table in outerUnit { table.deallocate() }
  }

  /// The sharing a class stands for.
  @inline(__always)
  func vector(_ boundary: Int, _ index: Int) -> UnsafePointer<Double> {
    UnsafePointer(vectors[boundary] + index &* width)
  }

  /// The sharing at the boundary below a level, after a split.
  @inline(__always)
  func advance(
    _ level: Int, _ choice: Int, _ outer: UnsafePointer<Double>,
    _ inner: UnsafeMutablePointer<Double>
  ) {
    let row = copies[level] + choice &* operandCount
    inner[operandCount] = outer[operandCount]
    for t in 0..<operandCount {
      let shared = outer[t] * row[t]
      if keeps[t][level &+ 1] {
        inner[t] = 1
        if t == result { inner[operandCount] *= shared }
      } else {
        inner[t] = shared
      }
    }
  }

  /// The closest class that stands for a sharing.
  @inline(__always)
  func cover(_ boundary: Int, _ sharing: UnsafePointer<Double>) -> Int {
    let count = classCount[boundary]
    var row = UnsafePointer(vectors[boundary])
    for index in 0..<count {
      var holds = true
      for entry in 0..<width where sharing[entry] > row[entry] * (1 + 1e-9) { holds = false }
      if holds { return index }
      row += width
    }
    return count &- 1
  }

  // MARK: Sharing

  /// All sharings at the boundary below a level.
  private static func reached(from outer: [[Double]], level: Int, _ plan: SearchPlan)
    -> [[Double]]
  {
    let operandCount = plan.operandCount
    let spatial = plan.spatial[level]
    var rows: Set<[Double]> = []
    for choice in 0..<spatial.count {
      rows.insert((0..<operandCount).map { spatial.copies[choice * operandCount + $0] })
    }
    var found: Set<[Double]> = []
    for vector in outer {
      for row in rows {
        var inner = vector
        for t in 0..<operandCount {
          let shared = vector[t] * row[t]
          inner[t] = plan.keeps[t][level + 1] ? 1 : shared
          if plan.keeps[t][level + 1], t == plan.rates.result { inner[operandCount] *= shared }
        }
        found.insert(inner)
      }
    }
    return found.isEmpty ? outer : found.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// At most `limit` vectors that stand for all: boxes, of which the one that blurs most energy is halved first; the tightest
  /// vector first.
  ///
  /// Energy goes with one over the sharing, and what is saved at first visits with the copies; either counts up to the
  /// budget. Where it blurs none, the widest box is halved.
  ///
  /// - Parameters:
  ///   - shared: For each operand, energy that its sharing divides, in pJ.
  ///   - firstVisit: Energy each copy of the result saves, in pJ.
  private static func clustered(
    _ vectors: [[Double]], shared: [Double], firstVisit: Double, budget: Double, limit: Int
  ) -> [[Double]] {
    struct Box {
      var members: [[Double]]
      var entry = 0
      var extent = 1.0
      var blur = 0.0
      var middle = 1.0
      init(
        _ members: [[Double]], _ shared: [Double], _ firstVisit: Double, _ budget: Double
      ) {
        self.members = members
        for position in members[0].indices {
          let low = members.reduce(Double.infinity) { min($0, $1[position]) }
          let high = members.reduce(0) { max($0, $1[position]) }
          guard high > low else { continue }
          let isCopies = position == shared.count
          let most =
            isCopies ? min(firstVisit * high, budget) : min(shared[position] / low, budget)
          let least =
            isCopies ? min(firstVisit * low, budget) : min(shared[position] / high, budget)
          let blur = most - least
          if blur > self.blur || self.blur == 0 && high / low > extent {
            self.blur = blur
            extent = high / low
            entry = position
            let half = (most + least) / 2
            middle =
              blur == 0
              ? (low * high).squareRoot() : isCopies ? half / firstVisit : shared[position] / half
          }
        }
      }
    }
    var boxes = [Box(vectors, shared, firstVisit, budget)]
    while boxes.count < limit {
      let widest = boxes.indices.max {
        (boxes[$0].blur, boxes[$0].extent) < (boxes[$1].blur, boxes[$1].extent)
      }
      guard let widest, boxes[widest].extent > 1 else { break }
      let box = boxes[widest]
      let parts = [
        box.members.filter { $0[box.entry] <= box.middle },
        box.members.filter { $0[box.entry] > box.middle },
      ]
      // Rounding may leave a part empty.
      guard !parts[0].isEmpty, !parts[1].isEmpty else { break }
      boxes[widest] = Box(parts[0], shared, firstVisit, budget)
      boxes.append(Box(parts[1], shared, firstVisit, budget))
    }
    return boxes.map { box in
      box.members[0].indices.map { position in box.members.reduce(0) { max($0, $1[position]) } }
    }.sorted { a, b in
      let (first, second) = (a.reduce(1, *), b.reduce(1, *))
      return first == second ? a.lexicographicallyPrecedes(b) : first < second
    }
  }

  // MARK: Parallelism

  private static func place(
    _ units: Double, _ edges: UnsafePointer<Double>, _ count: Int
  ) -> Int {
    var index = 0
    while index + 1 < count, edges[index + 1] >= units { index += 1 }
    return index
  }

  /// By boundary, the numbers of units below one instance that can be used, largest first.
  private static func unitValues(_ plan: SearchPlan, _ largest: [Double]) -> [[Double]] {
    var values: [[Double]] = Array(repeating: [1], count: plan.levelCount)
    var inside: Set<Double> = [1]
    for level in stride(from: plan.levelCount - 1, through: 0, by: -1) {
      let spatial = plan.spatial[level]
      let own = Set((0..<spatial.count).map { spatial.used[$0] })
      var found: Set<Double> = []
      for a in own { for b in inside where a * b <= largest[level] { found.insert(a * b) } }
      inside = found.isEmpty ? [1] : found
      values[level] = inside.sorted(by: >)
    }
    return values
  }

  /// At most `limit` of the values, close to each other where parallelism is high.
  ///
  /// - Parameters:
  ///   - fewest: With fewer units a mapping is too slow, so these need not be told apart.
  ///   - enough: Nor need these and more.
  private static func edges(of all: [Double], limit: Int, fewest: Double, enough: Double)
    -> [Double]
  {
    // The largest stands for all that are enough, the last for all that are too few.
    let isFew = all.first { $0 < fewest }
    let values = all.indices.filter {
      $0 == 0 || all[$0] < enough && (all[$0] >= fewest || all[$0] == isFew)
    }.map { all[$0] }
    let padded = { (value: Double) in value == 1 ? 1 : value * (1 + 1e-12) }
    guard values.count > limit else { return values.map(padded) }
    let first = all[1] >= enough ? 1 : 0
    let steps = limit - first
    let range = min(unitRange, values[first] / values[values.count - 1])
    let growth = log(range) / (Double(steps) * Double(steps - 1) / 2)
    var found = Array(values[...first])
    var exponent = 0.0
    for k in 1..<steps {
      exponent += growth * Double(k)
      let edge = values[first] * exp(-exponent) * (1 + 1e-9)
      guard let next = values.first(where: { $0 <= edge }) else { break }
      if next < found[found.count - 1] { found.append(next) }
    }
    return found.map(padded)
  }

  /// By boundary, most units below one instance that any shape of tile there can use.
  private static func largestUnits(_ plan: SearchPlan) -> [Double] {
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
}
