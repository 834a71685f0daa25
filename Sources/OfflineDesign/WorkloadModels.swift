import Execution
import LinearAlgebra
import Regression

/// What a committee learned from one workload's own rows.
public struct WorkloadModels: Sendable, Codable {
  var ridge: RidgeRegression?
  var boosted: GradientBoostedTrees?
  var forest: RandomForest?
  var process: ScaledProcess?
  var ridgeProcess: ScaledProcess?
  var pooledRidgeProcess: ScaledProcess?

  /// Nothing, as long as it is not needed.
  init() {}

  /// - Parameters:
  ///   - points: `n x d`, encoded designs of the workload.
  ///   - targets: `n` targets less the workload's median.
  ///   - pooledRidge: `n` predictions of the pooled polynomial, `nil` without one.
  init(
    points: Matrix, targets: [Double], pooledRidge: [Double]?, groups: [Int],
    options: CommitteeOptions, seed: Seed
  ) throws {
    let members = options.members
    guard targets.count >= 3 else { return }
    let isRidgeNeeded = members.contains(.ridge) || members.contains(.ridgeProcess)
    let ridge = isRidgeNeeded ? try RidgeRegression(points: points, targets: targets) : nil
    self.ridge = ridge
    if members.contains(.boostedTrees) {
      var boosting = GradientBoostedTrees.Options()
      boosting.roundCount = options.roundCount
      boosting.learningRate = 0.06
      boosting.leafWeight = 5
      boosted = try GradientBoostedTrees(
        points: points, targets: targets, options: boosting, seed: seed.child("boosted"))
    }
    if members.contains(.forest) {
      forest = try PooledModels.forest(
        points, targets, leaf: 1, share: 0.6, options, seed: seed.child("forest"))
    }
    func process(_ targets: [Double], _ label: String, hasLinear: Bool) -> ScaledProcess? {
      ScaledProcess(
        points: points, targets: targets, groups: groups, hasLinear: hasLinear, options: options,
        seed: seed.child(label))
    }
    if members.contains(.process) { self.process = process(targets, "process", hasLinear: true) }
    if members.contains(.ridgeProcess), let ridge {
      let left = zip(targets, ridge.predictions(at: points)).map { $0 - $1 }
      ridgeProcess = process(left, "ridge+process", hasLinear: false)
    }
    if members.contains(.pooledRidgeProcess), let pooledRidge {
      pooledRidgeProcess = process(
        zip(targets, pooledRidge).map { $0 - $1 }, "pooled-ridge+process", hasLinear: true)
    }
  }
}
