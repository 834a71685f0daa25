import DesignSpace
import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra

extension DesignModels {
  /// Designs whose feasibility is computed at a time.
  private static let batchCount = 64

  /// The logarithms of acquisition and probability of feasibility, added; of the latter alone while nothing is feasible.
  ///
  /// The acquisition is computed for all designs. A probability only lowers it, so limits and hidden failures are left out where
  /// the acquisition alone tells that the design is not asked for.
  ///
  /// - Parameters:
  ///   - points: The designs.
  ///   - demand: Which scores are asked for; the others are `-inf`.
  ///   - generator: Draws the costs of Thompson sampling; `nil` takes means instead.
  /// - Complexity: O(*n*^2) per design for *n* trials in the models, once for every head.
  func scores(
    of points: [Point], _ demand: ScoreDemand, drawingFrom generator: inout SeededGenerator?
  ) -> [Double] {
    guard !points.isEmpty else { return [] }
    let rows = features.matrix(points)
    let readings = cheap?.readings(of: points)
    guard let target, !costs.isEmpty else { return logFeasibility(of: points, at: rows, readings) }
    let bounds = acquisitions(of: rows, readings, target, drawingFrom: &generator)
    var result = [Double](repeating: -.infinity, count: points.count)
    var known = DemandedScores(demand)
    let order = points.indices.sorted { (bounds[$1], $0) < (bounds[$0], $1) }
    var place = 0
    while place < order.count {
      var batch: [Int] = []
      while place < order.count, batch.count < Self.batchCount {
        if known.mayNeed(order[place], bounds[order[place]]) { batch.append(order[place]) }
        place += 1
      }
      for (index, score) in scores(of: batch, bounds, points, rows, readings, known) {
        result[index] = score
        known.know(index, score)
      }
    }
    return result
  }

  /// The scores of some designs from their acquisitions; those that turn out not to be needed are left out.
  private func scores(
    of batch: [Int], _ bounds: [Double], _ points: [Point], _ rows: Matrix,
    _ readings: CheapReadings?, _ known: DemandedScores
  ) -> [(Int, Double)] {
    var left = batch
    var scores = batch.map { bounds[$0] }
    func dropUseless() {
      let kept = left.indices.filter { known.mayNeed(left[$0], scores[$0]) }
      left = kept.map { left[$0] }
      scores = kept.map { scores[$0] }
    }
    for limit in limits {
      guard !left.isEmpty else { return [] }
      let told = readings?.limits[limit.place]
      let prediction = limit.model.prediction(
        at: rows.rows(left), readings: told.map { told in left.map { told[$0] } })
      scores.addLogProbability(
        mean: prediction.mean, variance: prediction.variance, keeping: limit.bound,
        sign: limit.sign)
      dropUseless()
    }
    if let success, !left.isEmpty {
      scores.addLogProbabilities(success.probabilities(at: left.map { points[$0] }))
    }
    return Array(zip(left, scores))
  }

  /// The logarithms of the acquisition.
  ///
  /// It is augmented by the share of the standard deviation that an evaluation would remove: without it, designs that
  /// hardly differ from the best are evaluated again and again where the model is noisy.
  ///
  /// - SeeAlso: Huang et al. 2006, "Global Optimization of Stochastic Black-Box Systems via Sequential Kriging
  ///   Meta-Models", equation 12 (recalled).
  private func acquisitions(
    of rows: Matrix, _ readings: CheapReadings?, _ target: Target,
    drawingFrom generator: inout SeededGenerator?
  ) -> [Double] {
    var scores = [Double](repeating: 0, count: rows.rowCount)
    let predictions = costs.indices.map {
      costs[$0].prediction(at: rows, readings: readings?.costs[$0])
    }
    for (model, prediction) in zip(costs, predictions) {
      let noise = model.process.parameters.noise
      for (index, variance) in prediction.variance.enumerated() {
        // Where no more than the noise is unknown, another evaluation tells nothing new.
        scores[index] +=
          log1p(-(noise / (variance + noise)).squareRoot()) / Double(costs.count)
      }
    }
    switch target {
    case .front(let front):
      for index in scores.indices {
        scores[index] += front.logValue(
          means: predictions.map { $0.mean[index] },
          deviations: predictions.map { $0.variance[index].squareRoot() })
      }
    case .best where exploration != nil:
      let told = readings?.costs[0]
      exploration?.addLogValues(to: &scores, predictions[0].variance, at: rows, told)
    case .best(let best):
      var mean = predictions[0].mean
      if case .thompsonSampling = acquisition, var source = generator {
        let extended = costs[0].extended(rows, readings?.costs[0])
        let drawn = costs[0].process.jointPrediction(at: extended)
          .samples(count: 1, using: &source)
        generator = source
        // What the draw differs from the mean of the process, around the mean with its trend.
        let own = costs[0].process.mean(at: extended)
        mean = mean.indices.map { mean[$0] + drawn.values[$0] - own[$0] }
      }
      for (index, variance) in predictions[0].variance.enumerated() {
        scores[index] += acquisition.logValue(
          mean: mean[index], deviation: variance.squareRoot(), best: best)
      }
    }
    return scores
  }
}
