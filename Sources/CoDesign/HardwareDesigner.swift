public import DesignSpace
public import Execution
import Foundation
import LinearAlgebra
import Regression
import Search
public import Study

/// The published outer search: a linear Gaussian process of the logarithm of the cost over features of the machine, a
/// Gaussian-process classifier of hidden feasibility, and the best of a pool of legal designs.
///
/// Known constraints of the space hold by construction, since its sampler draws legal designs only. The options give the
/// searches it is compared with.
///
/// - SeeAlso: Shi et al. 2020, arXiv 2010.02075 (warm-up, pool and trials recalled, unverified); Gelbart, Snoek, Adams 2014,
///   "Bayesian Optimization with Unknown Constraints", equation 6 (the product with the probability).
public struct HardwareDesigner: Designer {
  /// The model of cost.
  public enum Surrogate: String, Hashable, Sendable, CaseIterable {
    /// A Gaussian process with a linear kernel and noise.
    case linear
    /// A random forest.
    case forest
    /// Boosted trees, which have no deviation.
    case boostedTrees
  }

  /// The settings.
  public struct Options: Hashable, Sendable {
    /// Random designs before the first model, from 2.
    public var warmUpCount = 5
    /// Legal designs a suggestion is chosen from, from 1.
    public var poolCount = 150
    /// What is looked for in the pool.
    public var acquisition = Acquisition.lowerConfidenceBound(weight: 1)
    /// The model of cost.
    public var surrogate = Surrogate.linear
    /// Whether hidden feasibility has a model of its own; otherwise infeasible designs are learned as the worst.
    public var learnsFeasibility = true
    /// Whether candidates are points of the unit cube that are rounded to the nearest legal design.
    public var isRelaxed = false

    /// The published settings (recalled).
    public init() {}
  }

  /// The name in the origin of trials.
  public let name: String
  private let problem: Problem
  private let options: Options
  private let features: @Sendable (Point) -> [Double]?
  private var ledger: SuggestionLedger
  private var rows: [[Double]] = []
  private var targets: [Double?] = []
  private var askedCount = 0

  /// Creates a designer.
  ///
  /// - Parameters:
  ///   - problem: What is searched: space, objectives, limits.
  ///   - name: Unique among its kind.
  ///   - options: Its settings.
  ///   - features: Numbers of a design's machine, as many for every design; `nil` for one that cannot be built.
  public init(
    _ problem: Problem, name: String = "co-design", options: Options = Options(),
    features: @escaping @Sendable (Point) -> [Double]?
  ) {
    precondition(options.warmUpCount >= 2 && options.poolCount >= 1, "counts from 2 and 1")
    self.problem = problem
    self.name = name
    self.options = options
    self.features = features
    ledger = SuggestionLedger(problem.space)
  }

  /// Proposes random legal designs at first, then the most promising of a pool.
  public mutating func suggest(count: Int, using generator: inout SeededGenerator) throws
    -> [Point]
  {
    var result: [Point] = []
    while result.count < count {
      askedCount += 1
      let known = targets.compactMap { $0 }
      var point: Point?
      if askedCount > options.warmUpCount, known.count >= 2 {
        point = try promising(known, using: &generator)
      }
      guard let design = try point ?? ledger.freshDesign(using: &generator) else { break }
      ledger.suggest(design)
      result.append(design)
    }
    return result
  }

  /// Learns from all trials but failed ones.
  public mutating func observe(_ trials: [Trial]) {
    ledger.settle(trials)
    for trial in trials {
      let outcome = problem.judging(trial.outcome)
      if case .failed = outcome { continue }
      guard let row = row(trial.point) else { continue }
      rows.append(row)
      targets.append(problem.cost(of: outcome).map { log(max($0, .leastNormalMagnitude)) })
    }
  }

  private func row(_ point: Point) -> [Double]? {
    options.isRelaxed ? relaxed(point) : features(point)
  }

  /// Positions of the parameters in `0...1`.
  private func relaxed(_ point: Point) -> [Double] {
    problem.space.parameters.indices.map {
      guard point.isActive($0) else { return 0.5 }
      let parameter = problem.space.parameters[$0]
      return parameter.isOrdered
        ? problem.space.position(of: point.coordinates[$0], parameter: $0)
        : point.coordinates[$0] / Double(max(1, (parameter.valueCount ?? 2) - 1))
    }
  }

  private func promising(_ known: [Double], using generator: inout SeededGenerator) throws
    -> Point?
  {
    let worst = known.max() ?? 0
    let best = known.min() ?? 0
    var used: [Int] = []
    var values: [Double] = []
    for (index, target) in targets.enumerated() {
      guard let value = target ?? (options.learnsFeasibility ? nil : worst) else { continue }
      used.append(index)
      values.append(value)
    }
    let predict = model(used.map { rows[$0] }, values)
    let classifier =
      options.learnsFeasibility
      ? FeasibilityClassifier(rows: rows, labels: targets.map { $0 != nil }) : nil
    var chosen: Point?
    var cube: [Double]?
    var highest = -Double.infinity
    for _ in 0..<options.poolCount {
      let row: [Double]
      var point: Point?
      if options.isRelaxed {
        row = problem.space.parameters.map { _ in generator.unitInterval() }
      } else {
        let drawn = try problem.space.sampler.sample(using: &generator)
        guard ledger.isFresh(drawn), let values = features(drawn) else { continue }
        row = values
        point = drawn
      }
      let (mean, deviation) = predict(row)
      var value = options.acquisition.logValue(mean: mean, deviation: deviation, best: best)
      if let classifier { value += log(max(classifier.probability(at: row), 1e-9)) }
      if value > highest { (highest, chosen, cube) = (value, point, row) }
    }
    guard options.isRelaxed, let cube else { return chosen }
    return rounded(cube).flatMap { ledger.isFresh($0) ? $0 : nil }
  }

  /// The legal design nearest to a point of the unit cube.
  private func rounded(_ cube: [Double]) -> Point? {
    let space = problem.space
    let coordinates = space.parameters.indices.map { index in
      let parameter = space.parameters[index]
      if parameter.isOrdered { return space.coordinate(atPosition: cube[index], parameter: index) }
      return (cube[index] * Double(max(1, (parameter.valueCount ?? 2) - 1))).rounded()
    }
    return space.point(coordinates: coordinates).flatMap { space.repaired($0) }
  }

  private func model(_ rows: [[Double]], _ values: [Double]) -> ([Double]) -> (
    mean: Double, deviation: Double
  ) {
    let seed = Seed(UInt64(rows.count))
    switch options.surrogate {
    case .linear:
      var model = LinearGaussianModel(dimension: rows[0].count)
      for (row, value) in zip(rows, values) { model.observe(row, target: value) }
      let fit = model.fitted()
      return { fit.prediction(at: $0) }
    case .forest:
      var settings = RandomForest.Options()
      settings.treeCount = 60
      guard
        let forest = try? RandomForest(
          points: Matrix(rows: rows), targets: values, options: settings, seed: seed)
      else { return { _ in (0, 1) } }
      return { row in
        let trees = forest.treePredictions(at: Matrix(rows: [row])).values
        let mean = trees.reduce(0, +) / Double(trees.count)
        let variance = trees.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(trees.count)
        return (mean, variance.squareRoot())
      }
    case .boostedTrees:
      var settings = GradientBoostedTrees.Options()
      settings.roundCount = 40
      settings.depthLimit = 3
      settings.learningRate = 0.3
      guard
        let trees = try? GradientBoostedTrees(
          points: Matrix(rows: rows), targets: values, options: settings, seed: seed)
      else { return { _ in (0, 1) } }
      return { (trees.predictions(at: Matrix(rows: [$0]))[0], 0) }
    }
  }
}
