import DesignSpace
import Foundation
import Study

extension LogAssessment {
  /// Looks at all rows of a space that pass a filter, in two passes.
  ///
  /// - Parameters:
  ///   - log: The log.
  ///   - filter: Must name a space; its limits judge feasibility. Contexts of the filter are the question's.
  ///   - newWorkloads: Workloads the log need not have, with their features in the order of the catalogue.
  ///   - progress: Told how far it is.
  /// - Throws: `TrialLogError`, and what `progress` throws.
  /// - Complexity: O(*rows x parameters*^2) time, 16 bytes a row.
  public init(
    of log: TrialLog, filter: TrialFilter, newWorkloads: [LogContext] = [],
    progress: (Int) throws -> Void = { _ in }
  ) throws {
    let catalog = try log.catalog()
    let logSpace = catalog.spaces[filter.space ?? 0]
    space = logSpace.name
    objective = catalog.objectives.first
    var coverage = LevelCoverage(logSpace.space)
    var dependent = DependentColumns(columns: Self.columns(logSpace, catalog))
    var repeated = RepeatedDesigns()
    var values: [Double] = []
    var reasonCounts: [String: Int] = [:]
    var contextRows = [Int](repeating: 0, count: catalog.contexts.count)
    var limitAnswers = filter.limits.map {
      LimitAnswer(limit: $0, knownCount: 0, allowedCount: 0, best: nil)
    }
    let objectiveIndex = catalog.objectiveIndex
    try log.forEachTrial(matching: filter) { trial in
      rowCount += 1
      if rowCount % 65_536 == 0 { try progress(rowCount) }
      if case .failed = trial.verdict { failedCount += 1 }
      if trial.isFeasible { feasibleCount += 1 }
      if let reason = trial.reason { reasonCounts[reason, default: 0] += 1 }
      if let context = trial.context { contextRows[context] += 1 }
      coverage.add(trial.coordinates, isFeasible: trial.isFeasible)
      dependent.add(Self.row(trial, logSpace.space))
      repeated.note(trial)
      if trial.isFeasible, let objectiveIndex, !trial.metrics[objectiveIndex].isNaN {
        values.append(trial.metrics[objectiveIndex])
      }
      for index in limitAnswers.indices {
        limitAnswers[index].add(trial, catalog: catalog)
      }
      return true
    }
    repeated.prepare()
    try log.forEachTrial(matching: filter) { trial in
      repeated.add(trial, value: objectiveIndex.map { trial.metrics[$0] } ?? .nan)
      return true
    }
    reasons = reasonCounts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { ($0.key, $0.value) }
    let filled = contextRows.filter { $0 > 0 }
    contextCount = filled.count
    rowsPerContext = filled.min().flatMap { low in filled.max().map { low...$0 } }
    parameters = logSpace.space.parameters.indices.map { index in
      let parameter = logSpace.space.parameters[index]
      return Parameter(
        name: logSpace.titles[index], kind: parameter.kindName,
        levels: coverage.rows[index].indices.map { level in
          Level(
            value: parameter.value(at: Double(level)).description,
            rowCount: coverage.rows[index][level],
            feasibleCount: coverage.feasible[index][level])
        })
    }
    (levelsSeen, levelTotal) = coverage.levels
    (pairsSeen, pairTotal) = coverage.pairs
    repeats = repeated.summary
    if rowCount > 1 {
      constants = dependent.constants
      dependencies = dependent.dependencies
    }
    distribution = ObjectiveDistribution(values)
    limits = limitAnswers
    workloads = Self.answers(
      newWorkloads + (filter.contexts ?? []).map { catalog.contexts[$0] }, catalog, contextRows)
    verdicts = conclusions(catalog)
  }

  private static func columns(_ space: LogSpace, _ catalog: LogCatalog) -> [DependentColumns.Column]
  {
    zip(space.titles, space.space.parameters).map { title, parameter in
      DependentColumns.Column(
        name: title,
        isNominal: parameter.kindName == "categorical" || parameter.kindName == "permutation")
    } + catalog.metrics.map { DependentColumns.Column(name: $0.name, isNominal: false) }
  }

  /// Values of parameters, words as their numbers, then metrics.
  private static func row(_ trial: LoggedTrial, _ space: SearchSpace) -> [Double] {
    var row: [Double] = []
    row.reserveCapacity(trial.coordinates.count + trial.metrics.count)
    for (index, coordinate) in trial.coordinates.enumerated() {
      switch space.parameters[index].domain {
      case .integers(let range, let step):
        row.append(Double(range.lowerBound) + coordinate * Double(step))
      case .levels(let levels):
        row.append(coordinate >= 0 ? levels[Int(coordinate)] : .nan)
      case .reals, .boolean, .categories, .permutations: row.append(coordinate)
      }
    }
    return row + trial.metrics
  }

  private static func answers(
    _ contexts: [LogContext], _ catalog: LogCatalog, _ rows: [Int]
  ) -> [WorkloadAnswer] {
    let scaling = FeatureScaling(catalog.contexts.map(\.features))
    return contexts.map { context in
      let place = catalog.contexts.firstIndex { $0.name == context.name }
      var answer = WorkloadAnswer(name: context.name, rowCount: place.map { rows[$0] } ?? 0)
      guard let scaling, context.features.count == catalog.features.count else { return answer }
      var neighbors: [WorkloadAnswer.Neighbor] = []
      for (index, other) in catalog.contexts.enumerated() where index != place && rows[index] > 0 {
        let distance = scaling.distance(context.features, other.features)
        neighbors.append(WorkloadAnswer.Neighbor(name: other.name, distance: distance))
      }
      neighbors.sort { ($0.distance, $0.name) < ($1.distance, $1.name) }
      answer.nearest = Array(neighbors.prefix(3))
      answer.typicalDistance = scaling.typicalDistance
      return answer
    }
  }
}

extension LogAssessment.LimitAnswer {
  fileprivate mutating func add(_ trial: LoggedTrial, catalog: LogCatalog) {
    guard let index = catalog.index(ofMetric: limit.metric), !trial.metrics[index].isNaN else {
      return
    }
    let value = trial.metrics[index]
    knownCount += 1
    if limit.allows(value) { allowedCount += 1 }
    best = limit.side == .atMost ? min(best ?? value, value) : max(best ?? value, value)
  }
}

/// Brings the features of workloads to one scale: logarithms where all are positive, then standard deviations.
struct FeatureScaling {
  private let isLogarithmic: [Bool]
  private let spread: [Double]
  /// The median distance of a workload to its nearest other.
  private(set) var typicalDistance: Double?

  /// `nil` without features.
  init?(_ rows: [[Double]]) {
    guard let first = rows.first, !first.isEmpty else { return nil }
    let columns = first.indices.map { index in rows.map { $0[index] }.filter { !$0.isNaN } }
    isLogarithmic = columns.map { $0.allSatisfy { $0 > 0 } }
    var spread: [Double] = []
    for (column, isLogarithmic) in zip(columns, isLogarithmic) {
      let scaled = isLogarithmic ? column.map { log($0) } : column
      let mean = scaled.reduce(0, +) / Double(max(scaled.count, 1))
      let variance =
        scaled.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(scaled.count - 1, 1))
      spread.append(variance.squareRoot())
    }
    self.spread = spread
    guard rows.count > 1, rows.count <= 2_000 else { return }
    let nearest = rows.indices.map { index in
      rows.indices.filter { $0 != index }.map { distance(rows[index], rows[$0]) }.min() ?? 0
    }
    typicalDistance = ObjectiveDistribution.quantile(0.5, of: nearest.sorted())
  }

  /// Root mean square difference over the features both know; a feature that never varied counts when it differs, as 3.
  func distance(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    var count = 0
    for index in spread.indices where !a[index].isNaN && !b[index].isNaN {
      let isLog = isLogarithmic[index] && a[index] > 0 && b[index] > 0
      let difference = isLog ? log(a[index]) - log(b[index]) : a[index] - b[index]
      let scaled = spread[index] > 0 ? difference / spread[index] : difference == 0 ? 0 : 3
      sum += scaled * scaled
      count += 1
    }
    return count == 0 ? .infinity : (sum / Double(count)).squareRoot()
  }
}
