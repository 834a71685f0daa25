/// What a run of many evaluations costs in tasks, files, bytes and time.
///
/// Formulas, for *N* evaluations of *e* seconds at *P* places:
/// - items of a task *s* = min(30 / *e*, *N* / 4*P*), between 1 and 50,000: half a minute of work, and four tasks a place;
/// - tasks *T* = *N* / *s*, manifests *M* = *N* / min(50,000, *s A*), where *A* is the largest array;
/// - time = max(*T* / *P* x (*s e* + *d*), *N r*): a place takes *d* seconds between the work of two tasks (scheduler, start of
///   the worker, reading the manifest), and one process records *N* rows in *r* seconds each;
/// - files = *T* + 3 *M* + 2; bytes = 2 x 100 *N* + 300 *T* + 1,000 *M* in files, 60 *N* in the log.
public struct ThroughputModel: Hashable, Sendable {
  /// What a run costs.
  public struct Cost: Hashable, Sendable {
    /// Evaluations of a task.
    public var shardSize: Int
    /// Tasks, each one result file.
    public var taskCount: Int
    /// Manifests, each one array of tasks.
    public var manifestCount: Int
    /// Files that stay.
    public var fileCount: Int
    /// Bytes that stay, the log included.
    public var byteCount: Double
    /// Wall time in seconds.
    public var seconds: Double
    /// The share of a place's time that is no evaluation, in `[0, 1]`.
    public var overheadShare: Double
    /// Whether the one process that records is slower than the tasks.
    public var isBoundByRecording: Bool
  }

  /// Tasks that work at the same time.
  public var placeCount: Int
  /// Seconds a place is without work between two tasks.
  ///
  /// Default: 0.4, measured on Slurm 22.05 with tasks that did nothing; see Tests/Benchmarks/Results.
  public var overheadSeconds = 0.4
  /// Seconds to record an evaluation.
  ///
  /// Default: 1.3e-4: processor time of the driver for 100,000 evaluations in tasks of processes, with SQLite on a local disk;
  /// see Tests/Benchmarks/Results/cluster.csv.
  public var recordSeconds = 1.3e-4
  /// Tasks of an array at most.
  ///
  /// Default: 1001, Slurm's `MaxArraySize` unless configured.
  public var largestArray = 1_001
  /// Evaluations of a task; `nil` for what the executor chooses.
  public var shardSize: Int?

  /// Creates a model.
  public init(placeCount: Int) {
    precondition(placeCount >= 1, "at least one place works")
    self.placeCount = placeCount
  }

  /// The cost of a run.
  ///
  /// - Parameters:
  ///   - count: Evaluations, from 1.
  ///   - seconds: Of one evaluation, above 0.
  public func cost(of count: Int, seconds: Double) -> Cost {
    var settings = ExecutorSettings(.slurm)
    settings.shardSize = shardSize
    let size = min(
      settings.itemsPerShard(waiting: count, seconds: seconds, placeCount: placeCount),
      ExecutorSettings.largestManifest)
    let tasks = (count + size - 1) / size
    let most = min(ExecutorSettings.largestManifest, size * largestArray)
    let manifests = (count + most - 1) / most
    let work = Double(size) * seconds
    let rounds = Double((tasks + placeCount - 1) / placeCount)
    let computing = rounds * (work + overheadSeconds)
    let recording = Double(count) * recordSeconds
    return Cost(
      shardSize: size, taskCount: tasks, manifestCount: manifests,
      fileCount: tasks + 3 * manifests + 2,
      byteCount: 260 * Double(count) + 300 * Double(tasks) + 1_000 * Double(manifests),
      seconds: max(computing, recording), overheadShare: overheadSeconds / (work + overheadSeconds),
      isBoundByRecording: recording > computing)
  }

  /// A table in Markdown: a million evaluations of one millisecond to ten minutes.
  public var table: String {
    var lines = [
      "| an evaluation | of a task | tasks | arrays | files | MB | time | not evaluating |",
      "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (name, seconds) in [
      ("1 ms", 1e-3), ("10 ms", 1e-2), ("0.1 s", 0.1), ("1 s", 1), ("10 s", 10), ("1 min", 60),
      ("10 min", 600),
    ] {
      let cost = cost(of: 1_000_000, seconds: seconds)
      let share = Int((1_000 * cost.overheadShare).rounded())
      let cells = [
        name, "\(cost.shardSize)", "\(cost.taskCount)", "\(cost.manifestCount)",
        "\(cost.fileCount)", "\(Int((cost.byteCount / 1e6).rounded()))",
        Self.duration(cost.seconds) + (cost.isBoundByRecording ? " (recording)" : ""),
        "\(share / 10).\(share % 10) %",
      ]
      lines.append("| \(cells.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func duration(_ seconds: Double) -> String {
    func tenths(_ value: Double) -> String {
      let count = Int((10 * value).rounded())
      return count >= 100 || count % 10 == 0 ? "\((count + 5) / 10)" : "\(count / 10).\(count % 10)"
    }
    if seconds < 120 { return "\(tenths(seconds)) s" }
    if seconds < 7_200 { return "\(tenths(seconds / 60)) min" }
    if seconds < 172_800 { return "\(tenths(seconds / 3_600)) h" }
    return "\(tenths(seconds / 86_400)) d"
  }
}
