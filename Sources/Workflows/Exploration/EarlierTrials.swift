import BayesianOptimization
import DesignSpace
import Foundation
import SimulationLog
import Study

/// Trials of earlier logs and runs, read as trials of a study on one workload.
///
/// They are judged by the limits of the study. Failed ones are left out, and of several answers for one design the latest
/// counts. Their numbers are negative, so that those of a search that begins with them count from 0.
struct EarlierTrials: Sendable {
  /// On the workload of the study, in the order of logs and rows, one a design.
  var trials: [Trial] = []
  /// On other workloads, one source for each, in the order in which the logs name them.
  var others: [TransferredStudies.Source] = []
  /// What was used and what was not, for people.
  var notes: [String] = []

  init(trials: [Trial], others: [TransferredStudies.Source]) {
    self.trials = trials
    self.others = others
  }
  /// Reads logs.
  ///
  /// - Throws: `TrialLogError` for a log that cannot be read, or is of other parameters or metrics; `LogError` for a folder
  ///   without a log, a workload the log lacks, and a log without anything on the workload of a study that names none.
  init(
    _ entries: [StudyFile.EarlierTrials], of study: StudyFile, problem: Problem,
    within known: KnownLimits? = nil, context: Context
  ) throws {
    var places: [Point: Int] = [:]
    for entry in entries {
      let file = try Self.file(of: study.resolved(entry.path))
      let log = try TrialLog.open(file: file)
      let catalog = try log.catalog()
      let bridge = try StudyBridge(problem, catalog: catalog, file: file)
      let wanted = try Self.contexts(entry, catalog, context, file: file)
      var counts = Counts()
      try log.forEachTrial { row in
        counts.all += 1
        guard let trial = bridge.trial(row).trial else {
          counts.ofOtherDesigns += 1
          return true
        }
        guard known?.allows(trial.point) ?? true else {
          counts.beyondLimits += 1
          return true
        }
        if case .failed = trial.outcome {
          counts.failed += 1
          return true
        }
        guard wanted(row.context) else {
          counts.ofOtherWorkloads += 1
          add(trial, of: row.context.map { catalog.contexts[$0].name } ?? "no workload")
          return true
        }
        counts.used += 1
        let kept = Trial(
          id: 0, point: trial.point, context: context.id, outcome: trial.outcome,
          origin: trial.origin)
        if let place = places[trial.point] {
          trials[place] = kept
          counts.repeated += 1
        } else {
          places[trial.point] = trials.count
          trials.append(kept)
        }
        return true
      }
      notes.append("\(file): \(counts.text)")
    }
    trials = Self.numbered(trials)
  }

  private mutating func add(_ trial: Trial, of workload: String) {
    if let place = others.firstIndex(where: { $0.name == workload }) {
      others[place].trials.append(trial)
    } else {
      others.append(
        TransferredStudies.Source(name: workload, trials: [trial], isSameWorkload: false))
    }
  }

  private struct Counts {
    var all = 0
    var used = 0
    var ofOtherWorkloads = 0
    var ofOtherDesigns = 0
    var beyondLimits = 0
    var failed = 0
    var repeated = 0

    var text: String {
      var text = "\(grouped(used - repeated)) of \(grouped(all)) trials used"
      for (count, reason) in [
        (ofOtherWorkloads, "of other workloads"), (ofOtherDesigns, "not of this space"),
        (beyondLimits, "beyond limits on parameters"),
        (failed, "failed"), (repeated, "repeated"),
      ] where count > 0 {
        text += ", \(grouped(count)) \(reason)"
      }
      return text
    }
  }

  /// Trials with numbers below 0, the last of them -1.
  static func numbered(_ trials: [Trial]) -> [Trial] {
    trials.enumerated().map { index, trial in
      Trial(
        id: index - trials.count, point: trial.point, context: trial.context,
        outcome: trial.outcome, origin: trial.origin)
    }
  }

  /// The middle one of the times that evaluations took, in seconds, where they are known.
  static func medianSeconds(of trials: [Trial]) -> Double? {
    let seconds = trials.compactMap(\.origin.seconds).sorted()
    return seconds.isEmpty ? nil : seconds[seconds.count / 2]
  }

  /// The log of a run folder, or the path itself.
  static func file(of path: String) throws -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else { return path }
    let file = "\(path)/trials.sqlite"
    guard FileManager.default.fileExists(atPath: file) else {
      throw LogError.conflict(
        "\(path): got a folder without trials.sqlite, expected a log or a run folder",
        hint: "run folders are made by dovetail explore STUDY.yaml --out FOLDER")
    }
    return file
  }

  /// Which rows are on the workload, by the index of their own.
  private static func contexts(
    _ entry: StudyFile.EarlierTrials, _ catalog: LogCatalog, _ context: Context, file: String
  ) throws -> (Int?) -> Bool {
    let names = catalog.contexts.map(\.name)
    if let workload = entry.workload {
      guard let index = names.firstIndex(of: workload) else {
        throw LogError.unknownName(
          what: "workload", name: workload, file: file, known: names)
      }
      return { $0 == index }
    }
    if context.id == Context.single.id {
      guard names.isEmpty else {
        throw LogError.conflict(
          "\(file): got trials on \(names.count) workloads, and a study that names none",
          hint: "say which is the study's: {log: FILE, workload: NAME}; known: "
            + names.joined(separator: ", "))
      }
      return { $0 == nil }
    }
    // Equal names are not enough where the log tells what its networks are like.
    let isKnown = catalog.features == WorkloadFeatures.names
    let index = catalog.contexts.firstIndex {
      $0.name == context.id && (!isKnown || $0.features == context.features)
    }
    return { row in index != nil && row == index }
  }
}
