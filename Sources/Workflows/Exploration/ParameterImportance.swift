import DesignSpace
import Execution
import Foundation
import LinearAlgebra
import Regression
import Study

/// Which parameters decide about the objective and about feasibility, as far as the trials of a study tell.
///
/// A random forest learns the first objective (its logarithm where all values are positive) from the designs that were
/// measured, another one feasibility from all; `ForestVariance` takes them apart over uniform legal designs. A search looks
/// more often where designs are good, so shares say what matters there rather than everywhere.
public struct ParameterImportance: Sendable {
  /// One forest's view.
  public struct View: Sendable {
    /// For each parameter of the space the share of the variance it explains on its own.
    public var shares: [Double]
    /// The share that only combinations explain.
    public var combinedShare: Double
    /// How much of the variance the forest predicts for rows it has not seen, at most 1; small or negative: do not trust it.
    public var fit: Double
  }

  /// Fewest trials that a forest is grown on.
  static let fewestTrials = 10

  /// Names of the parameters.
  public var parameters: [String]
  /// What the objective depends on; `nil` with fewer than ten measured designs, or equal values.
  public var objective: View?
  /// What feasibility depends on; `nil` with fewer than ten trials, or when all or none are feasible.
  public var feasibility: View?

  /// Learns from trials; `nil` when nothing can be said.
  ///
  /// - Throws: `DesignSpaceError` for a space without legal designs, `CancellationError`.
  init?(_ trials: [Trial], of problem: Problem, seed: Seed) throws {
    parameters = problem.space.parameters.map(\.name)
    let goal = problem.objectives[0]
    let place = problem.index(ofMetric: goal.metric) ?? 0
    var measured: [(point: Point, value: Double)] = []
    var judged: [(point: Point, value: Double)] = []
    for trial in trials {
      switch problem.judging(trial.outcome) {
      case .measured(let values):
        measured.append((trial.point, values[place]))
        judged.append((trial.point, 1))
      case .infeasible(let infeasibility):
        if place < infeasibility.values.count, let value = infeasibility.values[place],
          value.isFinite
        {
          measured.append((trial.point, value))
        }
        judged.append((trial.point, 0))
      case .failed: continue
      }
    }
    if measured.allSatisfy({ $0.value > 0 }) {
      measured = measured.map { ($0.point, log($0.value)) }
    }
    let distinct = Set(judged.map(\.value)).count
    guard
      measured.count >= Self.fewestTrials
        || (judged.count >= Self.fewestTrials && distinct == 2)
    else { return nil }
    var generator = seed.child("importance").generator()
    let sample = Self.matrix(
      try problem.space.sample(count: 1_000, using: &generator), of: problem.space)
    objective = try Self.view(measured, problem.space, sample, seed.child("objective forest"))
    feasibility = try Self.view(judged, problem.space, sample, seed.child("feasibility forest"))
    if objective == nil, feasibility == nil { return nil }
  }

  private static func view(
    _ rows: [(point: Point, value: Double)], _ space: SearchSpace, _ sample: Matrix, _ seed: Seed
  ) throws -> View? {
    guard rows.count >= fewestTrials else { return nil }
    // Forests take no larger ones.
    let targets = rows.map { max(-1e100, min(1e100, $0.value)) }
    let mean = targets.reduce(0) { $0 + $1 / Double(targets.count) }
    let variance = targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / Double(targets.count) }
    guard variance > 1e-24 * mean * mean, variance.isFinite else { return nil }
    var options = RandomForest.Options()
    options.treeCount = 100
    // The share of the paper's forests (recalled); Breiman's third is one column of few parameters.
    options.columnShare = 5.0 / 6
    let forest = try RandomForest(
      points: matrix(rows.map(\.point), of: space), targets: targets, options: options, seed: seed)
    let parts = ForestVariance(of: forest, over: sample)
    guard parts.mainShares.contains(where: { $0 > 0 }) || parts.combinedShare > 0 else {
      return nil
    }
    return View(
      shares: parts.mainShares, combinedShare: parts.combinedShare,
      fit: 1 - (forest.outOfBagError ?? variance) / variance)
  }

  /// One column a parameter: the index of the value, the place of a real one in its range; -1 where it is inactive.
  private static func matrix(_ points: [Point], of space: SearchSpace) -> Matrix {
    let isReal = space.parameters.map { $0.valueCount == nil }
    return Matrix(
      rows: points.map { point in
        point.coordinates.enumerated().map { index, coordinate in
          guard point.isActive(index) else { return -1 }
          return isReal[index] ? space.position(of: coordinate, parameter: index) : coordinate
        }
      })
  }
}
