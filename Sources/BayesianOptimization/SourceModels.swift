import DesignSpace
import Execution
import GaussianProcesses
import LinearAlgebra
import Study

/// What studies of other workloads say of designs: one model per source of every head, and of hidden failures.
struct SourceModels: Sendable {
  /// Most trials of a source that its models see.
  static let trialLimit = 300

  /// By objective, then source; processes of standardized costs.
  let costs: [SourceProcesses]
  /// By limit, then source.
  let limits: [SourceProcesses]
  private let forests: [FailureForest]

  /// - Returns: `nil` without sources that tell anything.
  /// - Parameters:
  ///   - sources: Studies of other workloads.
  ///   - problem: What is searched.
  ///   - features: What tells its workload from theirs.
  init?(
    _ sources: [TransferredStudies.Source], of problem: Problem, features: [Double] = []
  ) {
    let contexts = StudyContexts(of: sources.map(\.features), and: features)
    let none = SourceProcesses(processes: [], contexts: [], own: contexts.own)
    var costs = [SourceProcesses](repeating: none, count: problem.objectives.count)
    var limits = [SourceProcesses](repeating: none, count: problem.limits.count)
    var forests: [FailureForest] = []
    for (source, context) in zip(sources, contexts.sources) {
      var record = DesignRecord(problem)
      record.observe(source.trials)
      var generator = Seed(0).child("source", record.count).generator()
      let chosen = record.chosenTrials(atMost: Self.trialLimit, using: &generator)
      let isChosen: (Int) -> Bool = { chosen?[$0] ?? true }
      for index in costs.indices {
        if let model = record.costs[index].model(using: isChosen) {
          costs[index].add(model.process, in: context)
        }
      }
      for index in limits.indices {
        if let model = record.limits[index].model(using: isChosen) {
          limits[index].add(model.process, in: context)
        }
      }
      if let forest = record.failureForest(isChosen) { forests.append(forest) }
    }
    guard costs.contains(where: { !$0.processes.isEmpty }) || !forests.isEmpty else { return nil }
    self.costs = costs
    self.limits = limits
    self.forests = forests
  }

  /// The probability that a design does not fail for a hidden reason, the mean over the sources; `nil` where none knows.
  func probabilities(at points: [Point]) -> [Double]? {
    guard !forests.isEmpty else { return nil }
    var result = [Double](repeating: 0, count: points.count)
    for forest in forests {
      for (index, value) in forest.probabilities(at: points).enumerated() {
        result[index] += value / Double(forests.count)
      }
    }
    return result
  }
}

/// What sources say of a value, as a function that a residual is added to.
struct SourceTrend: Sendable {
  /// Processes of the sources.
  let processes: [GaussianProcess]
  /// The share of every one.
  let weights: [Double]
  /// What the target changes by when the trend changes by 1.
  let slope: Double

  /// The trend at rows of features.
  func values(at rows: Matrix) -> [Double] {
    var result = [Double](repeating: 0, count: rows.rowCount)
    for (process, weight) in zip(processes, weights) where weight > 0 {
      for (index, value) in process.mean(at: rows).enumerated() {
        result[index] += slope * weight * value
      }
    }
    return result
  }

  /// Trends worth comparing: all sources alike, and weighted by how well each orders the targets.
  ///
  /// Weights are squares of Kendall correlations, 0 for those that are not positive; slopes are those of least squares, shrunk
  /// towards 0 as if one more target had been seen there.
  ///
  /// Differs from the paper: the weights are not the chances of being the best under draws of the posteriors, which with few targets
  /// are nearly even.
  /// - SeeAlso: Feurer, Letham, Bakshy 2018, "Scalable Meta-Learning for Bayesian Optimization using Ranking-Weighted
  ///   Gaussian Process Ensembles" (RGPE; recalled).
  static func candidates(
    _ processes: [GaussianProcess], rows: Matrix, targets: [Double]
  ) -> [SourceTrend] {
    guard !processes.isEmpty, targets.count >= 3 else { return [] }
    let predictions = processes.map { $0.mean(at: rows) }
    let even = [Double](repeating: 1 / Double(processes.count), count: processes.count)
    var all = [even]
    if processes.count > 1 {
      let squares = predictions.map { values -> Double in
        let correlation = kendall(values, targets)
        return correlation > 0 ? correlation * correlation : 0
      }
      let sum = squares.reduce(0, +)
      if sum > 0 { all.append(squares.map { $0 / sum }) }
    }
    return all.compactMap { weights in
      let trend = targets.indices.map { row in
        zip(weights, predictions).reduce(0) { $0 + $1.0 * $1.1[row] }
      }
      let slope = shrunkenSlope(trend, targets)
      return slope > 0 ? SourceTrend(processes: processes, weights: weights, slope: slope) : nil
    }
  }

  /// The slope of least squares of `y` over `x`, shrunk towards 0 as if one more `y` had been seen there.
  static func shrunkenSlope(_ x: [Double], _ y: [Double]) -> Double {
    let count = Double(x.count)
    let meanX = x.reduce(0, +) / count
    let meanY = y.reduce(0, +) / count
    var cross = 0.0
    var square = 1.0
    for (a, b) in zip(x, y) {
      cross += (a - meanX) * (b - meanY)
      square += (a - meanX) * (a - meanX)
    }
    return cross / square
  }

  /// The share of ordered pairs less that of disordered ones.
  static func kendall(_ a: [Double], _ b: [Double]) -> Double {
    var balance = 0
    for i in a.indices {
      for j in 0..<i {
        let product = (a[i] - a[j]) * (b[i] - b[j])
        balance += product > 0 ? 1 : product < 0 ? -1 : 0
      }
    }
    return 2 * Double(balance) / Double(max(1, a.count * (a.count - 1)))
  }
}
