import DesignSpace
import Execution
import Foundation
import Interchange
import OfflineDesign
import SimulationLog
import Study

/// A sweep without simulation: one model answers every limit, since a limit only labels the log's rows anew.
///
/// What is proposed under a tighter limit counts for a looser one: its prediction is the same there, and it keeps the limit
/// at least as likely. So a looser limit is never predicted worse.
struct OfflineSweep: Sendable {
  let file: SweepFile
  let folder: SweepFolder
  /// The limits of the steps, tightest first; of two axes the second moves faster.
  let steps: [[MetricLimit]]
  private let threadCount: Int
  /// What is asked; `nil` where the run folder has every answer.
  private let session: Session?

  private struct Session: Sendable {
    /// The rows proposals are new to.
    let study: OfflineStudy
    /// `nil` where the log is learned from.
    let model: OfflineModel?
    let contexts: [WorkloadContext]
    let names: LimitNames
    /// Limits that hold in every step.
    let fixed: [MetricLimit]
  }

  /// Opens model and log, and prepares the run folder.
  ///
  /// - Throws: `SpecificationError`, `LogError`, `OfflineModelError`, `TrialLogError`, `NetworkFileError`.
  init(_ file: SweepFile, folder: String, threadCount: Int?) throws {
    self.file = file
    self.folder = SweepFolder(path: folder)
    self.threadCount = threadCount ?? ProcessInfo.processInfo.activeProcessorCount
    let steps = file.combinations
    self.steps = steps
    if FileManager.default.fileExists(atPath: "\(folder)/sweep.yaml") {
      try self.folder.prepare(file)
      let known = self.folder
      let isFinished = file.seeds.allSatisfy { seed in
        steps.indices.allSatisfy {
          FileManager.default.fileExists(atPath: "\(known.step($0, seed: seed)).json")
        }
      }
      guard !isFinished else {
        session = nil
        return
      }
    }
    let (session, imported) = try Self.session(file, folder: folder)
    self.session = session
    try self.folder.prepare(file)
    if let imported {
      try FileManager.default.moveItem(atPath: imported, toPath: Self.logFile(folder))
    }
  }

  /// Where the log of a folder of tables is kept.
  private static func logFile(_ folder: String) -> String { "\(folder)/log.sqlite" }

  /// Opens what is asked, and says where a log was made that belongs into the run folder.
  private static func session(_ file: SweepFile, folder: String) throws -> (Session, String?) {
    guard let source = file.offline else { preconditionFailure("an offline sweep has a source") }
    let model = try source.model.map { try OfflineModel(readingFile: file.resolved($0)) }
    if model?.prime != nil {
      throw SpecificationError.wrongValue(
        at: file.sourcePlace, got: "PRIME's network", expected: "a committee",
        hint:
          "PRIME's network learns one limit as infeasible designs; train a committee, which answers any"
      )
    }
    var imported: String?
    var study: OfflineStudy
    if let log = source.log {
      let (path, made) = try openable(file.resolved(log), folder: folder)
      imported = made
      var question = OfflineStudy.Question()
      question.space = source.space
      question.hasEveryMetric = true
      study = try OfflineStudy(log: path, question: question)
      try model?.check(study)
    } else if let model {
      study = model.study
    } else {
      preconditionFailure("a model or a log")
    }
    let names = study.limitNames
    try file.check(names)
    let moving = Set(file.sweep.map(\.limit))
    let given = Set(source.limits.map(\.metric))
    let fixed =
      (study.offline.limits.filter { !given.contains($0.metric) } + source.limits)
      .filter { !moving.contains($0.metric) }
    _ = try names.sorted(fixed, at: "\(file.path): limits")
    var contexts = try source.workloads.map {
      try study.context(name: $0, network: nil, features: [])
    }
    for path in source.networks {
      let network = try readWorkload(path: file.resolved(path)).workload.network
      contexts.append(try study.context(name: nil, network: network, features: []))
    }
    if contexts.isEmpty { contexts = study.offline.designs.contexts }
    return (
      Session(study: study, model: model, contexts: contexts, names: names, fixed: fixed), imported
    )
  }

  /// A log's file: itself, that of the run folder, or one that is made of a folder of tables now.
  private static func openable(_ path: String, folder: String) throws -> (String, made: String?) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
    else { return (path, nil) }
    let kept = logFile(folder)
    if FileManager.default.fileExists(atPath: kept) { return (kept, nil) }
    let made = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-sweep-\(UUID().uuidString).sqlite").path
    _ = try LogImport(inputs: [path], roles: LogRoles()).run(out: made)
    return (made, made)
  }

  /// Answers every step, from where the run folder ends.
  ///
  /// - Throws: `OfflineDesignError`, `OfflineModelError`, `DesignSpaceError`, `LogError`.
  func run(progress: (Sweep.Progress) -> Void) throws -> Sweep.Findings {
    var isInterrupted = false
    do {
      try answer(progress)
    } catch is CancellationError {
      isInterrupted = true
    }
    // Interrupted before the first step there is nothing to tell.
    if isInterrupted, (try? recorded()) == nil { throw CancellationError() }
    var findings = try recorded()
    findings.isInterrupted = isInterrupted
    return findings
  }

  private func answer(_ progress: (Sweep.Progress) -> Void) throws {
    guard let session else { return }
    var finished = 0
    for seed in file.seeds {
      var model: OfflineModel?
      for index in steps.indices {
        defer { finished += 1 }
        let known = try folder.record(OfflineSweepRecord.self, ofStep: index, seed: seed)
        guard known == nil else { continue }
        try Task.checkCancellation()
        func tell(_ doing: String) {
          progress(
            Sweep.Progress(
              finishedStepCount: finished, stepCount: steps.count * file.seeds.count,
              limits: steps[index], doing: doing))
        }
        let asked = try model ?? self.model(session, seed: seed, tell)
        model = asked
        try folder.write(
          record(ofStep: index, seed: seed, asking: asked, session, tell), ofStep: index,
          seed: seed)
      }
    }
  }

  /// The model of a seed: the file's, or one that is learned once and kept.
  private func model(_ session: Session, seed: UInt64, _ tell: (String) -> Void) throws
    -> OfflineModel
  {
    if let model = session.model { return model }
    let path = "\(folder.path)/seed-\(seed)/model"
    if FileManager.default.fileExists(atPath: path) { return try OfflineModel(readingFile: path) }
    var options = CommitteeOptions()
    options.seed = Seed(seed)
    options.threadCount = threadCount
    let model = try OfflineModel(training: session.study, options: options, progress: tell)
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/seed-\(seed)", withIntermediateDirectories: true)
    try model.write(to: path)
    return model
  }

  private func record(
    ofStep index: Int, seed: UInt64, asking model: OfflineModel, _ session: Session,
    _ tell: (String) -> Void
  ) throws -> OfflineSweepRecord {
    let limits = session.fixed + steps[index]
    let (measured, known) = try session.names.sorted(limits, at: file.path)
    var study = session.study
    study.offline.designs = study.offline.designs.under(measured)
    study = try study.within(known)
    var options = ProposalOptions()
    options.count = file.offline?.proposals ?? options.count
    let whole = session.study
    let assessment = model.assessment
    let hasScores = !assessment.rows.isEmpty
    var record = OfflineSweepRecord(
      source: OfflineSweepRecord.Source(
        goal: whole.offline.objective.goal.rawValue, metric: whole.offline.objective.metric,
        unit: whole.unit, axisUnits: file.sweep.map { whole.unit(of: $0.limit) },
        parameters: whole.space.titles, rowCount: model.study.offline.designs.rowCount,
        fixed: session.fixed.map(\.description),
        scores: hasScores ? assessment.meanScores : [],
        chance: hasScores ? assessment.meanRandomScores : [],
        counts: hasScores ? ValueAssessment.counts : []), answers: [])
    for context in session.contexts {
      let name = context.name.isEmpty ? "" : "\(context.name): "
      var answer = OfflineSweepRecord.Answer(
        workload: context.name, isKnown: true, judgedCount: 0, proposals: [])
      do {
        let proposal = try OfflineProposal(
          asking: model, about: study, for: context, proposals: options,
          seed: Seed(seed).child("step", index)
        ) { tell(name + $0) }
        answer.isKnown = proposal.isKnownWorkload
        answer.judgedCount = proposal.judgedCount
        answer.proposals = proposal.designs.map {
          OfflineSweepRecord.Proposal(
            values: $0.values, predicted: $0.prediction, low: $0.interval.lowerBound,
            high: $0.interval.upperBound, feasibility: $0.feasibility, novelty: $0.novelty,
            distance: $0.distance)
        }
        answer.bestLogged = proposal.bestLogged.map {
          OfflineSweepRecord.Logged(values: $0.values, value: $0.value)
        }
        if case .abstains(let reason, let hint) = proposal.trust {
          answer.reason = reason
          answer.hint =
            known.isEmpty ? hint : "loosen \(limits.map(\.description).joined(separator: ", "))"
        }
      } catch DesignSpaceError.noLegalDesign(let reason) {
        answer.reason = "no legal design: \(reason)"
        answer.hint = "loosen \(known.limits.map(\.description).joined(separator: ", "))"
      }
      record.answers.append(answer)
    }
    return record
  }

  /// What the run folder has so far.
  ///
  /// - Throws: `LogError.conflict` for a damaged file, and for a folder without any answer.
  func recorded() throws -> Sweep.Findings {
    let records = try file.seeds.map { seed in
      try steps.indices.map {
        try folder.record(OfflineSweepRecord.self, ofStep: $0, seed: seed)
      }
    }
    return try OfflineSweepResult(file, folder: folder.path, records: records).findings
  }
}
