import DesignSpace
import Evaluation
import Execution
import Foundation
public import SimulationLog
public import Study

/// A search whose evaluations its user makes: designs are asked for, results are told, and all of it is in a log.
///
/// Every call reads the log anew, so that calls may come from any process, at any time, also after a kill. The designer is
/// rebuilt by replaying what was asked and told, in order: same seed and same tells, same asks.
public struct OwnedLoop {
  /// What a log is begun with.
  public struct Beginning: Sendable {
    /// What is searched.
    public var problem: Problem
    /// Who proposes.
    public var designer: DesignerChoice
    /// The seed of all draws.
    public var seed: UInt64

    /// Creates a beginning.
    public init(problem: Problem, designer: DesignerChoice, seed: UInt64) {
      self.problem = problem
      self.designer = designer
      self.seed = seed
    }
  }

  /// A design that was asked for and not told yet.
  public struct Ask: Hashable, Sendable {
    /// Unique in the log.
    public var id: Int
    /// `{"id":1,"design":{...}}`.
    public var line: String
  }

  /// The log.
  public let log: TrialLog
  let problem: Problem
  let setup: SearchSetup

  /// Goes on with the search of a log, or of a log of the same search made meanwhile.
  ///
  /// - Throws: `TrialLogError`, `LogError.conflict` for a log without a search.
  public init(file: String) throws {
    log = try TrialLog.open(file: file, access: .appending)
    guard let setup = try log.write({ try $0.searchSetup() }) else {
      throw LogError.conflict(
        "\(file): the log has no search to go on with",
        hint: "begin one in a new log: dovetail ask --log FILE --space FILE --minimize METRIC")
    }
    self.setup = setup
    problem = try log.catalog().problem()
  }

  /// Begins a search in a new log, or goes on when the log holds the same one.
  ///
  /// - Throws: `TrialLogError`, `LogError.conflict` when the log was begun otherwise.
  public init(file: String, beginning: Beginning) throws {
    if !FileManager.default.fileExists(atPath: file) { try Self.create(file, beginning) }
    try self.init(file: file)
    let differences = [
      (
        "designer", setup.designer, beginning.designer.rawValue
      ),
      ("seed", String(setup.seed), String(beginning.seed)),
      ("space", problem.space == beginning.problem.space ? "" : "another space", ""),
      ("metrics", Self.text(problem.metrics), Self.text(beginning.problem.metrics)),
      ("objectives", Self.text(problem.objectives), Self.text(beginning.problem.objectives)),
      ("limits", Self.text(problem.limits), Self.text(beginning.problem.limits)),
    ]
    for (what, begun, got) in differences where begun != got {
      throw LogError.conflict(
        "\(file): the search was begun with \(begun.isEmpty ? "no \(what)" : "\(what) \(begun)"), "
          + "got \(got.isEmpty ? "other" : got)",
        hint: "leave out the options to go on with it, or give a new --log")
    }
  }

  private static func text(_ metrics: [Metric]) -> String {
    metrics.map { $0.unit.isEmpty ? $0.name : "\($0.name):\($0.unit)" }.joined(separator: ", ")
  }

  private static func text(_ objectives: [Objective]) -> String {
    objectives.map { "\($0.goal.rawValue) \($0.metric)" }.joined(separator: ", ")
  }

  private static func text(_ limits: [MetricLimit]) -> String {
    limits.map(\.description).joined(separator: ", ")
  }

  /// Makes the log under a name of its own and links it, so that no process sees half of it.
  private static func create(_ file: String, _ beginning: Beginning) throws {
    let partial = "\(file).partial-\(getpid())"
    unlink(partial)
    defer { unlink(partial) }
    do {
      let log = try TrialLog.create(
        file: partial, catalog: LogCatalog(beginning.problem), access: .filling)
      let setup = SearchSetup(designer: beginning.designer.rawValue, seed: beginning.seed)
      try log.write { try $0.begin(setup) }
      try log.finish()
    } catch let error as TrialLogError {
      throw error.naming(file)
    }
    guard link(partial, file) == 0 || errno == EEXIST else {
      throw TrialLogError.failed(
        file: file, problem: "cannot be made: \(String(cString: strerror(errno)))", hint: nil)
    }
  }

  /// Asks for designs; they are in the log before this returns.
  ///
  /// - Parameter count: From 1.
  /// - Returns: Fewer only when the space has no further design to offer.
  /// - Throws: `TrialLogError`, `DesignSpaceError`; `LogError.conflict` when the log's record is not of this search.
  /// - Complexity: Replays all earlier requests.
  public func ask(count: Int) throws -> [Ask] {
    try log.write { writer in
      let bridge = try StudyBridge(problem, catalog: writer.catalog, file: log.file)
      var rows: [(row: Int, trial: Trial?)] = []
      try writer.forEachTrial { rows.append(($0.id, bridge.trial($0).trial)) }
      var next = rows.startIndex
      let seed = Seed(setup.seed)
      var designer = try DesignerChoice(parsing: setup.designer).designer(for: problem, seed: seed)
      func suggest(_ count: Int, request: Int, after lastRow: Int) throws -> [Point] {
        var told: [Trial] = []
        while next < rows.endIndex, rows[next].row <= lastRow {
          if let trial = rows[next].trial { told.append(trial) }
          next += 1
        }
        if !told.isEmpty { try designer.observe(told) }
        var generator = seed.child("request", request).generator()
        return try designer.suggest(count: count, using: &generator)
      }
      let requests = try writer.requests()
      for request in requests {
        let points = try suggest(
          request.count, request: request.id, after: request.lastKnownRow)
        guard points.map(\.coordinates) == request.asks.map(\.coordinates) else {
          throw LogError.conflict(
            "\(log.file): request \(request.id) of the record: got other designs than "
              + "\(setup.designer) suggests now, expected the same",
            hint:
              "another version of dovetail began this search; go on with that one, or begin a new log"
          )
        }
      }
      let lastRow = rows.last?.row ?? 0
      let points = try suggest(count, request: (requests.last?.id ?? 0) + 1, after: lastRow)
      guard !points.isEmpty else { return [] }
      let ids = try writer.request(
        count: count, lastKnownRow: lastRow, designs: points.map(\.coordinates))
      return zip(ids, points).map { ask($0, $1) }
    }
  }

  /// What was asked and not told, oldest first: what a killed loop has to evaluate again.
  ///
  /// - Throws: `TrialLogError`.
  public func outstanding() throws -> [Ask] {
    let asks = try log.write { try $0.requests() }.flatMap(\.asks)
    return asks.filter { $0.row == nil }.compactMap { open in
      problem.space.point(coordinates: open.coordinates).map { ask(open.id, $0) }
    }
  }

  private func ask(_ id: Int, _ point: Point) -> Ask {
    Ask(id: id, line: DesignMessage.line(id: id, design: point, of: problem.space))
  }
}
