import GaussianProcesses
import LinearAlgebra

/// Where studies lie relative to each other, as columns of a context kernel.
struct StudyContexts: Hashable, Sendable {
  /// By source.
  let sources: [[Double]]
  /// Of the new study.
  let own: [Double]

  /// Columns in `[0, 1]` between the extremes of every feature; one column a study without features that fit.
  init(of sources: [[Double]], and own: [Double]) {
    let all = sources + [own]
    let isTold =
      !own.isEmpty && all.allSatisfy { $0.count == own.count && $0.allSatisfy(\.isFinite) }
    guard isTold else {
      // Any two are as far from each other as their common length scale says.
      let rows = all.indices.map { row in all.indices.map { $0 == row ? 1.0 : 0.0 } }
      self.sources = rows.dropLast()
      self.own = rows[rows.count - 1]
      return
    }
    let lowest = own.indices.map { column in all.reduce(own[column]) { min($0, $1[column]) } }
    let highest = own.indices.map { column in all.reduce(own[column]) { max($0, $1[column]) } }
    let rows = all.map { row in
      row.indices.map { column -> Double in
        let extent = highest[column] - lowest[column]
        return extent > 0 ? (row[column] - lowest[column]) / extent : 0
      }
    }
    self.sources = rows.dropLast()
    self.own = rows[rows.count - 1]
  }
}

/// Processes of one quantity in other studies, and what tells the studies apart.
struct SourceProcesses: Sendable {
  /// Most observations of all sources together that share a process with those of the study.
  static let sharedRowLimit = 120

  /// Without sources.
  static let empty = SourceProcesses(processes: [], contexts: [], own: [])

  private(set) var processes: [GaussianProcess]
  private(set) var contexts: [[Double]]
  let own: [Double]

  mutating func add(_ process: GaussianProcess, in context: [Double]) {
    processes.append(process)
    contexts.append(context)
  }

  /// One process of the studies' observations and a study's own, whose kernel is the product of one of designs and one of studies.
  ///
  /// Of sources with many observations the lowest are taken: those are the designs that matter.
  ///
  /// - Parameter cold: The model of the study alone.
  /// - Returns: `nil` without observations of sources.
  /// - Complexity: a fit.
  /// - SeeAlso: Bonilla et al. 2008, "Multi-task Gaussian Process Prediction", section 2; Swersky, Snoek, Adams 2013,
  ///   "Multi-Task Bayesian Optimization", section 3 (recalled).
  func sharing(_ cold: HeadModel, options: FitOptions) -> HeadModel? {
    let kernel = cold.process.kernel
    guard kernel.context == nil, !processes.isEmpty else { return nil }
    let share = Self.sharedRowLimit / processes.count
    var points: Matrix?
    var targets: [Double] = []
    for (process, context) in zip(processes, contexts) {
      let known = process.observations
      let order = known.targets.indices.sorted {
        (known.targets[$0], $0) < (known.targets[$1], $1)
      }
      let rows = order.prefix(share).sorted()
      guard !rows.isEmpty else { continue }
      let told = known.points.rows(rows).appending(copiesOf: context)
      points = points?.appending(rows: told) ?? told
      targets += rows.map { known.targets[$0] }
    }
    guard let earlier = points else { return nil }
    let ownRows = cold.process.observations.points.appending(copiesOf: own)
    guard
      let observations = try? Observations(
        points: earlier.appending(rows: ownRows),
        targets: targets + cold.process.observations.targets)
    else { return nil }
    let shared = Kernel(
      design: kernel.design,
      context: Kernel.Block(groups: [Int](repeating: 0, count: own.count)),
      hasConstant: kernel.hasConstant, hasLinear: kernel.hasLinear, hasContextOffset: true)
    let process = GaussianProcess.fitted(to: observations, kernel: shared, options: options)
    return HeadModel(
      warp: cold.warp, process: process,
      context: (columns: own, earlierCount: targets.count))
  }
}

extension Matrix {
  /// This matrix with the same columns at the end of every row.
  func appending(copiesOf columns: [Double]) -> Matrix {
    var values: [Double] = []
    values.reserveCapacity(rowCount * columns.count)
    for _ in 0..<rowCount { values += columns }
    return appending(
      columns: Matrix(rowCount: rowCount, columnCount: columns.count, values: values))
  }
}
