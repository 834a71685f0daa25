public import Distribution
import Evaluation
import Foundation
import Interchange
import Study

/// A task of a distributed run: answers one shard of a manifest.
public struct EvaluationWorker: Sendable {
  private let worker: ShardWorker
  private let study: EvaluatedStudy

  /// Reads and checks a manifest, and everything its study names.
  ///
  /// - Parameters:
  ///   - file: The manifest.
  ///   - hash: The hash the task was submitted with; `nil` takes the file's own.
  ///   - shard: The number of the shard, from 0.
  ///   - threadCount: Evaluations at once, from 1.
  /// - Throws: `DistributionError` for a manifest of another user, version or hash; `SpecificationError`, `LogError`.
  public init(manifest file: String, hash: String?, shard: Int, threadCount: Int) throws {
    let path = absolutePath(file)
    let manifest = try Manifest(reading: path, hash: hash)
    try manifest.subject.check(version: programVersion, manifest: path)
    guard manifest.subject.kind == "evaluations" else {
      throw DistributionError.malformed(
        file: path, got: "a manifest of \(manifest.subject.kind)", expected: "evaluations")
    }
    worker = try ShardWorker(
      manifest, in: ShardFolder(ofManifest: path), shard: shard, threadCount: threadCount)
    let file = try StudyFile(parsing: Data(manifest.subject.study.utf8), named: path)
    if !manifest.subject.folder.isEmpty,
      !FileManager.default.changeCurrentDirectoryPath(manifest.subject.folder)
    {
      throw DistributionError.unreadable(
        file: manifest.subject.folder, reason: "the folder of the run is not on this node")
    }
    study = try EvaluatedStudy(file, concurrentCount: threadCount)
  }

  /// Answers the shard.
  ///
  /// - Throws: `DistributionError.unwritable`.
  public func run() async throws -> ShardWorker.Ending {
    let study = study
    defer { (study.evaluator as? ProcessEvaluator)?.shutDown() }
    var contexts: [Context.ID: Context] = [:]
    for context in study.contexts { contexts[context.id] = context }
    let known = contexts
    return try await worker.run { item in
      guard let (point, id) = EvaluationText.question(parsing: item, in: study.problem.space),
        let context = known[id]
      else {
        return EvaluationText.answer(
          .failed(EvaluationFailure(.garbage, "the study has no design \(item.prefix(80))")))
      }
      do {
        return EvaluationText.answer(try await study.evaluator.evaluate(point, in: context))
      } catch let failure as EvaluationFailure {
        return EvaluationText.answer(.failed(failure))
      }
    }
  }
}
