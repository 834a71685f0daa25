import Execution
import GaussianProcesses
import LinearAlgebra

/// A Gaussian process with its targets' mean and deviation, in the unit of the targets.
///
/// Only the mean is kept: with the factors of three processes a workload, 2,000 rows each, fifty workloads would take 5 GB.
struct ScaledProcess: Sendable, Codable {
  var process: GaussianProcess
  var mean: Double
  var deviation: Double

  /// `n` predictions.
  func means(at points: Matrix) -> [Double] {
    process.mean(at: points).map { $0 * deviation + mean }
  }

  /// `n` standard deviations.
  func deviations(at points: Matrix) -> [Double] {
    process.prediction(at: points).standardDeviation.map { $0 * deviation }
  }

  /// `n x n`, in squared units of the targets.
  func covariance(at points: Matrix) -> Matrix {
    deviation * deviation * process.jointPrediction(at: points).covariance
  }

  /// Fits a process to standardized targets; `nil` where they are constant or fewer than 3.
  init?(
    points: Matrix, targets: [Double], groups: [Int], hasLinear: Bool, options: CommitteeOptions,
    seed: Seed
  ) {
    guard targets.count >= 3, points.columnCount > 0 else { return nil }
    let mean = targets.reduce(0, +) / Double(targets.count)
    let variance = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(targets.count)
    guard variance > 1e-24 else { return nil }
    let deviation = variance.squareRoot()
    let rows = chosenRows(targets.count, limit: options.processRowLimit, seed: seed)
    guard
      let observations = try? Observations(
        points: points.rows(rows), targets: rows.map { (targets[$0] - mean) / deviation })
    else { return nil }
    var fitting = FitOptions()
    fitting.rowLimit = options.kernelRowLimit
    fitting.minimizer.iterationLimit = 30
    fitting.minimizer.evaluationLimit = 45
    process = GaussianProcess.fitted(
      to: observations, kernel: Kernel(design: Kernel.Block(groups: groups), hasLinear: hasLinear),
      options: fitting, seed: seed
    ).keepingMeanOnly()
    self.mean = mean
    self.deviation = deviation
  }
}
