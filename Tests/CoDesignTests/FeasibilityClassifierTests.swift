import CoDesign
import Execution
import Testing

@Suite struct FeasibilityClassifierTests {
  @Test func learnsAThreshold() throws {
    var generator = Seed(1).generator()
    let rows = (0..<60).map { _ in [generator.unitInterval(), generator.unitInterval()] }
    let labels = rows.map { $0[0] + $0[1] > 1 }
    let classifier = try #require(FeasibilityClassifier(rows: rows, labels: labels))
    let sure = classifier.probability(at: [0.9, 0.9])
    let never = classifier.probability(at: [0.1, 0.1])
    let border = classifier.probability(at: [0.5, 0.5])
    #expect(sure > 0.9)
    #expect(never < 0.1)
    #expect(abs(border - 0.5) < 0.2)
    var right = 0
    for _ in 0..<400 {
      let row = [generator.unitInterval(), generator.unitInterval()]
      if (classifier.probability(at: row) > 0.5) == (row[0] + row[1] > 1) { right += 1 }
    }
    #expect(right > 370)
  }

  /// One row of each label, mirrored: nothing but the sign tells them apart.
  @Test func isSymmetric() throws {
    let classifier = try #require(
      FeasibilityClassifier(rows: [[-1], [1]], labels: [false, true]))
    #expect(abs(classifier.probability(at: [0]) - 0.5) < 1e-12)
    let both = classifier.probability(at: [0.7]) + classifier.probability(at: [-0.7])
    #expect(abs(both - 1) < 1e-12)
  }

  @Test func oneLabelTellsNothing() {
    #expect(FeasibilityClassifier(rows: [[1], [2]], labels: [true, true]) == nil)
    #expect(FeasibilityClassifier(rows: [[1], [2]], labels: [false, false]) == nil)
  }

  @Test func equalRowsWithBothLabelsAreEven() throws {
    let classifier = try #require(
      FeasibilityClassifier(rows: [[1], [1]], labels: [true, false]))
    #expect(abs(classifier.probability(at: [1]) - 0.5) < 1e-9)
  }
}
