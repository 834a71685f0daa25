import LinearAlgebra
import OfflineDesign
import Testing

@Suite struct FeatureEncodingTests {
  /// Columns of one parameter.
  private func one(_ column: DesignColumns.Column) -> DesignColumns {
    DesignColumns(names: ["p"], columns: [column])
  }

  @Test func sizesBecomeStandardizedLogarithms() {
    let columns = one(.numbers([1, 2, 4, 8, 16]))
    let encoding = FeatureEncoding(fitting: columns)
    // log2 is 0, 1, 2, 3, 4: mean 2, variance 2.
    let expected = [-2, -1, 0, 1, 2].map { $0 / 2.0.squareRoot() }
    for (got, wanted) in zip(encoding.encode(columns).values, expected) {
      #expect(abs(got - wanted) < 1e-12)
    }
  }

  @Test func smallRangesStayLinear() {
    let columns = one(.numbers([1, 2, 3, 4]))
    let values = FeatureEncoding(fitting: columns).encode(columns).values
    let steps = zip(values, values.dropFirst()).map { $1 - $0 }
    #expect(steps.allSatisfy { abs($0 - steps[0]) < 1e-12 })
  }

  @Test func zeroIsAllowedAmongSizes() {
    let columns = one(.numbers([0, 1, 3, 7, 15]))
    let values = FeatureEncoding(fitting: columns).encode(columns).values
    // log2(x + 1) is 0, 1, 2, 3, 4.
    let steps = zip(values, values.dropFirst()).map { $1 - $0 }
    #expect(steps.allSatisfy { abs($0 - steps[0]) < 1e-12 })
  }

  @Test func constantColumnsSayNothing() {
    let columns = DesignColumns(
      names: ["a", "b"], columns: [.numbers([5, 5, 5]), .words(["x", "x", "x"])])
    #expect(FeatureEncoding(fitting: columns).featureCount == 0)
  }

  @Test func absentNumbersAreTheMean() {
    let columns = one(.numbers([1, .nan, 3]))
    #expect(FeatureEncoding(fitting: columns).encode(columns).values[1] == 0)
  }

  @Test func wordsAreOneHotAndUnseenOnesZero() {
    let encoding = FeatureEncoding(fitting: one(.words(["ws", "os", "ws"])))
    let values = encoding.encode(one(.words(["os", "ws", "rs"])))
    #expect(values.values == [1, 0, 0, 1, 0, 0])
    #expect(encoding.unseenWords(["rs", "ws", ""], parameter: 0) == ["rs"])
  }

  @Test func loopOrdersArePositions() {
    let letters: [Character] = ["C", "K", "P", "Q"]
    var orders: [String] = []
    for a in letters {
      for b in letters where b != a {
        for c in letters where c != a && c != b { orders.append(String([a, b, c])) }
      }
    }
    let encoding = FeatureEncoding(fitting: one(.words(orders)))
    // Four letters, for each its position and whether it is innermost.
    #expect(encoding.featureCount == 8)
    let row = Array(encoding.encode(one(.words(["CKP"]))).row(0))
    // C first of three (-1/3), K second (1/3), P last (1), Q absent (-1); letters in alphabetical order.
    let expected = [-1.0 / 3, 0, 1.0 / 3, 0, 1, 1, -1, 0]
    for (got, wanted) in zip(row, expected) { #expect(abs(got - wanted) < 1e-12) }
    #expect(encoding.unseenWords(["QPKC"], parameter: 0).isEmpty)
  }

  @Test func featuresOfOneParameterShareAGroup() {
    let columns = DesignColumns(
      names: ["n", "w", "c", "m"],
      columns: [
        .numbers([1, 2, 3]), .words(["a", "b", "c"]), .numbers([1, 1, 1]), .numbers([4, 5, 6]),
      ])
    #expect(FeatureEncoding(fitting: columns).groups == [0, 1, 1, 1, 2])
  }
}
