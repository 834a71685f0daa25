import LinearAlgebra

/// Trees as runs of numbers: for each node its column, how far ahead its left child lies, its threshold or value.
struct PackedTrees: Codable {
  /// Nodes of each tree.
  let counts: PackedIntegers
  let columns: PackedIntegers
  let steps: PackedIntegers
  let numbers: PackedNumbers

  init(_ trees: [RegressionTree]) {
    counts = PackedIntegers(trees.map { Int32($0.nodes.count) })
    var columns: [Int32] = []
    var steps: [Int32] = []
    var numbers: [Double] = []
    for tree in trees {
      for (index, node) in tree.nodes.enumerated() {
        columns.append(node.column)
        steps.append(node.column < 0 ? 0 : node.left - Int32(index))
        numbers.append(node.number)
      }
    }
    self.columns = PackedIntegers(columns)
    self.steps = PackedIntegers(steps)
    self.numbers = PackedNumbers(numbers)
  }

  /// The trees; every path ends in a leaf.
  ///
  /// - Throws: `DecodingError` for children outside their tree.
  func trees(_ path: [any CodingKey]) throws -> [RegressionTree] {
    func wrong(_ what: String) -> DecodingError {
      DecodingError.dataCorrupted(.init(codingPath: path, debugDescription: what))
    }
    let total = numbers.values.count
    let sum = counts.values.reduce(0) { $0 + Int(max(0, $1)) }
    guard columns.values.count == total, steps.values.count == total, sum == total,
      counts.values.allSatisfy({ $0 > 0 })
    else { throw wrong("\(total) numbers for trees of \(sum) nodes") }
    var trees: [RegressionTree] = []
    trees.reserveCapacity(counts.values.count)
    var start = 0
    for count in counts.values {
      var nodes: [RegressionTree.Node] = []
      nodes.reserveCapacity(Int(count))
      for index in 0..<count {
        let place = start + Int(index)
        let column = columns.values[place]
        let step = steps.values[place]
        // Children lie ahead, so every walk ends.
        guard column < 0 || (step > 0 && Int(index) + Int(step) + 1 < Int(count)) else {
          throw wrong("node \(index) of a tree of \(count) has a child \(step) ahead")
        }
        nodes.append(
          RegressionTree.Node(
            column: max(-1, column), left: column < 0 ? 0 : index + step,
            number: numbers.values[place]))
      }
      start += Int(count)
      trees.append(RegressionTree(nodes: nodes))
    }
    return trees
  }
}

extension RegressionTree {
  /// Columns that points must have at least.
  var leastColumnCount: Int { Int(nodes.map(\.column).max() ?? -1) + 1 }
}

extension RandomForest: Codable {
  /// Reads a forest, without the predictions of rows that were not drawn.
  ///
  /// - Throws: `DecodingError` for what is no forest.
  public init(from decoder: any Decoder) throws {
    let packed = try decoder.singleValueContainer().decode(PackedTrees.self)
    let trees = try packed.trees(decoder.codingPath)
    guard !trees.isEmpty else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a forest without trees"))
    }
    self.init(trees: trees)
  }

  /// Writes the trees.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(PackedTrees(trees))
  }

  /// Columns that points must have at least.
  public var leastColumnCount: Int { trees.map(\.leastColumnCount).max() ?? 0 }
}

extension GradientBoostedTrees: Codable {
  private enum CodingKeys: String, CodingKey { case isLogistic, base, trees }

  /// Reads boosted trees.
  ///
  /// - Throws: `DecodingError` for what is none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let isLogistic = try container.decode(Bool.self, forKey: .isLogistic)
    loss = isLogistic ? .logistic : .squared
    base = try container.decode(Double.self, forKey: .base)
    trees = try container.decode(PackedTrees.self, forKey: .trees).trees(decoder.codingPath)
  }

  /// Writes the trees and the score they start from.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(loss == .logistic, forKey: .isLogistic)
    try container.encode(base, forKey: .base)
    try container.encode(PackedTrees(trees), forKey: .trees)
  }

  /// Columns that points must have at least.
  public var leastColumnCount: Int { trees.map(\.leastColumnCount).max() ?? 0 }
}
