import Execution
import Foundation

/// Tasks as processes of this machine, or of GNU parallel.
final class ProcessRunner: TaskRunner {
  let placeCount: Int
  let mostTasks: Int
  private let settings: ExecutorSettings
  private var waiting: [(batch: ShardBatch, shard: Int)] = []
  private var running: [(batch: ShardBatch, shards: [Int], program: SpawnedProgram)] = []
  /// Workers that hang and were told to end, and when they are killed.
  private var ending: [(id: pid_t, manifest: String, killAt: Double)] = []
  private static let endingSeconds = 10.0

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
    killStubborn()
    try? fill()
    var listing = QueueListing(settings.kind, parsing: "")
    for (batch, shards, _) in running {
      listing.tasks[batch.line.jobName, default: []].formUnion(shards)
      // Of many shards of one program, nobody here knows which are begun.
      guard settings.kind == .processes, let shard = shards.first else { continue }
      listing.running[batch.line.jobName, default: [:]][shard] = [""]
    }
    for (batch, shard) in waiting { listing.tasks[batch.line.jobName, default: []].insert(shard) }
    return listing
  }

  func cancel(_ batch: ShardBatch) {
    waiting.removeAll { $0.batch === batch }
    for entry in running where entry.batch === batch { entry.program.signal(SIGTERM) }
  }

  func end(_ shard: Int, of batch: ShardBatch, in listing: QueueListing) {
    for place in running.indices
    where running[place].batch === batch && running[place].shards.contains(shard) {
      // It keeps its place until it is gone.
      running[place].shards.removeAll { $0 == shard }
      guard settings.kind == .processes else { continue }
      running[place].program.signal(SIGTERM)
      running[place].program.signal(SIGCONT)
      tell(running[place].program.id, batch)
    }
    guard settings.kind == .parallel else { return }
    // Workers on other machines cannot be ended from here; they are overtaken.
    for (_, host, process) in batch.folder.workers(onShard: shard) where host == nodeName() {
      guard Self.isWorker(process, on: batch.folder.manifest) else { continue }
      kill(process, SIGTERM)
      kill(process, SIGCONT)
      tell(process, batch)
    }
  }

  private func tell(_ id: pid_t, _ batch: ShardBatch) {
    ending.append((id, batch.folder.manifest, monotonicSeconds() + Self.endingSeconds))
  }

  /// Whether a process of this machine works on a manifest.
  private static func isWorker(_ id: pid_t, on manifest: String) -> Bool {
    guard id > 1, let data = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") else {
      return false
    }
    let words = data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    return words.contains("worker") && words.contains(manifest)
  }

  /// Kills workers that did not end when they were told, and what they started.
  private func killStubborn() {
    let now = monotonicSeconds()
    for (id, manifest, _) in ending.filter({ now >= $0.killAt }) {
      let isChild = running.contains { $0.program.id == id }
      guard isChild || Self.isWorker(id, on: manifest) else { continue }
      for group in ProgramGroup.groups(under: id) { kill(-group, SIGKILL) }
      kill(isChild ? -id : id, SIGKILL)
    }
    ending.removeAll { now >= $0.killAt }
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
