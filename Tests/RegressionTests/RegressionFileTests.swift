import Execution
import Foundation
import LinearAlgebra
import Regression
import Testing

/// Models that were written and read predict bit for bit alike, and damage is told.
@Suite struct RegressionFileTests {
  private static func written(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(value)
  }

  /// Reads what was written, checks that it is written alike, and returns it.
  private func copy<Model: Codable>(_ model: Model) throws -> Model {
    let data = try Self.written(model)
    let result = try JSONDecoder().decode(Model.self, from: data)
    #expect(try Self.written(result) == data)
    return result
  }

  private func bits(_ values: [Double]) -> [UInt64] { values.map(\.bitPattern) }

  @Test(arguments: 0..<4) func copiesPredictBitForBitAlike(seed: Int) throws {
    let (points, targets) = friedman(120, 6, seed)
    let fresh = friedman(60, 6, seed + 50).points
    for degree in 1...2 {
      var options = RidgeRegression.Options()
      options.degree = degree
      let ridge = try RidgeRegression(points: points, targets: targets, options: options)
      let again = try copy(ridge)
      #expect(bits(again.predictions(at: fresh)) == bits(ridge.predictions(at: fresh)))
      #expect(again.penalty == ridge.penalty && again.columnCount == 6)
      #expect(again.leaveOneOutError == ridge.leaveOneOutError)
      #expect(again.leaveOneOutPredictions.isEmpty)
    }
    for kind in [RandomForest.Options(), .extraTrees] {
      var options = kind
      options.treeCount = 12
      let forest = try RandomForest(
        points: points, targets: targets, options: options, seed: Seed(UInt64(seed)))
      let again = try copy(forest)
      let isSame = again.trees == forest.trees
      #expect(isSame)
      #expect(bits(again.predictions(at: fresh)) == bits(forest.predictions(at: fresh)))
      #expect(again.leastColumnCount == forest.leastColumnCount)
    }
    let middle = targets.sorted()[60]
    for isLogistic in [false, true] {
      var options = GradientBoostedTrees.Options()
      options.loss = isLogistic ? .logistic : .squared
      options.roundCount = 20
      let model = try GradientBoostedTrees(
        points: points, targets: isLogistic ? targets.map { $0 > middle ? 1 : 0 } : targets,
        options: options, seed: Seed(UInt64(seed)))
      let again = try copy(model)
      #expect(again.loss == model.loss && again.base == model.base)
      #expect(bits(again.predictions(at: fresh)) == bits(model.predictions(at: fresh)))
      #expect(bits(again.scores(at: fresh)) == bits(model.scores(at: fresh)))
    }
  }

  /// What a reader says of a model after a change of its JSON.
  private func complaint<Model: Codable>(
    _ model: Model, _ change: (inout [String: Any]) throws -> Void
  ) throws -> String {
    let data = try Self.written(model)
    var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    try change(&object)
    let text = try JSONSerialization.data(withJSONObject: object)
    do {
      _ = try JSONDecoder().decode(Model.self, from: text)
      return "none"
    } catch DecodingError.dataCorrupted(let context) {
      return context.debugDescription
    } catch DecodingError.keyNotFound(let key, _) {
      return "no \(key.stringValue)"
    }
  }

  private func run(_ values: [Int32]) -> String {
    values.map(\.littleEndian).withUnsafeBytes { Data($0) }.base64EncodedString()
  }

  private func numbers(_ values: [Double]) -> String {
    values.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }.base64EncodedString()
  }

  @Test func damagedPolynomialsAreRefused() throws {
    let (points, targets) = friedman(40, 5, 1)
    let ridge = try RidgeRegression(points: points, targets: targets)
    let wanted = "20 coefficients for 5 columns"
    #expect(try complaint(ridge) { $0["degree"] = 3 } == wanted)
    #expect(try complaint(ridge) { $0["degree"] = 1 } == wanted)
    #expect(try complaint(ridge) { $0["factors"] = numbers([1.0]) } == wanted)
    #expect(
      try complaint(ridge) { $0["means"] = numbers([1.0]) } == "20 coefficients for 1 columns")
    #expect(
      try complaint(ridge) { $0["coefficients"] = numbers([1.0, 2]) }
        == "2 coefficients for 5 columns")
    #expect(try complaint(ridge) { $0["means"] = nil } == "no means")
  }

  /// One split of the first column at 0.5 and leaves of 1 and 2.
  private func stump(_ object: inout [String: Any]) {
    object["counts"] = run([3])
    object["columns"] = run([0, -1, -1])
    object["steps"] = run([1, 0, 0])
    object["numbers"] = numbers([0.5, 1, 2])
  }

  @Test func damagedTreesAreRefused() throws {
    let (points, targets) = friedman(40, 5, 1)
    let forest = try RandomForest(points: points, targets: targets, seed: Seed(1))
    #expect(try complaint(forest, stump) == "none")
    func after(_ change: (inout [String: Any]) -> Void) throws -> String {
      try complaint(forest) { object in
        stump(&object)
        change(&object)
      }
    }
    #expect(try after { $0["counts"] = run([2]) } == "3 numbers for trees of 2 nodes")
    #expect(try after { $0["counts"] = run([3, 0]) } == "3 numbers for trees of 3 nodes")
    #expect(try after { $0["counts"] = run([-3, 6]) } == "3 numbers for trees of 6 nodes")
    #expect(try after { $0["numbers"] = numbers([0.5]) } == "1 numbers for trees of 3 nodes")
    #expect(try after { $0["columns"] = run([0]) } == "3 numbers for trees of 3 nodes")
    // A child that is its own parent, one behind it, and one past the end.
    #expect(
      try after { $0["steps"] = run([0, 0, 0]) } == "node 0 of a tree of 3 has a child 0 ahead")
    #expect(
      try after { $0["steps"] = run([-1, 0, 0]) } == "node 0 of a tree of 3 has a child -1 ahead")
    #expect(
      try after { $0["steps"] = run([2, 0, 0]) } == "node 0 of a tree of 3 has a child 2 ahead")
    #expect(
      try after { $0["steps"] = run([.max, 0, 0]) }
        == "node 0 of a tree of 3 has a child 2147483647 ahead")
    #expect(
      try after { object in
        for key in ["counts", "columns", "steps", "numbers"] { object[key] = "" }
      } == "a forest without trees")
    #expect(try after { $0["steps"] = "AAA=" } == "2 bytes, expected a multiple of 4")
  }

  /// Boosting of no rounds is its base; trees of other columns say how many they need.
  @Test func smallModelsSurvive() throws {
    let (points, targets) = friedman(30, 5, 2)
    let forest = try RandomForest(points: points, targets: targets, seed: Seed(1))
    let data = try Self.written(forest)
    var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    stump(&object)
    object["columns"] = run([3, -1, -1])
    let stump = try JSONDecoder().decode(
      RandomForest.self, from: JSONSerialization.data(withJSONObject: object))
    #expect(stump.leastColumnCount == 4)
    let queries = Matrix(rows: [[9, 9, 9, 0.4], [9, 9, 9, 0.6]])
    #expect(stump.predictions(at: queries) == [1, 2])
  }

  /// Bytes changed at random are refused or give some model; nothing crashes or goes round in circles.
  @Test func changedBytesNeverCrash() throws {
    let (points, targets) = friedman(40, 5, 3)
    var growth = RandomForest.Options.extraTrees
    growth.treeCount = 3
    let forest = try RandomForest(
      points: points, targets: targets, options: growth, seed: Seed(1))
    let ridge = try RidgeRegression(points: points, targets: targets)
    let texts = [[UInt8](try Self.written(forest)), [UInt8](try Self.written(ridge))]
    var generator = Seed(8).generator()
    for round in 0..<400 {
      var bytes = texts[round % 2]
      for _ in 0...generator.index(below: 3) {
        bytes[generator.index(below: bytes.count)] = UInt8(generator.index(below: 256))
      }
      let fitting = points.columns(0..<5)
      if round % 2 == 0 {
        let model = try? JSONDecoder().decode(RandomForest.self, from: Data(bytes))
        if let model, model.leastColumnCount <= 5 {
          #expect(model.predictions(at: fitting).count == 40)
        }
      } else if let model = try? JSONDecoder().decode(RidgeRegression.self, from: Data(bytes)),
        model.columnCount == 5
      {
        #expect(model.predictions(at: fitting).count == 40)
      }
    }
  }
}
