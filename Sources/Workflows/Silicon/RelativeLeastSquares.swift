/// Least squares of relative errors: minimizes the sum over rows of `(row . x / target - 1)^2`.
///
/// Solves the normal equations, whose columns are first scaled to unit length; enough for the two or three
/// well-separated columns fitted here, not for ill-conditioned problems.
///
/// - Parameters:
///   - rows: `n x p`, one row of features per observation, `n >= p`.
///   - targets: `n` positive observations.
/// - Returns: `p` coefficients, or `nil` when the columns are linearly dependent.
/// - Complexity: O(*n p^2 + p^3*).
func relativeLeastSquares(_ rows: [[Double]], targets: [Double]) -> [Double]? {
  precondition(rows.count == targets.count, "one target per row")
  guard let count = rows.first?.count, rows.count >= count else { return nil }
  let relative = zip(rows, targets).map { row, target in row.map { $0 / target } }
  let scales = (0..<count).map { column in
    relative.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot()
  }
  guard scales.allSatisfy({ $0 > 0 }) else { return nil }
  // The matrix of the normal equations with the right-hand side as last column.
  var system = Array(repeating: Array(repeating: 0.0, count: count + 1), count: count)
  for row in relative {
    for i in 0..<count {
      let feature = row[i] / scales[i]
      for j in 0..<count { system[i][j] += feature * row[j] / scales[j] }
      system[i][count] += feature
    }
  }
  return solution(of: system).map { zip($0, scales).map { $0 / $1 } }
}

/// Smallest largest relative error: minimizes the maximum over rows of `|row . x / target - 1|`.
///
/// At the minimum, one row more than there are columns has the largest error, with signs; every choice of rows and signs
/// is tried, so this is exact but only for the few rows fitted here.
///
/// - Returns: `p` coefficients, or `nil` when no choice determines them.
/// - Complexity: O(*2^p C(n, p + 1) (p^3 + n p)*).
func relativeMinimax(_ rows: [[Double]], targets: [Double]) -> [Double]? {
  precondition(rows.count == targets.count, "one target per row")
  guard let count = rows.first?.count, rows.count > count else { return nil }
  let relative = zip(rows, targets).map { row, target in row.map { $0 / target } }
  var best: (error: Double, coefficients: [Double])?
  for choice in 0..<(1 << rows.count) where choice.nonzeroBitCount == count + 1 {
    let chosen = rows.indices.filter { choice >> $0 & 1 == 1 }
    // The first row has a positive sign; the level may be negative.
    for signs in 0..<(1 << count) {
      let system = chosen.enumerated().map { place, row in
        relative[row] + [(signs << 1) >> place & 1 == 1 ? 1 : -1, 1]
      }
      guard let solved = solution(of: system) else { continue }
      let coefficients = Array(solved.prefix(count))
      let errors = relative.map { row in
        abs(zip(row, coefficients).reduce(0) { $0 + $1.0 * $1.1 } - 1)
      }
      let error = errors.max() ?? 0
      if best.map({ error < $0.error }) ?? true { best = (error, coefficients) }
    }
  }
  return best?.coefficients
}

/// Solves `n` equations given as rows with the right-hand side last; columns should be of similar length.
private func solution(of equations: [[Double]]) -> [Double]? {
  var system = equations
  let count = system.count
  for pivot in 0..<count {
    let best =
      (pivot..<count).max { abs(system[$0][pivot]) < abs(system[$1][pivot]) } ?? pivot
    system.swapAt(pivot, best)
    // Unit columns: a pivot this small means that they are parallel up to rounding.
    guard abs(system[pivot][pivot]) > 1e-12 else { return nil }
    for row in 0..<count where row != pivot {
      let factor = system[row][pivot] / system[pivot][pivot]
      for column in pivot...count { system[row][column] -= factor * system[pivot][column] }
    }
  }
  return (0..<count).map { system[$0][count] / system[$0][$0] }
}

/// A linear model fitted to relative errors, with the error on each row when that row is left out.
struct RelativeFit {
  /// What the fit minimizes.
  enum Loss {
    /// The sum of squared relative errors.
    case squares
    /// The largest relative error.
    case largest
  }

  /// One per column.
  var coefficients: [Double]
  /// Model over target minus 1, by row.
  var errors: [Double]
  /// The same for a fit to all other rows.
  var leaveOneOutErrors: [Double]

  /// Fits all rows, then all but each one.
  ///
  /// - Throws: When the columns, or those of a reduced set of rows, are linearly dependent.
  init(_ rows: [[Double]], targets: [Double], loss: Loss = .squares) throws(SiliconValidationError)
  {
    let all = try RelativeFit.solve(rows, targets, loss)
    let error = { (coefficients: [Double], row: Int) in
      zip(coefficients, rows[row]).reduce(0) { $0 + $1.0 * $1.1 } / targets[row] - 1
    }
    var left: [Double] = []
    for row in rows.indices {
      var fewer = rows
      var fewerTargets = targets
      fewer.remove(at: row)
      fewerTargets.remove(at: row)
      left.append(error(try RelativeFit.solve(fewer, fewerTargets, loss), row))
    }
    coefficients = all
    errors = rows.indices.map { error(all, $0) }
    leaveOneOutErrors = left
  }

  private static func solve(_ rows: [[Double]], _ targets: [Double], _ loss: Loss)
    throws(SiliconValidationError) -> [Double]
  {
    let fit = loss == .squares ? relativeLeastSquares : relativeMinimax
    guard let solution = fit(rows, targets) else {
      throw .undeterminedFit(rowCount: rows.count, constantCount: rows.first?.count ?? 0)
    }
    return solution
  }
}

/// How far a model is from published figures.
public struct ErrorSummary: Hashable, Sendable {
  /// Model over published minus 1, by layer or configuration.
  public var errors: [Double]

  /// Mean of absolute errors.
  public var mean: Double { errors.reduce(0) { $0 + abs($1) } / Double(max(errors.count, 1)) }
  /// Largest absolute error.
  public var largest: Double { errors.map(abs).max() ?? 0 }
}
