import Accelerator

/// The ways to split a tile over the fan-out below one level: a factor of every dimension.
///
/// Flat storage, in lexicographic order of the places of the factors. Legend: `n` dimensions, `T` operands.
final class SpatialChoices {
  /// Loops along Y and X, outermost first.
  struct Arrangement: Hashable {
    var y: [SpatialLoop]
    var x: [SpatialLoop]
  }

  /// A loop over a dimension of `TileShapes`.
  struct SpatialLoop: Hashable {
    var dimension: Int
    var factor: Int
  }

  let count: Int
  /// `count x n`: place of the factor among the dimension's divisors.
  let places: UnsafeMutablePointer<UInt8>
  /// `count x n`: the next choice whose factors of the first dimensions, up to this one, are not all the same.
  let skip: UnsafeMutablePointer<Int32>
  /// `count`: children used.
  let used: UnsafeMutablePointer<Double>
  /// `count x T`: at most so many children have the same tile; exact without windows.
  let copies: UnsafeMutablePointer<Double>
  /// One way to lay each choice out.
  let layouts: [Arrangement]
  let largestUsed: Int

  /// All splits of the whole layer that fit `x` columns and `y` rows.
  ///
  /// - Parameters:
  ///   - axis: `T x n`: window axis an operand moves along with a dimension, or -1.
  ///   - coefficient: `T x n`: stride or dilation on that axis.
  ///   - allows: Whether a dimension may be split by factors along X and Y.
  init(
    shapes: TileShapes, relevance: [[Bool]], axis: [[Int]], coefficient: [[Int]], x: Int, y: Int,
    total: Int, least: Int,
    allows: (_ dimension: Int, _ x: Int, _ y: Int) -> Bool
  ) {
    let n = shapes.n
    var found: [(places: [UInt8], x: [Int], y: [Int])] = []
    // Of the arrangements of one split the first found stays.
    var seen: Set<[UInt8]> = []
    var xs = [Int](repeating: 1, count: n)
    var ys = [Int](repeating: 1, count: n)
    func place(_ dimension: Int, _ usedX: Int, _ usedY: Int) {
      if dimension == n {
        guard usedX * usedY >= least else { return }
        let places = (0..<n).map { d in
          UInt8(shapes.divisors[d].firstIndex(of: xs[d] * ys[d]) ?? 0)
        }
        if seen.insert(places).inserted { found.append((places, xs, ys)) }
        return
      }
      for alongX in shapes.divisors[dimension] {
        guard usedX * alongX <= x else { break }
        let rest = shapes.bounds[dimension] / alongX
        for alongY in shapes.divisors[dimension] {
          guard usedY * alongY <= y, usedX * alongX * usedY * alongY <= total else { break }
          guard rest % alongY == 0, allows(dimension, alongX, alongY) else { continue }
          xs[dimension] = alongX
          ys[dimension] = alongY
          place(dimension + 1, usedX * alongX, usedY * alongY)
        }
      }
      xs[dimension] = 1
      ys[dimension] = 1
    }
    place(0, 1, 1)
    found.sort { $0.places.lexicographicallyPrecedes($1.places) }
    count = found.count
    places = .allocate(capacity: max(count * n, 1))
    skip = .allocate(capacity: max(count * n, 1))
    used = .allocate(capacity: max(count, 1))
    let operandCount = relevance.count
    copies = .allocate(capacity: max(count * operandCount, 1))
    var layouts: [Arrangement] = []
    var windows: [[Int]: Double] = [:]
    for (c, choice) in found.enumerated() {
      let factors = (0..<n).map { choice.x[$0] * choice.y[$0] }
      for d in 0..<n { places[c * n + d] = choice.places[d] }
      used[c] = Double(factors.reduce(1, *))
      for t in 0..<operandCount {
        var product = 1.0
        for d in 0..<n where !relevance[t][d] { product *= Double(factors[d]) }
        for a in Set(axis[t]).sorted() where a >= 0 {
          let members = (0..<n).filter { axis[t][$0] == a }
          product *= SpatialChoices.copies(
            alongWindow: members.map { (factors[$0], shapes.bounds[$0], coefficient[t][$0]) },
            &windows)
        }
        copies[c * operandCount + t] = product
      }
      let loops = { (factors: [Int]) in
        (0..<n).filter { factors[$0] > 1 }.map { SpatialLoop(dimension: $0, factor: factors[$0]) }
      }
      layouts.append(Arrangement(y: loops(choice.y), x: loops(choice.x)))
    }
    self.layouts = layouts
    largestUsed = found.reduce(1) { max($0, zip($1.x, $1.y).reduce(1) { $0 * $1.0 * $1.1 }) }
    for c in stride(from: count - 1, through: 0, by: -1) {
      for d in 0..<n {
        let isLast = c == count - 1
        let same = !isLast && found[c].places[...d] == found[c + 1].places[...d]
        skip[c * n + d] = same ? skip[(c + 1) * n + d] : Int32(c + 1)
      }
    }
  }

  deinit {
    places.deallocate()
    skip.deallocate()
    used.deallocate()
    copies.deallocate()
  }

  /// Most children, on the average, that have the same tile when the terms of a window are split: those on a diagonal.
  ///
  /// A child's offset is the sum of what each term moves, which depends on the child's extents; the best of them counts.
  static func copies(
    alongWindow terms: [(factor: Int, bound: Int, coefficient: Int)], _ known: inout [[Int]: Double]
  ) -> Double {
    let split = terms.filter { $0.factor > 1 }
    guard split.count > 1 else { return 1 }
    let product = split.reduce(1.0) { $0 * Double($1.factor) }
    let most = product / Double(split.reduce(1) { max($0, $1.factor) })
    guard split.count == 2 else { return most }
    let (a, b) = (split[0], split[1])
    let key = [a.factor, a.bound, a.coefficient, b.factor, b.bound, b.coefficient]
    if let found = known[key] { return found }
    var fewest = Int.max
    for first in 1...(a.bound / a.factor) where a.bound % (first * a.factor) == 0 {
      for second in 1...(b.bound / b.factor) where b.bound % (second * b.factor) == 0 {
        var offsets: Set<Int> = []
        for i in 0..<a.factor {
          for j in 0..<b.factor {
            offsets.insert(i * first * a.coefficient + j * second * b.coefficient)
          }
        }
        fewest = min(fewest, offsets.count)
      }
    }
    let copies = product / Double(fewest)
    known[key] = copies
    return copies
  }

  /// Calls `body` with every choice that divides a shape, and the shape of a child.
  @inline(__always)
  func forEach(
    dividing shape: Int, _ shapes: TileShapes, _ body: (_ choice: Int, _ child: Int) -> Void
  ) {
    let n = shapes.n
    var c = 0
    while c < count {
      let child = shapes.child(shape, places + c &* n)
      if child < 0 {
        c = Int(skip[c &* n &+ (-1 - child)])
      } else {
        body(c, child)
        c &+= 1
      }
    }
  }

  /// Every arrangement of a split along Y and X, all orders.
  func arrangements(
    of choice: Int, shapes: TileShapes, x: Int, y: Int,
    allows: (_ dimension: Int, _ x: Int, _ y: Int) -> Bool
  ) -> [Arrangement] {
    let n = shapes.n
    let split = (0..<n).filter { places[choice * n + $0] > 0 }
    var found: [Arrangement] = []
    var alongX: [SpatialLoop] = []
    var alongY: [SpatialLoop] = []
    func place(_ position: Int, _ usedX: Int, _ usedY: Int) {
      if position == split.count {
        for yOrder in permutations(of: alongY) {
          for xOrder in permutations(of: alongX) {
            found.append(Arrangement(y: yOrder, x: xOrder))
          }
        }
        return
      }
      let dimension = split[position]
      let factor = shapes.divisors[dimension][Int(places[choice * n + dimension])]
      for part in shapes.divisors[dimension] where part <= factor && factor % part == 0 {
        guard usedX * part <= x, usedY * (factor / part) <= y,
          allows(dimension, part, factor / part)
        else { continue }
        if part > 1 { alongX.append(SpatialLoop(dimension: dimension, factor: part)) }
        if factor > part { alongY.append(SpatialLoop(dimension: dimension, factor: factor / part)) }
        place(position + 1, usedX * part, usedY * (factor / part))
        if part > 1 { alongX.removeLast() }
        if factor > part { alongY.removeLast() }
      }
    }
    place(0, 1, 1)
    return found
  }

  private func permutations(of loops: [SpatialLoop]) -> [[SpatialLoop]] {
    guard loops.count > 1 else { return [loops] }
    return loops.indices.flatMap { i -> [[SpatialLoop]] in
      var rest = loops
      let head = rest.remove(at: i)
      return permutations(of: rest).map { [head] + $0 }
    }
  }
}
