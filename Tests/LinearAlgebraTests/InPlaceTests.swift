import Execution
import Foundation
import LinearAlgebra
import Testing

@Suite struct InPlaceTests {
  /// Two by two, by hand: the inverse of [[4, 2], [2, 3]] is [[3, -2], [-2, 4]] / 8.
  @Test func inverseOfTwoRows() throws {
    var matrix = Matrix(rows: [[4, 99], [2, 3]])
    let answer = matrix.invertLowerTriangle(solving: [8, 16])
    let (solution, logDeterminant) = try #require(answer)
    #expect(abs(solution[0] + 1) < 1e-14 && abs(solution[1] - 6) < 1e-14)
    #expect(abs(logDeterminant - log(8.0)) < 1e-14)
    #expect(abs(matrix[0, 0] - 0.375) < 1e-15)
    #expect(abs(matrix[1, 0] + 0.25) < 1e-15)
    #expect(abs(matrix[1, 1] - 0.5) < 1e-15)
  }

  @Test(arguments: [1, 2, 5, 33, 100]) func agreesWithTheFactor(size: Int) throws {
    var generator = Seed(7).child("size", size).generator()
    let rows = Matrix(
      rowCount: size, columnCount: 4, values: (0..<(4 * size)).map { _ in generator.normal() })
    var matrix = Matrix(rowCount: size, columnCount: size, repeating: .nan)
    matrix.fillLowerTriangle(withGramOf: rows)
    let gram = rows.gram()
    for i in 0..<size {
      for j in 0...i { #expect(abs(matrix[i, j] - gram[i, j]) <= 1e-13 * (1 + abs(gram[i, j]))) }
      for j in (i + 1)..<max(size, i + 1) { #expect(matrix[i, j].isNaN) }
      matrix[i, i] += 1
    }
    let sum = gram + Matrix(diagonal: [Double](repeating: 1, count: size))
    let factor = try Cholesky(factoring: sum)
    let targets = (0..<size).map { _ in generator.normal() }
    let answer = matrix.invertLowerTriangle(solving: targets)
    let (solution, logDeterminant) = try #require(answer)
    #expect(abs(logDeterminant - factor.logDeterminant) < 1e-10)
    for (own, other) in zip(solution, factor.solve(targets)) { #expect(abs(own - other) < 1e-10) }
    let inverse = factor.inverse()
    for i in 0..<size { for j in 0...i { #expect(abs(matrix[i, j] - inverse[i, j]) < 1e-12) } }
  }

  @Test func whatHasNoFactorSaysSo() {
    var indefinite = Matrix(rows: [[1, 0], [2, 1]])
    let first = indefinite.invertLowerTriangle(solving: [1, 1])
    #expect(first == nil)
    var unknown = Matrix(rows: [[1, 0], [.nan, 1]])
    let second = unknown.invertLowerTriangle(solving: [1, 1])
    #expect(second == nil)
    var none = Matrix(rowCount: 0, columnCount: 0)
    none.fillLowerTriangle(withGramOf: Matrix(rowCount: 0, columnCount: 3))
    let answer = none.invertLowerTriangle(solving: [])
    #expect(answer?.solution == [])
  }
}
