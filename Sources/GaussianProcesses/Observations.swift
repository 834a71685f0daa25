public import LinearAlgebra

/// What a process is conditioned on: points, targets, and variances known of single observations.
public struct Observations: Sendable {
  /// `n x d`, one encoded point per row.
  public let points: Matrix
  /// `n` targets.
  public let targets: [Double]
  /// `n` variances that are added to the noise of their rows, in squared units of the targets.
  public let variances: [Double]

  /// The largest size of a coordinate or target; squares of it stay finite.
  static let largest = 1e100

  /// Checks and keeps observations.
  ///
  /// - Parameters:
  ///   - points: `n x d`; coordinates in `[0, 1]` or standardized suit the default priors.
  ///   - targets: `n` numbers; mean 0 and variance 1 suit the default priors.
  ///   - variances: `n` numbers, at least 0, for rows that are noisier than others.
  /// - Throws: `GaussianProcessError` for numbers that are not finite or beyond `1e100`.
  public init(
    points: Matrix, targets: [Double], variances: [Double]? = nil
  ) throws(GaussianProcessError) {
    precondition(points.rowCount == targets.count, "one target per row of points")
    precondition(variances.map { $0.count == targets.count } ?? true, "one variance per row")
    for (index, value) in points.values.enumerated() where !(abs(value) <= Self.largest) {
      throw .invalidNumber(
        row: index / points.columnCount, column: index % points.columnCount, got: "\(value)")
    }
    for (row, value) in targets.enumerated() where !(abs(value) <= Self.largest) {
      throw .invalidNumber(row: row, column: nil, got: "\(value)")
    }
    for (row, value) in (variances ?? []).enumerated() {
      guard value >= 0, value <= Self.largest else {
        throw .invalidVariance(row: row, got: "\(value)")
      }
    }
    self.points = points
    self.targets = targets
    self.variances = variances ?? [Double](repeating: 0, count: targets.count)
  }

  private init(unchecked points: Matrix, _ targets: [Double], _ variances: [Double]) {
    self.points = points
    self.targets = targets
    self.variances = variances
  }

  /// The number of observations.
  public var count: Int { targets.count }

  /// The observations of the given rows.
  func rows(_ indices: [Int]) -> Observations {
    Observations(
      unchecked: points.rows(indices), indices.map { targets[$0] }, indices.map { variances[$0] })
  }

  /// These observations, then others.
  func appending(_ other: Observations) -> Observations {
    Observations(
      unchecked: points.appending(rows: other.points), targets + other.targets,
      variances + other.variances)
  }
}
