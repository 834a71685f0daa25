import Foundation
import LinearAlgebra

/// Rows of points divided by the length scales of one block.
struct ScaledRows: Sendable {
  /// `n x d`, coordinates over length scales.
  let rows: Matrix
  /// The squared norm of each row.
  let norms: [Double]

  init(_ points: Matrix, columns: Range<Int>, block: Kernel.Block, lengths: [Double]) {
    let inverses = block.groups.map { 1 / lengths[$0] }
    var norms = [Double](repeating: 0, count: points.rowCount)
    var rows = points.columns(columns)
    rows.withUnsafeMutableValues { values in
      for row in norms.indices {
        var sum = 0.0
        for (column, inverse) in inverses.enumerated() {
          let place = row * inverses.count + column
          values[place] *= inverse
          sum += values[place] * values[place]
        }
        norms[row] = sum
      }
    }
    self.rows = rows
    self.norms = norms
  }

  /// `n x m`, squared scaled distances, at least 0; by one `dgemm`.
  ///
  /// Rounding leaves about `1e-16` of the squared norms in a distance that should be 0; both kernel shapes are smooth
  /// functions of the square, so the error stays of that size.
  func squaredDistances(to other: ScaledRows) -> Matrix {
    var result = Matrix.product(rows, other.rows, transposingRight: true)
    let columnCount = other.norms.count
    result.withUnsafeMutableValues { values in
      for (row, norm) in norms.enumerated() {
        for column in 0..<columnCount {
          let place = row * columnCount + column
          values[place] = max(0, norm + other.norms[column] - 2 * values[place])
        }
      }
    }
    return result
  }
}

extension Kernel.Shape {
  /// The correlation at a squared scaled distance.
  @inline(__always)
  func correlation(_ squaredDistance: Double) -> Double { withSlope(squaredDistance).value }

  /// The correlation and its derivative by the squared distance.
  @inline(__always)
  func withSlope(_ squaredDistance: Double) -> (value: Double, slope: Double) {
    switch self {
    case .matern52:
      let s = (5 * squaredDistance).squareRoot()
      let decay = exp(-s)
      return ((1 + s + s * s * (1.0 / 3)) * decay, (-5.0 / 6) * (1 + s) * decay)
    case .squaredExponential:
      let value = exp(-0.5 * squaredDistance)
      return (value, -0.5 * value)
    }
  }
}
