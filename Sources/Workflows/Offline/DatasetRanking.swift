import DesignSpace
import Execution
import Foundation
import Interchange
public import OfflineDesign
import SimulationLog
import Study

/// Ranks the candidates of a folder of logged data, as described by its `dataset.json`.
///
/// The labelled rows are imported as `log import` does; the candidates are rows of the same tables without objectives.
/// Each part of the data (`offline`, `zeroshot`, as the candidates' split column or the tasks' `role` says) becomes one
/// list of lines `context,design_id,rank`.
public struct DatasetRanking {
  /// How to learn.
  public var committee = CommitteeOptions()
  /// How to order.
  public var ranking = RankingOptions()

  /// The rankings of one part of the data.
  public struct Part: Sendable {
    /// Its name, such as `offline`.
    public var name: String
    /// For each workload its designs, best first.
    public var contexts: [(name: String, ids: [String])]
  }

  /// Creates a ranking with defaults.
  public init() {}

  /// What the folder says of one task.
  private struct TaskTags {
    var role: String
    var tags: [String: String]
  }

  /// Learns and ranks.
  ///
  /// - Parameters:
  ///   - folder: Holds `dataset.json`.
  ///   - progress: Called now and then with what is being done.
  /// - Returns: The dataset's name and its parts, in order of first appearance.
  /// - Throws: `LogError`, `TableError`, `SpecificationError`, `OfflineDesignError`, `CancellationError`.
  public func run(folder: String, progress: @Sendable (String) -> Void) throws -> (
    dataset: String, parts: [Part], notes: [String]
  ) {
    let path = "\(folder)/dataset.json"
    guard FileManager.default.fileExists(atPath: path) else {
      throw TableError.cannotOpen(file: path, reason: "No such file or directory")
    }
    let dataset = try DatasetFile(readingFile: path)
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(
      "dovetail-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let file = scratch.appendingPathComponent("log.sqlite").path
    _ = try LogImport(inputs: [folder], roles: LogRoles()).run(out: file, progress: progress)
    let log = try TrialLog.open(file: file)
    return dataset.tasks.isEmpty
      ? try ranksShared(dataset, folder, log, progress)
      : try ranksTasks(dataset, folder, log, progress)
  }

  // MARK: One space

  private func ranksShared(
    _ dataset: DatasetFile, _ folder: String, _ log: TrialLog,
    _ progress: @Sendable (String) -> Void
  ) throws -> (dataset: String, parts: [Part], notes: [String]) {
    let catalog = try log.catalog()
    let offline = try OfflineLog(reading: log, space: 0)
    var roles = CandidateTable.Roles()
    roles.id = dataset.roles.designID
    roles.workload = dataset.roles.workload
    roles.split = dataset.roles.split
    roles.features = catalog.features
    let table = try CandidateTable(
      reading: try Self.candidates(in: folder), parameters: catalog.spaces[0].space.parameters,
      titles: catalog.spaces[0].titles, roles: roles)
    progress("\(dataset.name): comparing models on hidden rows")
    var ranking = ranking
    let pick = FirstPick(
      try FirstPick.scores(
        on: offline.designs, options: committee, splitCount: splitCount(offline.designs),
        seed: committee.seed.child("first pick")))
    ranking.firstMembers = pick.members
    let trained = try Committee(training: offline.designs, options: committee) { done, all in
      progress("\(dataset.name): \(done) of \(all) parts trained")
    }
    var parts: [Part] = []
    var groups: [(part: String, context: String, rows: [Int])] = []
    var places: [String: Int] = [:]
    for row in table.ids.indices {
      let split = table.splits[row].isEmpty ? "offline" : table.splits[row]
      let key = "\(split)\u{1f}\(table.contexts[row])"
      if let place = places[key] {
        groups[place].rows.append(row)
      } else {
        places[key] = groups.count
        groups.append((split, table.contexts[row], [row]))
      }
    }
    let chosenRanking = ranking
    let seed = committee.seed
    let requests = groups
    var orders = [[Int]](repeating: [], count: requests.count)
    var doneCount = 0
    try concurrentJobs(count: requests.count, threadCount: committee.threadCount) { index in
      let request = requests[index]
      let context = WorkloadContext(
        name: request.context, features: table.features[request.rows[0]])
      let result = trained.rank(
        table.designs.rows(request.rows), for: context, options: chosenRanking, seed: seed)
      return result.order.map { request.rows[$0] }
    } receive: { index, order in
      orders[index] = order
      doneCount += 1
      progress("\(dataset.name): \(doneCount) of \(requests.count) workloads ranked")
    }
    for (index, group) in requests.enumerated() {
      let ids = orders[index].map { table.ids[$0] }
      if let place = parts.firstIndex(where: { $0.name == group.part }) {
        parts[place].contexts.append((group.context, ids))
      } else {
        parts.append(Part(name: group.part, contexts: [(group.context, ids)]))
      }
    }
    return (
      dataset.name, parts, table.notes + table.unseenWords(trained.encoding) + [Self.note(pick)]
    )
  }

  // MARK: A space a task

  private func ranksTasks(
    _ dataset: DatasetFile, _ folder: String, _ log: TrialLog,
    _ progress: @Sendable (String) -> Void
  ) throws -> (dataset: String, parts: [Part], notes: [String]) {
    let catalog = try log.catalog()
    let tags = try Self.tags(in: "\(folder)/dataset.json")
    var notes: [String] = []
    let committee = committee
    let tasks = dataset.tasks.filter {
      FileManager.default.fileExists(atPath: "\(folder)/\($0.folder)")
    }
    struct Answer: Sendable {
      var ids: [String]
      var notes: [String]
    }
    var answers = [Answer?](repeating: nil, count: tasks.count)
    var doneCount = 0
    let names = tasks.map(\.folder)
    let parameterNames = tasks.map { $0.roles.parameters ?? [] }
    // Tasks of one dataset are alike enough to decide together which models make the first choice.
    let labelled = names.filter { name in catalog.spaces.contains { $0.name == name } }
    var scores = [FirstPick.Scores](repeating: FirstPick.noScores, count: labelled.count)
    try concurrentJobs(count: labelled.count, threadCount: committee.threadCount) {
      index -> Result<FirstPick.Scores, any Error> in
      Result {
        var options = committee
        options.threadCount = 1
        let offline = try Self.joined([labelled[index]], in: catalog, log: log)
        guard offline.cost.contains(where: { !$0.isNaN }) else { return FirstPick.noScores }
        return try FirstPick.scores(
          on: offline, options: options, seed: options.seed.child("first pick", index))
      }
    } receive: { index, result in
      scores[index] = try result.get()
      progress("\(dataset.name): models compared on hidden rows of \(index + 1) tasks")
    }
    var joint = FirstPick.noScores
    for own in scores { for place in joint.indices { joint[place] += own[place] } }
    let pick = FirstPick(joint)
    notes.append(Self.note(pick))
    var deciding = ranking
    deciding.firstMembers = pick.members
    let ranking = deciding
    try concurrentJobs(count: tasks.count, threadCount: committee.threadCount) {
      index -> Result<Answer, any Error> in
      Result {
        let name = names[index]
        var roles = CandidateTable.Roles()
        roles.id = dataset.roles.designID
        var options = committee
        options.threadCount = 1
        let candidates = try Self.candidates(in: "\(folder)/\(name)")
        let sources: [String]
        if catalog.spaces.contains(where: { $0.name == name }) {
          sources = [name]
        } else {
          let known = names.indices.filter { other in
            Set(parameterNames[other]) == Set(parameterNames[index])
              && catalog.spaces.contains { $0.name == names[other] }
          }
          let alike = known.map { other in
            Self.agreement(tags[name]?.tags ?? [:], tags[names[other]]?.tags ?? [:])
          }
          sources = known.indices.filter { alike[$0] == alike.max() }.map { names[known[$0]] }
        }
        guard let first = sources.first,
          let space = catalog.spaces.first(where: { $0.name == first })
        else {
          // Nothing with these parameters was ever logged: any order is as good as the given one.
          let table = try CandidateTable(
            reading: candidates, parameters: [], titles: [], roles: roles)
          return Answer(
            ids: table.ids,
            notes: ["\(name): no labelled task has its parameters; candidates stay in their order"])
        }
        let offline = try Self.joined(sources, in: catalog, log: log)
        let table = try CandidateTable(
          reading: candidates, parameters: space.space.parameters, titles: space.titles,
          roles: roles)
        let trained = try Committee(training: offline, options: options)
        let result = trained.rank(
          table.designs, for: WorkloadContext(name: name), options: ranking, seed: options.seed)
        return Answer(ids: result.order.map { table.ids[$0] }, notes: table.notes)
      }
    } receive: { index, result in
      answers[index] = try result.get()
      doneCount += 1
      progress("\(dataset.name): \(doneCount) of \(tasks.count) tasks ranked")
    }
    var parts: [Part] = []
    for (index, name) in names.enumerated() {
      guard let answer = answers[index] else { continue }
      notes += answer.notes
      let part = tags[name]?.role ?? "offline"
      if let place = parts.firstIndex(where: { $0.name == part }) {
        parts[place].contexts.append((name, answer.ids))
      } else {
        parts.append(Part(name: part, contexts: [(name, answer.ids)]))
      }
    }
    return (dataset.name, parts, notes)
  }

  /// The rows of several tasks with the same parameters, each task a workload.
  private static func joined(_ names: [String], in catalog: LogCatalog, log: TrialLog) throws
    -> LoggedDesigns
  {
    var result: LoggedDesigns?
    for name in names {
      guard let space = catalog.spaces.firstIndex(where: { $0.name == name }) else { continue }
      var next = try OfflineLog(reading: log, space: space).designs
      next.contexts = [WorkloadContext(name: name)]
      next.featureNames = []
      result = result.map { $0.appending(next) } ?? next
    }
    guard let result else { throw OfflineDesignError.nothingMeasured(rowCount: 0) }
    return result
  }

  /// Many rows need one split only to compare models.
  private func splitCount(_ log: LoggedDesigns) -> Int { log.contexts.count >= 20 ? 1 : 3 }

  private static func note(_ pick: FirstPick) -> String {
    let who = pick.members.map { $0.map(\.rawValue).sorted().joined(separator: " and ") }
    return
      "the first design of each list is chosen by \(who ?? "all models"): score \(twoDigits(pick.score)) on hidden rows, "
      + "all models \(twoDigits(pick.scoreOfAll))"
  }

  private static func agreement(_ a: [String: String], _ b: [String: String]) -> Int {
    a.count { b[$0.key] == $0.value }
  }

  /// For each task its role and its other words.
  private static func tags(in file: String) throws -> [String: TaskTags] {
    let data = try Data(contentsOf: URL(fileURLWithPath: file))
    guard let root = try JSONSerialization.jsonObject(with: data) as? [String: Any],
      let tasks = root["tasks"] as? [[String: Any]]
    else { return [:] }
    var result: [String: TaskTags] = [:]
    for task in tasks {
      guard let name = task["task"] as? String else { continue }
      var words = task.compactMapValues { $0 as? String }
      words["task"] = nil
      let role = words.removeValue(forKey: "role") ?? "offline"
      result[name] = TaskTags(role: role, tags: words)
    }
    return result
  }

  private static func candidates(in folder: String) throws -> String {
    for name in ["candidates.csv.gz", "candidates.csv"] {
      let file = "\(folder)/\(name)"
      if FileManager.default.fileExists(atPath: file) { return file }
    }
    throw TableError.cannotOpen(
      file: "\(folder)/candidates.csv.gz", reason: "No such file or directory")
  }
}

extension DatasetRanking.Part {
  /// The part as a table with the columns `context`, `design_id` and `rank` (from 1).
  public var csv: String {
    var text = "context,design_id,rank\n"
    for context in contexts {
      let name = Self.quoted(context.name)
      for (index, id) in context.ids.enumerated() {
        text += "\(name),\(Self.quoted(id)),\(index + 1)\n"
      }
    }
    return text
  }

  static func quoted(_ cell: String) -> String {
    guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
    return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
