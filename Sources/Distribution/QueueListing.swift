/// What a scheduler says it has: a hint, since results tell what is done.
struct QueueListing: Hashable {
  /// Indices of tasks by job name.
  var tasks: [String: Set<Int>] = [:]
  /// What the scheduler calls tasks that run now, by job name and index; a shard may run twice.
  var running: [String: [Int: [String]]] = [:]
  /// Why a task is held, if one is.
  var held: String?

  func has(_ name: String, _ shard: Int) -> Bool { tasks[name]?.contains(shard) ?? false }

  /// Names of the tasks that run a shard now; empty for one that waits, or is not known to run.
  func running(_ name: String, _ shard: Int) -> [String] { running[name]?[shard] ?? [] }

  /// Reads what the listing command wrote; lines of others are passed over.
  init(_ kind: ExecutorSettings.Kind, parsing text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      switch kind {
      case .slurm: addSlurm(words)
      case .lsf: addLSF(words)
      case .sge: addSGE(words)
      case .local, .processes, .parallel: break
      }
    }
  }

  private mutating func addRunning(_ name: String, _ shard: Int, _ task: String) {
    running[name, default: [:]][shard, default: []].append(task)
  }

  /// `dt0a1b2c3d 7 RUNNING 41_7 None`.
  private mutating func addSlurm(_ words: [String]) {
    let over = [
      "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY",
      "PREEMPTED", "TIMEOUT",
    ]
    guard words.count >= 4, !over.contains(words[2]), let index = Int(words[1]) else { return }
    tasks[words[0], default: []].insert(index)
    if words[2] == "RUNNING" { addRunning(words[0], index, words[3]) }
    let reason = words.dropFirst(4).joined(separator: " ")
    if words[2] == "PENDING", reason.lowercased().contains("held") { held = held ?? reason }
  }

  /// `dt0a1b2c3d[8] RUN 41`.
  private mutating func addLSF(_ words: [String]) {
    guard words.count == 3,
      ["PEND", "PSUSP", "PROV", "RUN", "SSUSP", "USUSP", "WAIT"]
        .contains(words[1])
    else { return }
    let parts = words[0].split(separator: "[")
    guard parts.count == 2, let index = Int(parts[1].prefix { $0 != "]" }) else { return }
    tasks[String(parts[0]), default: []].insert(index - 1)
    if words[1] == "RUN" { addRunning(String(parts[0]), index - 1, "\(words[2])[\(index)]") }
  }

  /// `job-id prior name user state date time queue slots ja-task-ID`, the queue absent while a task waits.
  private mutating func addSGE(_ words: [String]) {
    guard words.count >= 9, let index = words.last.flatMap({ Int($0) }), Int(words[0]) != nil,
      !words[4].contains("E")
    else { return }
    tasks[words[2], default: []].insert(index - 1)
    if words[4] == "r" || words[4] == "Rr" { addRunning(words[2], index - 1, words[0]) }
  }
}
