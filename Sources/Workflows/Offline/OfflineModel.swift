import DesignSpace
import Execution
import Foundation
public import OfflineDesign
import SimulationLog
import Study
import Surrogate

/// What was learned from a log, with the log's rows: answers questions under any limits, about any workload.
///
/// A question's limits relabel the rows and are judged by regressions of the metrics, so nothing is learned again.
public struct OfflineModel: Sendable {
  /// The rows, under the log's own limits.
  public let study: OfflineStudy
  /// How far rankings by a committee can be trusted, measured inside the log under its own limits; no rows for PRIME's network.
  public let assessment: ValueAssessment
  /// PRIME's network, where that is the model.
  public let prime: PrimeModel?
  private let source: Source

  private enum Source: Sendable {
    case trained(Committee)
    case prime(PrimeModel)
    case archive(ModelArchive, file: String)
  }

  /// Learns from a log, and measures inside it how far that can be trusted.
  ///
  /// - Parameters:
  ///   - study: The question and the rows.
  ///   - options: Its settings.
  ///   - progress: Called with what is being done.
  /// - Throws: `OfflineDesignError`, `CancellationError`.
  /// - Complexity: one and a half times that of training a committee.
  public init(
    training study: OfflineStudy, options: CommitteeOptions, progress: (String) -> Void
  ) throws {
    let log = study.offline.designs
    assessment = try ValueAssessment(
      hidingBestOf: log, options: options, seed: options.seed.child("assessment")
    ) { progress("checking on hidden rows: \($0) of \($1) parts") }
    let committee = try Committee(training: log, options: options) {
      progress("learning: \($0) of \($1) parts")
    }
    source = .trained(committee)
    prime = nil
    self.study = study
  }

  /// Trains PRIME's network under a study's limits, which are then the only ones it answers about.
  ///
  /// - Throws: `OfflineModelError.training` or `.checkpoint`, `CancellationError`.
  public init(
    training study: OfflineStudy, prime options: PrimeOptions, progress: (String) -> Void
  ) throws {
    let model: PrimeModel
    do {
      model = try PrimeModel(training: study, options: options, progress: progress)
    } catch let error as SurrogateError {
      switch error {
      case .notACheckpoint, .newer, .damaged, .otherTraining, .file:
        throw OfflineModelError.checkpoint(error)
      case .architecture, .option, .data:
        throw OfflineModelError.training(file: study.file, problem: error.description)
      }
    }
    self.study = study
    assessment = ValueAssessment(rows: [])
    prime = model
    source = .prime(model)
  }

  /// Reads a model that `write(to:)` wrote.
  ///
  /// - Throws: `OfflineModelError`.
  /// - Complexity: O(*bytes*); what was learned is read when a question needs it.
  public init(readingFile file: String) throws(OfflineModelError) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: file))
    } catch {
      let exists = FileManager.default.fileExists(atPath: file)
      throw .cannotRead(
        file: file, reason: exists ? "not a readable file" : "No such file or directory")
    }
    let archive = try ModelArchive([UInt8](data), file: file)
    let record = try archive.value(StudyRecord.self, named: "study", file: file)
    guard let study = record.study(file: file) else {
      throw .damaged(
        file: file, what: "study", got: "lists that do not belong together", expected: "one a row")
    }
    self.study = study
    assessment = record.assessment
    source = .archive(archive, file: file)
    guard archive.contains("prime") else {
      prime = nil
      return
    }
    let kept = try archive.value(PrimeModel.Record.self, named: "prime", file: file)
    guard let model = try? PrimeModel(kept, study: study) else {
      throw .damaged(
        file: file, what: "prime", got: "networks of other data", expected: "the study's")
    }
    prime = model
  }

  /// The file as bytes; equal logs, options and seeds give equal bytes, whatever the number of threads.
  public func encoded() throws -> [UInt8] {
    switch source {
    case .archive(let archive, _): return try archive.encoded()
    case .prime(let model):
      var archive = ModelArchive()
      try archive.add(StudyRecord(study, assessment), named: "study")
      try archive.add(model.record, named: "prime")
      return try archive.encoded()
    case .trained(let committee):
      var archive = ModelArchive()
      try archive.add(StudyRecord(study, assessment), named: "study")
      try archive.add(committee, named: "committee")
      for (index, models) in committee.local.enumerated() {
        try archive.add(models, named: "workload \(index)")
      }
      return try archive.encoded()
    }
  }

  /// Writes the model, whole or not at all.
  ///
  /// - Throws: `OfflineModelError.cannotWrite`.
  public func write(to file: String) throws {
    let bytes = try encoded()
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: file), options: .atomic)
    } catch {
      throw OfflineModelError.cannotWrite(file: file)
    }
  }

  /// The committee, ready to judge designs for a workload under a study's limits.
  ///
  /// - Parameter study: The model's study, under the limits of the question.
  /// - Throws: `OfflineModelError.damaged`.
  func committee(for context: WorkloadContext, in study: OfflineStudy) throws(OfflineModelError)
    -> Committee
  {
    switch source {
    case .trained(let committee): return committee.asked(about: study.offline.designs)
    case .prime: throw .notACommittee(file: study.file)
    case .archive(let archive, let file):
      guard prime == nil else { throw .notACommittee(file: file) }
      var committee = try archive.value(Committee.self, named: "committee", file: file)
      guard committee.contexts.map(\.name) == study.offline.designs.contexts.map(\.name) else {
        throw .damaged(
          file: file, what: "committee", got: "other workloads", expected: "those of the study")
      }
      for index in committee.workloadsAsked(for: context) {
        let name = "workload \(index)"
        let models = try archive.value(WorkloadModels.self, named: name, file: file)
        guard committee.setModels(models, of: index) else {
          throw .damaged(file: file, what: name, got: "other columns", expected: "the study's")
        }
      }
      return committee.asked(about: study.offline.designs)
    }
  }

  /// Checks that a log has the space this model was trained on.
  ///
  /// - Throws: `OfflineModelError.otherSpace` with the first difference.
  public func check(_ log: OfflineStudy) throws(OfflineModelError) {
    func differ(_ what: String, _ got: String, _ expected: String) -> OfflineModelError {
      .otherSpace(
        file: study.file, what: what, got: got, expected: "\(expected), as in \(log.file)")
    }
    let mine = study.space.space.parameters
    let other = log.space.space.parameters
    guard mine.map(\.name) == other.map(\.name) else {
      let list = { (names: [String]) in names.joined(separator: ", ") }
      throw differ("parameters", list(mine.map(\.name)), list(other.map(\.name)))
    }
    for (a, b) in zip(mine, other) where a != b {
      throw differ(
        "parameter \"\(a.name)\"", "other values (\(a.kindName))", "those (\(b.kindName))")
    }
    let objective = study.offline.objective
    guard objective == log.offline.objective else {
      throw differ(
        "objective", "\(objective.goal.rawValue) \(objective.metric)",
        "\(log.offline.objective.goal.rawValue) \(log.offline.objective.metric)")
    }
  }
}
