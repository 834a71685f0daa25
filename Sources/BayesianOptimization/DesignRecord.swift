import DesignSpace
import Execution
import GaussianProcesses
import Study

/// What trials told, sorted by what can be learned from it.
struct DesignRecord: Sendable {
  let problem: Problem
  let features: DesignFeatures
  /// A cheap model that is asked about every design.
  let cheap: CheapReader?
  /// The designs of all trials but failed ones, and their features.
  private(set) var points: [Point] = []
  private(set) var rows: [[Double]] = []
  /// One head per objective, of costs: small is good.
  var costs: [ModelHead]
  /// One head per limit.
  var limits: [ModelHead]
  /// Trials that tell whether a design fails for a hidden reason.
  private(set) var successes: [(trial: Int, isSuccess: Bool)] = []
  /// Trials that respect all limits, with a cost per objective.
  private(set) var feasible: [(trial: Int, costs: [Double])] = []
  /// Feasible trials that no other one is at least as good as by every objective; one with a single objective.
  private(set) var front: [(trial: Int, costs: [Double])] = []
  /// Trials up to the last one that clearly improved the front: by more than a thousandth of the distance of the median
  /// from the best, if there is one objective only.
  private(set) var lastGain = 0
  private static let clearShare = 1e-3
  /// Designs on which the evaluator broke.
  private(set) var failedDesigns: Set<Point> = []

  init(_ problem: Problem, cheap: CheapReader? = nil) {
    self.problem = problem
    self.cheap = cheap
    let features = DesignFeatures(problem.space)
    self.features = features
    // The linear part gives categories effects of their own: an unseen one is judged by the others' values.
    let kernel = Kernel(
      design: Kernel.Block(groups: features.groups), hasLinear: features.hasCategories)
    costs = problem.objectives.map { _ in ModelHead(.cost, kernel: kernel) }
    limits = problem.limits.map { ModelHead(.limited(bound: $0.bound), kernel: kernel) }
  }

  var count: Int { points.count }

  /// Learns from all trials but failed ones, under the limits of the problem.
  mutating func observe(_ trials: [Trial]) {
    for trial in trials {
      let outcome = problem.judging(trial.outcome)
      if case .failed = outcome {
        failedDesigns.insert(trial.point)
        continue
      }
      failedDesigns.remove(trial.point)
      learn(trial.point, outcome)
    }
  }

  private mutating func learn(_ point: Point, _ outcome: Outcome) {
    let index = points.count
    let row = features.row(point)
    let readings = cheap?.readings(of: [point])
    points.append(point)
    rows.append(row)
    let values: [Double?]
    switch outcome {
    case .measured(let measured):
      values = measured
      let costs = problem.costs(of: measured)
      feasible.append((index, costs))
      if !front.contains(where: { Self.isAtLeastAsGood($0.costs, as: costs) }) {
        let isClear = isClearGain(costs)
        front.removeAll { Self.isAtLeastAsGood(costs, as: $0.costs) }
        front.append((index, costs))
        if isClear { lastGain = points.count }
      }
      successes.append((index, true))
    case .infeasible(let infeasibility):
      values = infeasibility.values
      switch infeasibility.reason {
      case .hidden: successes.append((index, false))
      case .limit: successes.append((index, true))
      case .constraint: break
      }
    case .failed: return
    }
    func value(of metric: String) -> Double? {
      guard let place = problem.index(ofMetric: metric), place < values.count,
        let value = values[place], value.isFinite
      else { return nil }
      return value
    }
    for (place, objective) in problem.objectives.enumerated() {
      if let value = value(of: objective.metric) {
        costs[place].add(
          row: row, value: objective.cost(of: value), trial: index,
          reading: readings?.costs[place][0])
      }
    }
    for (place, limit) in problem.limits.enumerated() {
      if let value = value(of: limit.metric) {
        limits[place].add(
          row: row, value: value, trial: index, reading: readings?.limits[place][0])
      }
    }
  }

  private func isClearGain(_ costs: [Double]) -> Bool {
    guard costs.count == 1, let best = front.first?.costs[0] else { return true }
    let median = feasible.map { $0.costs[0] }.sorted()[feasible.count / 2]
    return best - costs[0] > Self.clearShare * (median - best)
  }

  /// The best feasible trials, the earlier first among equals: the front, then the others by the sum of their places in
  /// the orders of the objectives.
  func bestTrials(_ count: Int) -> [Int] {
    if problem.objectives.count == 1 {
      return feasible.sorted { ($0.costs[0], $0.trial) < ($1.costs[0], $1.trial) }.prefix(count)
        .map(\.trial)
    }
    var places = [Int](repeating: 0, count: feasible.count)
    for objective in problem.objectives.indices {
      let order = feasible.indices.sorted {
        (feasible[$0].costs[objective], $0) < (feasible[$1].costs[objective], $1)
      }
      for (place, index) in order.enumerated() { places[index] += place }
    }
    let first = Set(front.map(\.trial))
    let others = feasible.indices.sorted { (places[$0], $0) < (places[$1], $1) }
      .map { feasible[$0].trial }.filter { !first.contains($0) }
    return Array((front.map(\.trial) + others).prefix(count))
  }

  private static func isAtLeastAsGood(_ a: [Double], as b: [Double]) -> Bool {
    zip(a, b).allSatisfy { $0 <= $1 }
  }

  /// Which trials models see, at most `limit`: the best third, those nearest to the best, and some drawn; `nil` for all.
  func chosenTrials(atMost limit: Int, using generator: inout SeededGenerator) -> [Bool]? {
    guard points.count > limit else { return nil }
    var isChosen = [Bool](repeating: false, count: points.count)
    var left = limit
    func take(_ index: Int, downTo rest: Int) {
      if left > rest, !isChosen[index] {
        isChosen[index] = true
        left -= 1
      }
    }
    let best = bestTrials(limit)
    for trial in best { take(trial, downTo: limit * 2 / 3) }
    let center = rows[best.first ?? points.count - 1]
    let distances = rows.map { row in
      zip(row, center).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    for index in points.indices.sorted(by: { (distances[$0], $0) < (distances[$1], $1) }) {
      take(index, downTo: limit / 3)
    }
    var others = points.indices.filter { !isChosen[$0] }
    while left > 0, !others.isEmpty {
      let place = generator.index(below: others.count)
      take(others[place], downTo: 0)
      others.swapAt(place, others.count - 1)
      others.removeLast()
    }
    return isChosen
  }

  /// A forest of hidden failures; `nil` while all chosen trials agree and no other study knows better.
  func failureForest(_ isChosen: (Int) -> Bool, _ sources: SourceModels? = nil) -> FailureForest? {
    let known = successes.filter { isChosen($0.trial) }
    return FailureForest(
      features, points: known.map { points[$0.trial] }, labels: known.map(\.isSuccess),
      sources: known.count <= ModelHead.transferredRowLimit ? sources : nil, cheap: cheap)
  }
}
