import Execution
import LinearAlgebra

/// Which rows stand for all of them.
enum InducingPoints {
  /// Half of the points by farthest-point traversal in scaled distance, so that no row is far from all of them; the
  /// other half drawn among the remaining rows, so that crowded regions, where a search has looked closely, get more.
  ///
  /// - Returns: At most `count` distinct row numbers, ascending; equal rows are taken once by the first half.
  /// - Complexity: O(*n m d*).
  /// - SeeAlso: Gonzalez 1985, "Clustering to minimize the maximum intercluster distance", section 2.
  static func chooseRows(count: Int, of points: Matrix, _ covariance: Covariance) -> [Int] {
    let n = points.rowCount
    guard count < n else { return Array(0..<n) }
    let rows = covariance.prepare(points)
    let scaled = rows.context.map { rows.design.rows.appending(columns: $0.rows) }
    let coordinates = scaled ?? rows.design.rows
    var chosen = [0]
    var isChosen = [Bool](repeating: false, count: n)
    isChosen[0] = true
    var distances = [Double](repeating: .infinity, count: n)
    while chosen.count < (count + 1) / 2 {
      let next = updateDistances(&distances, coordinates, chosen[chosen.count - 1])
      guard distances[next] > 0 else { break }
      chosen.append(next)
      isChosen[next] = true
    }
    var generator = Seed(0x5eed).child("inducing", n).generator()
    var others = (0..<n).filter { !isChosen[$0] }
    while chosen.count < count {
      let place = generator.index(below: others.count)
      chosen.append(others[place])
      others.swapAt(place, others.count - 1)
      others.removeLast()
    }
    return chosen.sorted()
  }

  /// Lowers each row's squared distance to the chosen ones by the last of them; gives the farthest row.
  private static func updateDistances(
    _ distances: inout [Double], _ coordinates: Matrix, _ last: Int
  ) -> Int {
    let d = coordinates.columnCount
    var farthest = 0
    coordinates.withUnsafeValues { x in
      for row in distances.indices {
        var sum = 0.0
        for column in 0..<d {
          let difference = x[row * d + column] - x[last * d + column]
          sum += difference * difference
        }
        distances[row] = min(distances[row], sum)
        if distances[row] > distances[farthest] { farthest = row }
      }
    }
    return farthest
  }
}
