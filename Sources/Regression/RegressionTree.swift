import Execution
public import LinearAlgebra

/// A binary tree of thresholds with a number at every leaf.
///
/// Nodes lie in one array; the children of a node are neighbors.
///
/// - SeeAlso: Breiman, Friedman, Olshen, Stone 1984, "Classification and Regression Trees", chapter 8.
public struct RegressionTree: Hashable, Sendable {
  /// How far a tree is grown.
  public struct Options: Hashable, Sendable {
    /// Most splits from the root to a leaf.
    public var depthLimit = 64
    /// Fewest rows of a leaf.
    public var leafRowCount = 1

    /// The default options: leaves are pure or cannot be split.
    public init() {}
  }

  struct Node: Hashable, Sendable {
    /// The column compared, -1 for a leaf.
    var column: Int32
    /// The left child, taken when the coordinate is not above the threshold; the right one follows it.
    var left: Int32
    /// The threshold, or the value of a leaf.
    var number: Double
  }

  var nodes: [Node]

  init(nodes: [Node]) {
    self.nodes = nodes
  }

  /// Grows a tree that lowers the sum of squared errors most at every split.
  ///
  /// Every column is looked at; of equal splits the first column and the lowest threshold win. Columns of more than 256
  /// distinct values are split at 255 places of equal row counts only.
  ///
  /// - Throws: `RegressionError` without rows or for numbers that are not finite.
  /// - Complexity: O(*n d*) per level.
  public init(
    points: Matrix, targets: [Double], options: Options = Options()
  ) throws(RegressionError) {
    try checkTrainingData(points, targets)
    let center = targets.reduce(0) { $0 + $1 / Double(targets.count) }
    var growth = TreeGrower.Options()
    growth.depthLimit = options.depthLimit
    growth.leafWeight = Double(max(1, options.leafRowCount))
    let grower = TreeGrower(columns: BinnedColumns(points), options: growth)
    var rows = (0..<Int32(targets.count)).map { $0 }
    var generator = Seed(0).generator()
    self = grower.grow(
      rows: &rows, gradients: targets.map { center - $0 }, hessians: nil,
      among: Array(0..<points.columnCount), using: &generator)
    shiftLeaves(by: center)
  }

  /// The number of leaves.
  public var leafCount: Int { nodes.count { $0.column < 0 } }

  /// The most splits from the root to a leaf.
  public var depth: Int {
    var depths = [Int](repeating: 0, count: nodes.count)
    for (index, node) in nodes.enumerated() where node.column >= 0 {
      depths[Int(node.left)] = depths[index] + 1
      depths[Int(node.left) + 1] = depths[index] + 1
    }
    return depths.max() ?? 0
  }

  /// The value of the leaf that each row of `m x d` points falls into.
  ///
  /// - Complexity: O(*m x depth*).
  public func predictions(at points: Matrix) -> [Double] {
    var result = [Double](repeating: 0, count: points.rowCount)
    addPredictions(at: points, times: 1, to: &result)
    return result
  }

  mutating func shiftLeaves(by value: Double) {
    for index in nodes.indices where nodes[index].column < 0 { nodes[index].number += value }
  }

  mutating func scaleLeaves(by factor: Double) {
    for index in nodes.indices where nodes[index].column < 0 { nodes[index].number *= factor }
  }

  /// Adds the scaled value of each row's leaf.
  func addPredictions(at points: Matrix, times factor: Double, to sums: inout [Double]) {
    let columnCount = points.columnCount
    points.withUnsafeValues { values in
      nodes.withUnsafeBufferPointer { nodes in
        sums.withUnsafeMutableBufferPointer { sums in
          for row in sums.indices {
            var node = nodes[0]
            while node.column >= 0 {
              let isRight = !(values[row * columnCount + Int(node.column)] <= node.number)
              node = nodes[Int(node.left) + (isRight ? 1 : 0)]
            }
            sums[row] += factor * node.number
          }
        }
      }
    }
  }
}
