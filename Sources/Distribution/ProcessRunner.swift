import Foundation

/// Tasks as processes of this machine, or of GNU parallel.
final class ProcessRunner: TaskRunner {
  let placeCount: Int
  let mostTasks: Int
  private let settings: ExecutorSettings
  private var waiting: [(batch: ShardBatch, shard: Int)] = []
  private var running: [(batch: ShardBatch, shards: [Int], program: SpawnedProgram)] = []

  /// - Throws: `ExecutorError.missingProgram`.
  init(_ settings: ExecutorSettings) throws(ExecutorError) {
    self.settings = settings
    placeCount = settings.tasksAtOnce ?? ProcessInfo.processInfo.activeProcessorCount
    // As many as are words of one command line.
    mostTasks = settings.tasksPerArray ?? (settings.kind == .parallel ? 10_000 : 1_000_000)
    if settings.kind == .parallel, !SpawnedProgram.exists("parallel") {
      throw .missingProgram(name: "parallel", executor: settings.kind.rawValue)
    }
  }

  func submit(_ shards: [Int], of batch: ShardBatch) throws {
    guard settings.kind == .parallel else {
      waiting += shards.map { (batch, $0) }
      try fill()
      return
    }
    let command = batch.line.submissions(of: shards)[0]
    try start(command, batch, shards, log: "\(batch.folder.logs)/parallel.log")
  }

  private func start(_ command: [String], _ batch: ShardBatch, _ shards: [Int], log: String) throws
  {
    let (program, code) = SpawnedProgram.start(command, in: batch.folder.path, output: log)
    guard let program else {
      throw SubmissionProblem(
        said: String(cString: strerror(code)), command: ShellWord.line(command),
        isPassing: code == EAGAIN || code == ENOMEM)
    }
    running.append((batch, shards, program))
  }

  private func fill() throws {
    while running.count < placeCount, let (batch, shard) = waiting.first {
      waiting.removeFirst()
      try start(
        ["sh", "./submit.sh", "\(shard)"], batch, [shard], log: batch.folder.log(ofShard: shard))
    }
  }

  func listing(of batches: [ShardBatch]) -> QueueListing? {
    running.removeAll { $0.program.ending() != nil }
    try? fill()
    var listing = QueueListing(settings.kind, parsing: "")
    for (batch, shards, _) in running {
      listing.tasks[batch.line.jobName, default: []].formUnion(shards)
    }
    for (batch, shard) in waiting { listing.tasks[batch.line.jobName, default: []].insert(shard) }
    return listing
  }

  func cancel(_ batch: ShardBatch) {
    waiting.removeAll { $0.batch === batch }
    for entry in running where entry.batch === batch { entry.program.signal(SIGTERM) }
  }

  func end() {
    waiting = []
    for entry in running { entry.program.signal(SIGTERM) }
    let deadline = monotonicSeconds() + 5
    while !running.isEmpty, monotonicSeconds() < deadline {
      running.removeAll { $0.program.ending() != nil }
      usleep(5_000)
    }
    for entry in running {
      entry.program.signal(SIGKILL)
      while entry.program.ending() == nil { usleep(1_000) }
    }
    running = []
  }
}
