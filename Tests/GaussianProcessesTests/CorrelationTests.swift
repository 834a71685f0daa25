import Execution
import Foundation
import LinearAlgebra
import Testing

@testable import GaussianProcesses

@Suite struct CorrelationTests {
  /// Against the exponential of the C library, which is right to half a unit in the last place or a little more.
  @Test func exponentialIsThatOfTheLibrary() {
    var generator = Seed(3).generator()
    var worst = 0.0
    for round in 0..<20_000 {
      let largest = [1e-9, 0.4, 3, 40, 708][round % 5]
      let x = Lanes(
        largest * generator.unitInterval(), largest * generator.unitInterval(), 0, largest)
      let result = Lanes.exponential(ofMinus: x)
      for lane in 0..<4 {
        let expected = exp(-x[lane])
        worst = max(worst, abs(result[lane] - expected) / expected.ulp)
      }
    }
    #expect(worst <= 2)
    let far = Lanes.exponential(ofMinus: Lanes(0, 709, 1e6, 1e300))
    #expect(far[0] == 1)
    for lane in 1..<4 { #expect(far[lane] > 0 && far[lane] < 4e-308) }
  }

  /// The closed forms, and slopes by differences; no bit depends on the place in a row.
  @Test(arguments: Kernel.Shape.allCases) func correlationsAreTheClosedForms(shape: Kernel.Shape) {
    for square in [0.0, 1e-12, 0.01, 0.3, 1, 2.5, 40, 900] {
      let (values, slopes) = shape.withSlopes(Lanes(repeating: square))
      let s = (5 * square).squareRoot()
      let expected: Double =
        switch shape {
        case .matern52: (1 + s + s * s / 3) * exp(-s)
        case .squaredExponential: exp(-square / 2)
        }
      #expect(abs(values[0] - expected) <= 1e-15 * max(expected, 1e-290))
      #expect(values[0] == values[3] && slopes[0] == slopes[2])
      guard square > 0.001 else { continue }
      let step = 1e-6 * square
      let above = shape.correlations(Lanes(repeating: square + step))[0]
      let below = shape.correlations(Lanes(repeating: square - step))[0]
      let slope = (above - below) / (2 * step)
      #expect(abs(slope - slopes[0]) <= 1e-6 * abs(slope) + 1e-12)
    }
  }

  /// Rows of every length modulo four give what single pairs give.
  @Test(arguments: 1..<10) func wholeRowsAgreeWithSinglePairs(count: Int) {
    var generator = Seed(5).child("rows", count).generator()
    func rows(_ count: Int) -> ScaledRows {
      let values = (0..<(3 * count)).map { _ in generator.unitInterval() }
      return ScaledRows(
        Matrix(rowCount: count, columnCount: 3, values: values), columns: 0..<3,
        block: Kernel.Block(columnCount: 3), lengths: [0.5, 1, 2])
    }
    let (a, b) = (rows(3), rows(count))
    let all = a.correlations(with: b, .matern52, times: 2, plus: 0.5)
    for i in 0..<3 {
      for j in 0..<count {
        let square = (0..<3).reduce(0.0) {
          let difference = a.rows[i, $1] - b.rows[j, $1]
          return $0 + difference * difference
        }
        let s = (5 * square).squareRoot()
        let expected = 2 * (1 + s + s * s / 3) * exp(-s) + 0.5
        #expect(abs(all[i, j] - expected) < 1e-13)
      }
    }
  }
}
