import Execution
import GaussianProcesses
import LinearAlgebra
import Regression

/// What is learned from all workloads at once: targets relative to each workload's median.
struct PooledModels: Sendable, Codable {
  var ridge: RidgeRegression?
  var boosted: GradientBoostedTrees?
  var forest: RandomForest?
  var process: ScaledProcess?

  /// - Parameters:
  ///   - plain: `n x (d + f)`: design and workload features.
  ///   - labelled: `plain`, and where there are no features a column a workload.
  ///   - targets: `n` targets less their workload's median.
  init(
    plain: Matrix, labelled: Matrix, targets: [Double], groups: [Int], options: CommitteeOptions
  ) throws {
    let members = options.members
    let seed = options.seed.child("pooled")
    if members.contains(.pooledRidge) || members.contains(.pooledRidgeProcess) {
      let rows = chosenRows(targets.count, limit: 20_000, seed: seed.child("ridge"))
      ridge = try RidgeRegression(points: plain.rows(rows), targets: rows.map { targets[$0] })
    }
    if members.contains(.pooledBoostedTrees) {
      boosted = try Self.boostedTrees(
        labelled, targets, roundCount: options.roundCount * 5 / 3, seed: seed.child("boosted"))
    }
    if members.contains(.pooledForest) {
      let rows = chosenRows(targets.count, limit: options.forestRowLimit, seed: seed)
      forest = try Self.forest(
        labelled.rows(rows), rows.map { targets[$0] }, leaf: 2, share: 0.5, options,
        seed: seed.child("forest"))
    }
    if members.contains(.pooledProcess) {
      let rows = chosenRows(targets.count, limit: 1200, seed: seed.child("process"))
      process = ScaledProcess(
        points: plain.rows(rows), targets: rows.map { targets[$0] }, groups: groups,
        hasLinear: true,
        options: options, seed: seed)
    }
  }

  static func boostedTrees(_ points: Matrix, _ targets: [Double], roundCount: Int, seed: Seed)
    throws -> GradientBoostedTrees
  {
    var boosting = GradientBoostedTrees.Options()
    boosting.roundCount = roundCount
    boosting.learningRate = 0.08
    boosting.depthLimit = 7
    boosting.leafWeight = 10
    return try GradientBoostedTrees(
      points: points, targets: targets, options: boosting, seed: seed)
  }

  static func forest(
    _ points: Matrix, _ targets: [Double], leaf: Int, share: Double, _ options: CommitteeOptions,
    seed: Seed
  ) throws -> RandomForest {
    var growth = RandomForest.Options.extraTrees
    growth.treeCount = options.treeCount
    growth.leafRowCount = leaf
    growth.columnShare = share
    return try RandomForest(points: points, targets: targets, options: growth, seed: seed)
  }
}

/// Rows drawn without repeats, ascending; all of them up to the limit.
func chosenRows(_ count: Int, limit: Int, seed: Seed) -> [Int] {
  guard count > limit else { return Array(0..<count) }
  var generator = seed.child("rows").generator()
  var rows = Array(0..<count)
  rows.shuffle(using: &generator)
  return rows.prefix(limit).sorted()
}
