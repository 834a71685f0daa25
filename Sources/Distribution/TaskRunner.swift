/// Runs tasks of manifests somewhere; results tell what is done, and this is about what is on its way.
protocol TaskRunner: AnyObject {
  /// Tasks that work at the same time, as far as is known.
  var placeCount: Int { get }
  /// Tasks of one submission at most.
  var mostTasks: Int { get }

  /// Hands shards of a manifest over.
  ///
  /// - Throws: `SubmissionProblem`.
  func submit(_ shards: [Int], of batch: ShardBatch) throws

  /// What is waiting or running of some manifests; `nil` when the scheduler does not answer.
  func listing(of batches: [ShardBatch]) -> QueueListing?

  /// Takes back what is waiting or running of a manifest.
  func cancel(_ batch: ShardBatch)

  /// Ends what runs a shard and hangs.
  ///
  /// - Parameter listing: What was running at the last look.
  func end(_ shard: Int, of batch: ShardBatch, in listing: QueueListing)

  /// Ends what cannot go on without this process.
  func end()
}

/// Why a scheduler does not take tasks.
struct SubmissionProblem: Error {
  var said: String
  var command: String
  /// Whether it is the scheduler that is away, rather than the tasks that are wrong.
  var isPassing: Bool
}

/// Tasks of Slurm, LSF and Grid Engine, through their own commands.
final class QueueRunner: TaskRunner {
  let placeCount: Int
  let mostTasks: Int
  private let settings: ExecutorSettings
  private let folder: String

  /// - Throws: `ExecutorError.missingProgram`.
  init(_ settings: ExecutorSettings, folder: String) throws(ExecutorError) {
    self.settings = settings
    self.folder = folder
    let name = SubmitLine(settings, hash: "").submissions(of: [0])[0][0]
    guard SpawnedProgram.exists(name) else {
      throw .missingProgram(name: name, executor: settings.kind.rawValue)
    }
    placeCount = settings.tasksAtOnce ?? 16
    let most = settings.kind == .slurm ? Self.largestArray(folder) : 1_000
    mostTasks = min(settings.tasksPerArray ?? most, most)
  }

  /// `MaxArraySize` of Slurm's configuration; 1001 where it does not say.
  private static func largestArray(_ folder: String) -> Int {
    let answer = SpawnedProgram.run(["scontrol", "show", "config"], in: folder)
    return largestArray(inConfiguration: answer.output)
  }

  static func largestArray(inConfiguration text: String) -> Int {
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "=" })
      if words.count == 2, words[0] == "MaxArraySize", let size = Int(words[1]), size >= 1 {
        // Indices are below it.
        return size
      }
    }
    return 1_001
  }

  func submit(_ shards: [Int], of batch: ShardBatch) throws {
    for command in batch.line.submissions(of: shards) {
      let answer = SpawnedProgram.run(command, in: batch.folder.path)
      guard answer.code == 0 else {
        throw SubmissionProblem(
          said: answer.complaint, command: ShellWord.line(command),
          isPassing: Self.isPassing(answer.complaint))
      }
    }
  }

  /// Whether a complaint is about a controller that is away or busy.
  static func isPassing(_ complaint: String) -> Bool {
    let text = complaint.lowercased()
    return [
      "unable to contact", "connection refused", "connection timed out", "timed out",
      "temporarily", "try again", "resource temporarily", "not responding", "socket",
      "communication", "zero bytes", "cannot connect", "unable to connect",
      "network is unreachable",
      "queue submission limit", "job violates accounting/qos policy", "killed",
    ].contains { text.contains($0) }
  }

  func listing(of batches: [ShardBatch]) -> QueueListing? {
    let names = batches.map(\.line.jobName)
    guard let command = SubmitLine.listing(settings.kind, names: names) else { return nil }
    let answer = SpawnedProgram.run(command, in: folder)
    guard answer.code == 0 else { return nil }
    return QueueListing(settings.kind, parsing: answer.output)
  }

  func cancel(_ batch: ShardBatch) {
    guard let command = batch.line.cancellation() else { return }
    _ = SpawnedProgram.run(command, in: batch.folder.path)
  }

  func end(_ shard: Int, of batch: ShardBatch, in listing: QueueListing) {
    for task in listing.running(batch.line.jobName, shard) {
      guard let command = SubmitLine.ending(settings.kind, task: task, shard: shard) else { return }
      _ = SpawnedProgram.run(command, in: batch.folder.path)
    }
  }

  func end() {}
}
