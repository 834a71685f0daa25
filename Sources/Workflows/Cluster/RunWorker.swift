public import Distribution
import Evaluation
import Foundation
import Interchange
import Study

/// A task of a distributed run: answers one shard of a manifest.
public struct RunWorker: Sendable {
  private enum Subject: Sendable {
    case evaluations(EvaluatedStudy)
    case layers(CoSearch)
  }

  private let worker: ShardWorker
  private let subject: Subject

  /// Reads and checks a manifest, and everything its study names.
  ///
  /// - Parameters:
  ///   - file: The manifest.
  ///   - hash: The hash the task was submitted with; `nil` takes the file's own.
  ///   - shard: The number of the shard, from 0.
  ///   - threadCount: Evaluations or layers at once, from 1.
  /// - Throws: `DistributionError` for a manifest of another user, version or hash; `SpecificationError`, `LogError`.
  public init(manifest file: String, hash: String?, shard: Int, threadCount: Int) throws {
    let path = absolutePath(file)
    let manifest = try Manifest(reading: path, hash: hash)
    try manifest.subject.check(version: programVersion, manifest: path)
    worker = try ShardWorker(
      manifest, in: ShardFolder(ofManifest: path), shard: shard, threadCount: threadCount)
    if !manifest.subject.folder.isEmpty,
      !FileManager.default.changeCurrentDirectoryPath(manifest.subject.folder)
    {
      throw DistributionError.unreadable(
        file: manifest.subject.folder, reason: "the folder of the run is not on this node")
    }
    let text = Data(manifest.subject.study.utf8)
    switch manifest.subject.kind {
    case "evaluations":
      subject = .evaluations(
        try EvaluatedStudy(
          StudyFile(parsing: text, named: path), concurrentCount: threadCount))
    case "layers":
      subject = .layers(try CoSearch(reading: CoSearchFile(parsing: text, named: path)))
    default:
      throw DistributionError.malformed(
        file: path, got: "a manifest of \(manifest.subject.kind)",
        expected: "evaluations or layers")
    }
  }

  /// Answers the shard.
  ///
  /// - Throws: `DistributionError.unwritable`.
  public func run() async throws -> ShardWorker.Ending {
    switch subject {
    case .evaluations(let study): try await run(study)
    case .layers(let search): try await worker.run { try search.answer(toItem: $0) }
    }
  }

  private func run(_ study: EvaluatedStudy) async throws -> ShardWorker.Ending {
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
