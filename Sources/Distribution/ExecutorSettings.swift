/// Where evaluations are done, and what each task of a scheduler may take.
public struct ExecutorSettings: Hashable, Sendable {
  /// Who runs tasks.
  public enum Kind: String, CaseIterable, Sendable {
    /// This process, in threads.
    case local
    /// Processes on this machine.
    case processes
    /// Job arrays of Slurm.
    case slurm
    /// Job arrays of IBM Spectrum LSF; not tested on a real cluster.
    case lsf
    /// Array jobs of Grid Engine; not tested on a real cluster.
    case sge
    /// GNU parallel, which also reaches other machines; not tested beyond one machine.
    case parallel
  }

  /// Who runs tasks.
  public var kind: Kind
  /// Partition or queue.
  public var partition: String?
  /// Account or project that pays.
  public var account: String?
  /// Most wall time of a task, as the scheduler writes it: `01:30:00`.
  public var time: String?
  /// Memory of a task, as the scheduler writes it: `2G`.
  public var memory: String?
  /// Processors of a task, which evaluates as many items at a time; from 1.
  public var processors = 1
  /// Evaluations of a task, from 1; `nil` for tasks of half a minute that keep all places busy.
  public var shardSize: Int?
  /// Tasks of an array at most, from 1; `nil` for what the scheduler takes.
  public var tasksPerArray: Int?
  /// Tasks at a time, from 1: processes here, or the licences a simulator has; `nil` for all processors, or no limit.
  public var tasksAtOnce: Int?
  /// Arrays in the scheduler at a time, from 1.
  public var arrays = 64
  /// Further options of the submission, each a word of its own, such as `--qos=low`.
  public var directives: [String] = []
  /// Lines of shell that a task begins with, such as `module load simulator`.
  public var setup: [String] = []
  /// The program on the nodes; `nil` for the path of this one.
  public var program: String?
  /// Seconds between looks at results; `nil` for 2, and for 0.05 with processes.
  public var pollSeconds: Double?
  /// Times that a shard is handed out at most, from 1.
  public var attempts = 5
  /// Seconds before a shard that was lost is handed out again, doubled each time.
  public var backoffSeconds = 2.0
  /// Seconds that a task must be gone from the scheduler, without a result, before it counts as lost.
  ///
  /// File servers show new files late. `nil` for 10, and for 0 with processes.
  public var graceSeconds: Double?
  /// Seconds in which a running task must finish an evaluation, from 1; otherwise it is ended and its shard handed out again.
  ///
  /// A task shows what it finished every ten seconds, so that less than twenty beyond the longest evaluation is too little.
  /// `nil` for 20 times the longest evaluation so far, four times what the study allows one, and ten minutes, whichever is
  /// most, doubled with each attempt; no limit while neither is known.
  public var silenceSeconds: Double?

  /// Creates settings.
  public init(_ kind: Kind) { self.kind = kind }

  var isOnThisMachine: Bool { kind == .processes || kind == .parallel }
  var poll: Double { pollSeconds ?? (isOnThisMachine ? 0.05 : 2) }
  var grace: Double { graceSeconds ?? (isOnThisMachine ? 0 : 10) }

  /// Most items of one manifest; a worker reads all of it.
  static let largestManifest = 50_000

  /// Refuses what cannot be a word of a command line.
  ///
  /// - Throws: `ExecutorError.wrongSetting`.
  public func check() throws(ExecutorError) {
    let words: [(String, [String?])] = [
      ("partition", [partition]), ("account", [account]), ("time", [time]), ("memory", [memory]),
      ("program", [program]), ("directives", directives),
    ]
    for (name, values) in words {
      for value in values.compactMap({ $0 }) {
        guard !value.isEmpty,
          !value.unicodeScalars.contains(where: { $0.value < 32 || $0 == "\u{7f}" })
        else {
          throw .wrongSetting(
            name: name, got: "\"\(value.map { $0.isNewline ? " " : String($0) }.joined())\"",
            expected: "a text on one line")
        }
      }
    }
    for directive in directives where !directive.hasPrefix("-") {
      throw .wrongSetting(
        name: "directives", got: "\"\(directive)\"",
        expected: "options that begin with -, such as --qos=low")
    }
    let numbers: [(String, Int?, ClosedRange<Int>)] = [
      ("processors", processors, 1...1_024), ("shardSize", shardSize, 1...50_000),
      ("tasksPerArray", tasksPerArray, 1...1_000_000),
      ("tasksAtOnce", tasksAtOnce, 1...1_000_000), ("arrays", arrays, 1...1_000),
      ("attempts", attempts, 1...1_000),
    ]
    for (name, value, range) in numbers {
      guard let value, !range.contains(value) else { continue }
      throw .wrongSetting(
        name: name, got: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    let times: [(String, Double?, ClosedRange<Double>)] = [
      ("pollSeconds", pollSeconds, 0.01...3_600), ("backoffSeconds", backoffSeconds, 0...3_600),
      ("graceSeconds", graceSeconds, 0...3_600),
      ("silenceSeconds", silenceSeconds, 1...10_000_000),
    ]
    for (name, value, range) in times {
      guard let value, !range.contains(value) else { continue }
      throw .wrongSetting(
        name: name, got: "\(value)", expected: "\(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// Seconds without a finished evaluation after which a running task is taken for one that hangs; `nil` for never.
  ///
  /// - Parameters:
  ///   - longest: Seconds of the longest evaluation so far; `nil` without any.
  ///   - allowed: Seconds that the study allows an evaluation.
  ///   - attempt: Times that the shard was handed out, from 1.
  func silence(longest: Double?, allowed: Double?, attempt: Int) -> Double? {
    if let silenceSeconds { return silenceSeconds }
    guard longest != nil || allowed != nil else { return nil }
    // What hangs costs minutes; what only takes long, and is ended, costs all it did: hence the large factor and the doubling.
    let base = max(600, 20 * (longest ?? 0), 4 * (allowed ?? 0))
    return base * Double(1 << min(max(0, attempt - 1), 20))
  }

  /// Items of a shard when so many wait.
  ///
  /// - Parameter seconds: What an item took so far; `nil` when nothing is known.
  func itemsPerShard(waiting count: Int, seconds: Double?, placeCount: Int) -> Int {
    if let shardSize { return shardSize }
    // Four tasks for every place even out what differs; half a minute makes a scheduler's 0.4 s one per cent.
    let evenly = (count + 4 * placeCount - 1) / (4 * placeCount)
    let long = seconds.map { Int(min(1e6, 30 / max($0, 1e-6)).rounded(.up)) } ?? evenly
    return max(1, min(evenly, long, Self.largestManifest))
  }
}
