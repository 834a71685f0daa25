import Accelerator

/// The ways to split a tile over the fan-out below one level.
struct SpatialChoices {
  /// One split: a factor of every dimension.
  struct Choice {
    /// Place of the factor among the dimension's divisors.
    var places: [UInt8]
    /// Children used.
    var used: Int
    /// For each operand, at most so many children have the same tile; exact without windows.
    var copies: [Double]
    /// One way to lay the split out.
    var firstArrangement: Arrangement
  }

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

  let choices: [Choice]
  let largestUsed: Int

  /// All splits of the whole layer that fit `x` columns and `y` rows; the one that splits nothing comes first.
  ///
  /// - Parameter allows: Whether a dimension may be split by factors along X and Y.
  init(
    shapes: TileShapes, relevance: [[Bool]], axis: [[Int]], x: Int, y: Int,
    largestTotal: Int = .max,
    allows: (_ dimension: Int, _ x: Int, _ y: Int) -> Bool
  ) {
    var found: [Choice] = []
    let n = shapes.dimensions.count
    // Factors along X and Y by dimension; of the arrangements of one split the first found stays.
    var seen: [[UInt8]: Int] = [:]
    var xs = [Int](repeating: 1, count: n)
    var ys = [Int](repeating: 1, count: n)
    func place(_ dimension: Int, _ usedX: Int, _ usedY: Int) {
      if dimension == n {
        let places = (0..<n).map { d in
          UInt8(shapes.divisors[d].firstIndex(of: xs[d] * ys[d]) ?? 0)
        }
        guard seen[places] == nil else { return }
        seen[places] = found.count
        let copies = relevance.indices.map { t in
          // Children on a diagonal of a window share: at most the smaller of its two splits.
          var product = 1.0
          for d in 0..<n where !relevance[t][d] { product *= Double(xs[d] * ys[d]) }
          for a in Set(axis[t]) where a >= 0 {
            let splits = (0..<n).filter { axis[t][$0] == a }.map { Double(xs[$0] * ys[$0]) }
            product *= splits.reduce(1, *) / (splits.max() ?? 1)
          }
          return product
        }
        let loops = { (factors: [Int]) in
          (0..<n).filter { factors[$0] > 1 }.map { SpatialLoop(dimension: $0, factor: factors[$0]) }
        }
        found.append(
          Choice(
            places: places, used: usedX * usedY, copies: copies,
            firstArrangement: Arrangement(y: loops(ys), x: loops(xs))))
        return
      }
      for alongX in shapes.divisors[dimension] {
        guard usedX * alongX <= x else { break }
        let rest = shapes.bounds[dimension] / alongX
        for alongY in shapes.divisors[dimension] {
          guard usedY * alongY <= y, usedX * alongX * usedY * alongY <= largestTotal else { break }
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
    choices = found
    largestUsed = found.map(\.used).max() ?? 1
  }

  /// Every arrangement of a split along Y and X, all orders.
  static func arrangements(
    of choice: Choice, shapes: TileShapes, x: Int, y: Int,
    allows: (_ dimension: Int, _ x: Int, _ y: Int) -> Bool
  ) -> [Arrangement] {
    let split = choice.places.indices.filter { choice.places[$0] > 0 }
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
      let factor = shapes.divisors[dimension][Int(choice.places[dimension])]
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

  private static func permutations(of loops: [SpatialLoop]) -> [[SpatialLoop]] {
    guard loops.count > 1 else { return [loops] }
    return loops.indices.flatMap { i -> [[SpatialLoop]] in
      var rest = loops
      let head = rest.remove(at: i)
      return permutations(of: rest).map { [head] + $0 }
    }
  }
}
