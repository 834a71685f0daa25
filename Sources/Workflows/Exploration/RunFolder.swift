import BayesianOptimization
import Foundation
import SimulationLog
import Study

/// A run folder: `resolved.yaml`, `trials.sqlite`, `transferred.sqlite`, `tables` and `dovetail.log`.
struct RunFolder: Sendable {
  let path: String

  var resolvedFile: String { "\(path)/resolved.yaml" }
  var logFile: String { "\(path)/trials.sqlite" }
  var transferFile: String { "\(path)/transferred.sqlite" }
  var tables: String { "\(path)/tables" }
  var journalFile: String { "\(path)/dovetail.log" }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }

  /// Makes the folder, or takes it up again for the same study; a larger budget goes on with a run.
  ///
  /// - Throws: `LogError.conflict` for a folder of another study or one without `resolved.yaml`, `LogError.wrongValue` for
  ///   one that cannot be made or written to.
  func prepare(resolved text: String) throws {
    if Self.exists(resolvedFile) {
      let known = try? String(contentsOfFile: resolvedFile, encoding: .utf8)
      guard let known, Self.core(known) == Self.core(text) else {
        throw LogError.conflict(
          "\(path): the run is of another study",
          hint: "go on with it as it was: dovetail explore --resume \(path); or give another --out")
      }
      if known == text { return }
    } else if Self.exists(logFile) {
      throw LogError.conflict(
        "\(path): there is a log but no resolved.yaml, expected a run folder or an empty one",
        hint: "give another --out")
    }
    do {
      try makePrivateFolder(path)
      try Data(text.utf8).write(to: URL(fileURLWithPath: resolvedFile), options: .atomic)
    } catch {
      throw LogError.wrongValue(
        at: "--out", got: path, expected: "a folder that can be made and written to", hint: nil)
    }
  }

  /// What may not change: everything but budget, executor and comments.
  private static func core(_ text: String) -> [Substring] {
    text.split(separator: "\n").filter { line in
      !["budget: ", "executor: ", "#"].contains { line.hasPrefix($0) }
    }
  }

  /// The log of the run; made when there is none.
  ///
  /// - Throws: `TrialLogError`; `LogError.conflict` when its space or metrics are not those of the study.
  func openLog(of problem: Problem, contexts: [Context], features: [String]) throws -> TrialLog {
    guard Self.exists(logFile) else {
      var catalog = LogCatalog(problem)
      catalog.features = features
      catalog.contexts = contexts.filter { $0.id != Context.single.id }.map {
        LogContext(name: $0.id, features: $0.features)
      }
      return try TrialLog.create(file: logFile, catalog: catalog)
    }
    let log = try TrialLog.open(file: logFile, access: .appending)
    let catalog = try log.catalog()
    var change: String?
    if catalog.spaces.first?.space != problem.space { change = "the space" }
    if catalog.metrics != problem.metrics { change = "what is measured" }
    for context in contexts {
      let known = catalog.contexts.first { $0.name == context.id }
      if let known, known.features != context.features { change = "workload \"\(context.id)\"" }
    }
    if let change { throw changed(change) }
    return log
  }

  /// Something else than what the run began with.
  func changed(_ what: String) -> LogError {
    .conflict(
      "\(path): \(what) changed since the run began",
      hint: "undo the change, or begin another run with --out; it may name this one under transfer")
  }

  /// The trials that the searches of the run began with, per workload; `nil` when none are kept.
  ///
  /// - Throws: `TrialLogError`.
  func transferred(to problem: Problem, contexts: [Context]) throws -> [EarlierTrials]? {
    guard Self.exists(transferFile) else { return nil }
    let log = try TrialLog.open(file: transferFile)
    let names = try log.catalog().contexts.map(\.name)
    func trials(_ index: Int?) throws -> [Trial] {
      var filter = TrialFilter()
      if let index { filter.contexts = [index] }
      let trials = try log.trials(of: problem, matching: filter).trials
      return index == nil ? trials.filter { $0.context == Context.single.id } : trials
    }
    return try contexts.map { context in
      let own = names.firstIndex(of: context.id)
      let isSingle = context.id == Context.single.id
      let prefix = Self.otherPrefix(context)
      return EarlierTrials(
        trials: own == nil && !isSingle ? [] : EarlierTrials.numbered(try trials(own)),
        others: try names.indices.filter { names[$0].hasPrefix(prefix) }.map {
          TransferredStudies.Source(
            name: String(names[$0].dropFirst(prefix.count)), trials: try trials($0),
            isSameWorkload: false)
        })
    }
  }

  /// What the names of other workloads begin with, as the search for one has kept them.
  private static func otherPrefix(_ context: Context) -> String { "\(context.id) < " }

  /// Keeps the trials that searches begin with, so that they go on the same when the sources have changed.
  ///
  /// - Throws: `TrialLogError`; `LogError.conflict` when trials were evaluated already.
  func keep(
    _ earlier: [EarlierTrials], of problem: Problem, contexts: [Context], features: [String]
  ) throws {
    guard !Self.exists(logFile) else {
      throw LogError.conflict(
        "\(path): there are trials but no transferred.sqlite, which they began with",
        hint: "begin another run with --out")
    }
    let partial = "\(transferFile).partial"
    unlink(partial)
    var catalog = LogCatalog(problem)
    catalog.features = features
    let log = try TrialLog.create(file: partial, catalog: catalog, access: .filling)
    try log.write { writer in
      for (context, earlier) in zip(contexts, earlier) {
        for trial in earlier.trials { try writer.append(trial, of: problem, context: context) }
        for source in earlier.others {
          let other = Context(id: Self.otherPrefix(context) + source.name)
          for trial in source.trials { try writer.append(trial, of: problem, context: other) }
        }
      }
    }
    try log.finish()
    guard rename(partial, transferFile) == 0 else {
      throw TrialLogError.failed(
        file: transferFile, problem: "cannot be made: \(String(cString: strerror(errno)))",
        hint: nil)
    }
  }

  /// Writes a table under `tables`.
  ///
  /// - Throws: `LogError.wrongValue` when it cannot be written.
  func write(_ text: String, table name: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: tables, withIntermediateDirectories: true)
      try Data(text.utf8).write(
        to: URL(fileURLWithPath: "\(tables)/\(name).csv"), options: .atomic)
    } catch {
      throw LogError.wrongValue(
        at: "\(tables)/\(name).csv", got: "\(error.localizedDescription)",
        expected: "a file that can be written", hint: nil)
    }
  }
}
