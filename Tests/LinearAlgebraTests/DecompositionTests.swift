import Execution
import LinearAlgebra
import Testing

@Suite struct DecompositionTests {
  struct Content: Decodable {
    struct Case: Decodable {
      var m: Int
      var n: Int
      var a: [Double]
      var b: [Double]
      var leastSquares: [Double]
      var ridge: [Double]
      var penalty: Double
      var singularValues: [Double]
      var product: [Double]
      var positiveDefinite: [Double]
      var cholesky: [Double]
      var inverse: [Double]
      var logDeterminant: Double
      var solution: [Double]
      var eigenvalues: [Double]
    }
    var cases: [Case]
  }

  static func random(_ rows: Int, _ columns: Int, _ seed: Int) -> Matrix {
    var generator = Seed(UInt64(seed)).generator()
    let values = (0..<(rows * columns)).map { _ in generator.normal() }
    return Matrix(rowCount: rows, columnCount: columns, values: values)
  }

  static func positiveDefinite(_ size: Int, _ seed: Int) -> Matrix {
    let unit = Matrix(diagonal: [Double](repeating: 1, count: size))
    return random(size, size + 3, seed).gram() + unit
  }

  @Test func decompositionsAgreeWithNumPy() throws {
    for entry in try reference("decompositions", as: Content.self).cases {
      let a = Matrix(rowCount: entry.m, columnCount: entry.n, values: entry.a)
      #expect(distance(a.gram().values, entry.product) < 1e-13)
      #expect(
        distance(Matrix.product(a, a, transposingRight: true).values, entry.product) < 1e-13)
      let svd = try SingularValues(of: a)
      #expect(distance(svd.values, entry.singularValues) < 1e-13)
      // Condition numbers of random matrices; the rectangular ones are the larger part.
      #expect(distance(svd.leastSquares(entry.b), entry.leastSquares) < 1e-11)
      #expect(distance(svd.leastSquares(entry.b, penalty: entry.penalty), entry.ridge) < 1e-12)
      let spd = Matrix(rowCount: entry.m, columnCount: entry.m, values: entry.positiveDefinite)
      let factor = try Cholesky(factoring: spd)
      #expect(factor.addedJitter == 0)
      #expect(distance(factor.lower.values, entry.cholesky) < 1e-13)
      #expect(distance(factor.inverse().values, entry.inverse) < 1e-12)
      #expect(distance([factor.logDeterminant], [entry.logDeterminant]) < 1e-13)
      #expect(distance(factor.solve(entry.b), entry.solution) < 1e-12)
      let eigen = try SymmetricEigen(of: spd)
      #expect(distance(eigen.values, entry.eigenvalues) < 1e-13)
    }
  }

  @Test(arguments: 0..<20)
  func decompositionsMultiplyBack(seed: Int) throws {
    let (m, n) = (1 + seed % 7, 1 + seed * 3 % 8)
    let a = Self.random(m, n, seed)
    let svd = try SingularValues(of: a)
    let back = svd.left * Matrix(diagonal: svd.values) * svd.right
    #expect(distance(back.values, a.values) < 1e-13)
    let s = Self.positiveDefinite(m, seed)
    let eigen = try SymmetricEigen(of: s)
    let spread = Matrix.product(
      eigen.vectors, Matrix(diagonal: eigen.values), transposingLeft: true)
    #expect(distance((spread * eigen.vectors).values, s.values) < 1e-12)
    let factor = try Cholesky(factoring: s)
    #expect(distance(factor.lower.gram().values, s.values) < 1e-13)
    let rows = Self.random(3, m, seed + 100)
    #expect(distance((factor.solve(rows: rows) * s).values, rows.values) < 1e-11)
    let whitened = factor.whiten(rows: rows)
    #expect(distance(factor.whiten(Array(rows.row(1))), Array(whitened.row(1))) < 1e-12)
    #expect(distance(factor.color(Array(whitened.row(2))), Array(rows.row(2))) < 1e-12)
    let ones = [Double](repeating: 1, count: m)
    #expect(distance(factor.inverse().symmetricProduct(with: s).diagonal, ones) < 1e-10)
  }

  @Test(arguments: 0..<20)
  func appendedFactorEqualsFactorOfAll(seed: Int) throws {
    let n = seed % 6
    let k = 1 + seed % 4
    let all = Self.positiveDefinite(n + k, seed)
    let old = try Cholesky(factoring: all.rows(0..<n).columns(0..<n))
    let cross = all.rows(n..<(n + k)).columns(0..<n)
    let corner = all.rows(n..<(n + k)).columns(n..<(n + k))
    let extended = try old.appending(cross: cross, corner: corner)
    let expected = try Cholesky(factoring: all)
    #expect(distance(extended.lower.values, expected.lower.values) < 1e-13)
  }

  @Test func largeFactorIsRight() throws {
    // Large enough for blocked kernels: a quick check that they are the ones linked, not a timing.
    let size = 600
    let diagonal = Matrix(diagonal: [Double](repeating: 2, count: size))
    let matrix = diagonal + Matrix(rowCount: size, columnCount: size, repeating: 1)
    let factor = try Cholesky(factoring: matrix)
    // The determinant of 2 I + 1 1^T is 2^n (1 + n / 2); the inverse applied to ones is ones / (n + 2).
    let logarithm = Double(size) * 0.693_147_180_559_945_31 + 5.707_110_264_748_875
    #expect(abs(factor.logDeterminant / logarithm - 1) < 1e-13)
    let solution = factor.solve([Double](repeating: 1, count: size))
    #expect(solution.allSatisfy { abs($0 * Double(size + 2) - 1) < 1e-11 })
  }

  @Test func emptyMatricesAreFine() throws {
    let empty = Matrix(rowCount: 0, columnCount: 0)
    let factor = try Cholesky(factoring: empty)
    #expect(factor.logDeterminant == 0)
    #expect(factor.solve([]) == [])
    #expect(factor.inverse() == empty)
    let eigen = try SymmetricEigen(of: empty)
    #expect(eigen.values == [])
    let wide = Matrix(rowCount: 0, columnCount: 3)
    let svd = try SingularValues(of: wide)
    #expect(svd.leastSquares([]) == [0, 0, 0])
    #expect(wide.gram(ofColumns: true) == Matrix(rowCount: 3, columnCount: 3))
    #expect(wide.product(with: [1, 2, 3]) == [])
  }

  @Test func indefiniteMatrixIsRejectedWithItsMinor() {
    let matrix = Matrix(rows: [[1, 0, 0], [0, 2, 3], [0, 3, 1]])
    #expect(
      throws: LinearAlgebraError.notPositiveDefinite(size: 3, minor: 3, jitter: 0)
    ) { try Cholesky(factoring: matrix) }
    #expect(
      LinearAlgebraError.notPositiveDefinite(size: 3, minor: 3, jitter: 1e-4).description
        == "matrix of 3 rows: leading minor 3 is not positive, with jitter up to 0.0001, expected a "
        + "positive definite matrix\n"
        + "hint: rows that depend on each other make it so; remove one or raise the diagonal")
    #expect(throws: LinearAlgebraError.self) {
      try Cholesky(factoring: matrix, jitter: .standard)
    }
  }

  @Test func appendingAnEqualRowIsRejected() throws {
    let factor = try Cholesky(factoring: Matrix(rows: [[1]]))
    let one = Matrix(rows: [[1]])
    #expect(throws: LinearAlgebraError.notPositiveDefinite(size: 2, minor: 2, jitter: 0)) {
      try factor.appending(cross: one, corner: one)
    }
  }

  @Test func jitterIsTheSmallestOfTheLadderThatWorks() throws {
    let ones = Matrix(rowCount: 3, columnCount: 3, repeating: 1)
    let matrix = ones - Matrix(diagonal: [2e-8, 2e-8, 2e-8])
    let factor = try Cholesky(factoring: matrix, jitter: .standard)
    #expect(relativeError(factor.addedJitter, 1e-7) < 1e-7)
    #expect(throws: LinearAlgebraError.self) {
      try Cholesky(
        factoring: Matrix(rowCount: 2, columnCount: 2), jitter: .escalating(from: 1, to: 10))
    }
  }

  @Test func numbersThatAreNotFiniteAreNamed() {
    let matrix = Matrix(rows: [[1, .infinity], [.nan, 1]])
    let error = LinearAlgebraError.notFinite(row: 1, column: 0)
    #expect(throws: error) { try Cholesky(factoring: matrix) }
    #expect(throws: error) { try SymmetricEigen(of: matrix) }
    #expect(throws: LinearAlgebraError.notFinite(row: 0, column: 1)) {
      try SingularValues(of: matrix)
    }
    #expect(
      error.description
        == "matrix: row 1, column 0: got a number that is not finite, expected finite numbers")
    #expect(
      LinearAlgebraError.noConvergence(operation: "eigenvalues", rowCount: 2, columnCount: 2)
        .description == "eigenvalues of a 2 x 2 matrix: did not converge")
  }

  @Test func matrixPartsAndSums() {
    let a = Matrix(rows: [[1, 2, 3], [4, 5, 6]])
    #expect(a.transposed() == Matrix(rows: [[1, 4], [2, 5], [3, 6]]))
    #expect(a.rows([1, 0, 1]).column(0) == [4, 1, 4])
    #expect(a.columns(1..<3) == Matrix(rows: [[2, 3], [5, 6]]))
    #expect(a.appending(rows: a).rows(2..<4) == a)
    #expect(a.appending(columns: a).columns(3..<6) == a)
    #expect(a + a == 2 * a)
    #expect(a - a == Matrix(rowCount: 2, columnCount: 3))
    #expect(a.product(with: [1, 0, -1]) == [-2, -2])
    #expect(a.product(with: [1, -1], transposed: true) == [-3, -3, -3])
    #expect(Matrix.product(a, a, transposingLeft: true) == a.gram(ofColumns: true))
    #expect(innerProduct([1, 2], [3, 4]) == 11)
  }
}
