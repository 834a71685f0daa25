import DesignSpace
public import Execution
import OfflineDesign
import SimulationLog
import Study

/// Given designs in order, best first, with what is believed of each.
public struct CandidateRanking: Sendable {
  /// What is believed of one design.
  public struct Design: Sendable {
    /// What the table calls it, else the number of its row.
    public var id: String
    /// The predicted objective.
    public var prediction: Double
    /// The 80 % interval of the objective, calibrated on hidden rows of the log.
    public var interval: ClosedRange<Double>
    /// The predicted probability that it works and keeps the limits.
    public var feasibility: Double
    /// The least number of parameters in which a logged design of the workload differs; 0: it was logged.
    public var novelty: Int
  }

  /// The designs of one workload.
  public struct Workload: Sendable {
    /// The name.
    public var name: String
    /// Whether the log supports an order.
    public var trust: OfflineTrust
    /// Whether the log has rows of it.
    public var isKnown: Bool
    /// The designs, best first.
    public var designs: [Design]
    /// The best logged feasible design; `nil` where there is none.
    public var bestLogged: (values: [String], value: Double)?
  }

  /// Which columns of the table say what; `nil` takes the usual names where the table has them.
  public struct Columns: Sendable {
    /// The design's name, usually `design_id`.
    public var id: String?
    /// The workload, usually `workload`.
    public var workload: String?
    /// The workload of all designs, in place of a column.
    public var onlyWorkload: String?

    /// The usual names.
    public init() {}
  }

  /// The workloads, in the order of the table.
  public var workloads: [Workload]
  /// The objective with its goal and unit.
  public var objective: String
  /// The limits in force.
  public var limits: [String]
  /// Names of the parameters.
  public var parameters: [String]
  /// Things to tell the user: dropped rows, values the log has never seen.
  public var notes: [String]

  /// Reads and orders designs.
  ///
  /// - Parameters:
  ///   - model: The trained model.
  ///   - study: The model's study, or a later log of the same space, under the limits of the question.
  ///   - file: A table of designs, plain or gzip, see `CandidateTable`.
  ///   - columns: Which column means what.
  ///   - seed: Of every draw.
  ///   - progress: Told how far it is.
  /// - Throws: `TableError`, `LogError`, `OfflineModelError`, `CancellationError`.
  /// - Complexity: O(*designs* x *n*) for *n* logged rows of a workload.
  public init(
    asking model: OfflineModel, about study: OfflineStudy, of file: String, columns: Columns,
    seed: Seed, progress: (String) -> Void
  ) throws {
    let log = study.offline.designs
    var roles = CandidateTable.Roles()
    roles.id = columns.id ?? "design_id"
    roles.workload = columns.onlyWorkload == nil ? columns.workload ?? "workload" : nil
    roles.features = log.featureNames
    let table = try CandidateTable(
      reading: file, parameters: study.space.space.parameters, titles: study.space.titles,
      roles: roles, required: [columns.id, columns.workload].compactMap { $0 })
    notes = table.notes
    for dropped in table.dropped {
      notes.append(
        "\(file):\(dropped.firstLine): \(dropped.reason) (\(dropped.count) rows left out)")
    }
    guard !table.ids.isEmpty else {
      throw LogError.nothingImported(
        file: file, reasons: notes.last ?? "the table has no row below its header")
    }
    objective = study.objectiveText
    limits = log.limits.map(\.description)
    parameters = study.space.titles
    workloads = []
    let limited = try model.study.under(log.limits)
    let beliefs = StatedBeliefs(study, model.assessment)
    var ranking = RankingOptions()
    ranking.firstMembers = model.assessment.firstPick.members
    var isFirst = true
    for (name, rows) in table.rowsByContext {
      try Task.checkCancellation()
      progress("ordering designs: \(workloads.count) workloads done")
      let context = try Self.context(
        columns.onlyWorkload ?? name, features: table.features[rows[0]], study)
      let committee = try model.committee(for: context, in: limited)
      if isFirst { notes += table.unseenWords(committee.encoding) }
      isFirst = false
      let designs = table.designs.rows(rows)
      let result = committee.rank(designs, for: context, options: ranking, seed: seed)
      let estimates = committee.estimates(of: designs, for: context)
      let novelty = LoggedNeighbors(log, context).novelty(of: designs)
      let ordered = result.order.map { index in
        let stated = beliefs.stated(estimates[index].target, estimates[index].deviation)
        return Design(
          id: table.ids[rows[index]], prediction: stated.value, interval: stated.interval,
          feasibility: result.judgment.feasibility[index], novelty: novelty[index])
      }
      let isKnown = log.contexts.contains { $0.name == context.name }
      workloads.append(
        Workload(
          name: context.name,
          trust: OfflineTrust(study, context: context, assessment: model.assessment),
          isKnown: isKnown, designs: ordered,
          bestLogged: isKnown ? study.bestLogged(among: study.logged(context)) : nil))
    }
  }

  /// The workload of a row's name, of its features, or the only one there is.
  private static func context(_ name: String, features: [Double], _ study: OfflineStudy) throws
    -> WorkloadContext
  {
    let known = study.offline.designs.contexts
    if let found = known.first(where: { $0.name == name }) { return found }
    if features.contains(where: { !$0.isNaN }) {
      return WorkloadContext(name: name, features: features)
    }
    return try study.context(name: name.isEmpty ? nil : name, network: nil, features: [])
  }
}

/// The logged designs of a workload, to tell how new others are.
private struct LoggedNeighbors {
  private let columns: DesignColumns

  init(_ log: LoggedDesigns, _ context: WorkloadContext) {
    let index = log.contexts.firstIndex { $0.name == context.name }
    columns = log.designs.rows(
      (0..<log.rowCount).filter { index == nil || log.context[$0] == index })
  }

  /// For each design the least number of parameters in which a logged one differs.
  func novelty(of designs: DesignColumns) -> [Int] {
    var least = [Int](repeating: designs.names.count, count: designs.rowCount)
    let codes = zip(columns.columns, designs.columns).map { Self.codes($0, $1) }
    for row in least.indices {
      for other in 0..<columns.rowCount {
        var changes = 0
        for code in codes where code.theirs[row] != code.mine[other] { changes += 1 }
        if changes < least[row] { least[row] = changes }
        if changes == 0 { break }
      }
    }
    return least
  }

  /// Equal codes for equal values of two columns.
  private static func codes(_ mine: DesignColumns.Column, _ theirs: DesignColumns.Column) -> (
    mine: [Int32], theirs: [Int32]
  ) {
    if case .numbers(let a) = mine, case .numbers(let b) = theirs {
      // Missing values are equal to each other, and so are zeros of both signs.
      return codes(a.map(\.comparable), b.map(\.comparable))
    }
    return codes(mine.texts, theirs.texts)
  }

  private static func codes<Value: Hashable>(_ mine: [Value], _ theirs: [Value]) -> (
    mine: [Int32], theirs: [Int32]
  ) {
    var known: [Value: Int32] = [:]
    func code(_ value: Value) -> Int32 {
      if let code = known[value] { return code }
      let next = Int32(known.count)
      known[value] = next
      return next
    }
    return (mine.map(code), theirs.map(code))
  }
}

extension Double {
  /// A pattern that is equal for equal numbers, and for any two that are none.
  fileprivate var comparable: UInt64 { isNaN ? Double.nan.bitPattern : (self + 0).bitPattern }
}
