public import LinearAlgebra

/// Predicts by the rows that lie nearest.
///
/// Distances are Euclidean in the coordinates given: bring columns to comparable scales first.
public struct NearestNeighbors: Sendable {
  /// How much each neighbor counts.
  public enum Weighting: Hashable, Sendable {
    /// All the same.
    case uniform
    /// By the inverse of its distance; neighbors at distance 0 count alone.
    case inverseDistance
  }

  /// The `k` rows nearest to a point.
  public struct Neighborhood: Hashable, Sendable {
    /// Row numbers, nearest first; of equally near rows the first.
    public let rows: [Int]
    /// Their distances, ascending.
    public let distances: [Double]
  }

  /// `n x d`, the rows to look among.
  public let points: Matrix
  /// Their targets.
  public let targets: [Double]

  /// Keeps rows and targets.
  ///
  /// - Throws: `RegressionError` without rows or for numbers that are not finite.
  public init(points: Matrix, targets: [Double]) throws(RegressionError) {
    try checkTrainingData(points, targets)
    self.points = points
    self.targets = targets
  }

  /// The neighborhoods of `m x d` points, with all rows where there are fewer than `count`.
  ///
  /// - Complexity: O(*m n d*).
  public func neighborhoods(of queries: Matrix, count: Int) -> [Neighborhood] {
    precondition(queries.columnCount == points.columnCount, "columns are the same")
    precondition(count >= 1, "a neighborhood has a row")
    return (0..<queries.rowCount).map { query in
      let distances = squaredDistances(to: queries.row(query))
      var nearest: [Int] = []
      // Insertion into a short sorted list; ties stay in the order of rows.
      for row in distances.indices {
        if nearest.count == count, distances[nearest[count - 1]] <= distances[row] { continue }
        if nearest.count == count { nearest.removeLast() }
        var place = nearest.count
        while place > 0 && distances[nearest[place - 1]] > distances[row] { place -= 1 }
        nearest.insert(row, at: place)
      }
      return Neighborhood(rows: nearest, distances: nearest.map { distances[$0].squareRoot() })
    }
  }

  /// The weighted mean of the targets of each point's neighbors.
  ///
  /// - Complexity: O(*m n d*).
  public func predictions(
    at queries: Matrix, count: Int, weighting: Weighting = .inverseDistance
  ) -> [Double] {
    neighborhoods(of: queries, count: count).map { neighborhood in
      let hasTwin = neighborhood.distances.first == 0
      var sum = 0.0
      var total = 0.0
      for (row, distance) in zip(neighborhood.rows, neighborhood.distances) {
        var weight = 1.0
        if weighting == .inverseDistance {
          // Over the nearest distance, so that no inverse overflows.
          weight = hasTwin ? (distance == 0 ? 1 : 0) : neighborhood.distances[0] / distance
        }
        sum += weight * targets[row]
        total += weight
      }
      return sum / total
    }
  }

  private func squaredDistances(to query: ArraySlice<Double>) -> [Double] {
    let query = Array(query)
    let d = query.count
    return points.withUnsafeValues { values in
      (0..<points.rowCount).map { row in
        var sum = 0.0
        for column in 0..<d {
          let difference = values[row * d + column] - query[column]
          sum += difference * difference
        }
        return sum
      }
    }
  }
}
