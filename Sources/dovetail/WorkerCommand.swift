import ArgumentParser
import Dispatch
import Distribution
import Foundation
import LinearAlgebra
import Workflows

struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Answers one shard of a manifest: what the tasks of an executor run.",
    discussion: """
      Submitted by --executor; by hand it finishes a shard that a scheduler lost. The result is one file, written whole or \
      not at all, and never over another one. SIGTERM leaves a checkpoint. Exit code 0 when the result is there, 75 after a \
      checkpoint, 74 when the disk refuses, 2 for a manifest of another user, version or hash.

      Usage in a job script: dovetail worker runs/edge/cluster/batch-000001/manifest.jsonl --shard 7
      """)

  @Argument(help: "The manifest.", completion: .file(extensions: ["jsonl"]))
  var manifest: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Number of the shard, from 0; by default SLURM_ARRAY_TASK_ID, or one less than LSB_JOBINDEX or SGE_TASK_ID.",
      valueName: "number"))
  var shard: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Hash that the manifest must have, 64 hexadecimal digits.", valueName: "sha256"))
  var hash: String?

  @Option(name: .long, help: ArgumentHelp("Evaluations at once.", valueName: "number"))
  var threads = 1

  func run() async throws {
    BLASRuntime.useOneThread()
    guard (1...1_024).contains(threads) else {
      throw UserError(problem: "--threads: got \(threads), expected 1 to 1024")
    }
    guard let number = shard ?? SubmitLine.shard(in: ProcessInfo.processInfo.environment) else {
      throw UserError(
        problem: "--shard: got nothing, expected a number",
        hint: "a task of an array reads it from its scheduler; by hand give --shard 0")
    }
    let worker = try RunWorker(
      manifest: manifest, hash: hash, shard: number, threadCount: threads)
    let task = Task { try await worker.run() }
    signal(SIGTERM, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
    source.setEventHandler { task.cancel() }
    source.resume()
    defer { source.cancel() }
    let ending: ShardWorker.Ending
    do {
      ending = try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
    } catch DistributionError.unwritable(let file, let reason) {
      Terminal.message("error: \(DistributionError.unwritable(file: file, reason: reason))")
      throw ExitCode(74)
    }
    switch ending {
    case .finished(.contradiction):
      Terminal.message(
        "warning: shard \(number) was answered otherwise before; the first answer stays")
    case .checkpointed(let count):
      Terminal.message("ended by a signal; \(count) evaluations are in a checkpoint")
      throw ExitCode(75)
    case .finished, .wasFinished: break
    }
  }
}
