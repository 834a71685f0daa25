/// The command lines that hand shards to a scheduler, ask for them, and take them back.
///
/// Every command is a list of words for `exec`: no shell reads a value of the user.
public struct SubmitLine: Sendable {
  let settings: ExecutorSettings
  /// Of the manifest.
  let hash: String

  /// Creates lines for a manifest.
  ///
  /// - Parameters:
  ///   - settings: Checked settings.
  ///   - hash: The hash of the manifest.
  public init(_ settings: ExecutorSettings, hash: String) {
    self.settings = settings
    self.hash = hash
  }

  /// The name of the jobs, by which they are found again from any host.
  ///
  /// Ten characters: Grid Engine's `qstat` shows no more.
  public var jobName: String { "dt\(hash.prefix(8))" }

  /// The script of a task.
  ///
  /// - Parameters:
  ///   - program: Path of dovetail on the nodes.
  ///   - manifest: Path of the manifest.
  public func script(program: String, manifest: String) -> String {
    let shard = settings.kind == .parallel || settings.kind == .processes ? " --shard \"$1\"" : ""
    var text = "#!/bin/sh\n# A task of a dovetail run: answers one shard of the manifest.\n"
    for line in settings.setup { text += line + "\n" }
    let worker = ShellWord.line([program, "worker", manifest, "--hash", hash])
    return text + "exec \(worker) --threads \(settings.processors)\(shard)\n"
  }

  /// The commands that submit shards, to be run in the folder of the manifest.
  public func submissions(of shards: [Int]) -> [[String]] {
    switch settings.kind {
    case .local, .processes: []
    case .slurm: [slurm(shards)]
    case .lsf: [lsf(shards)]
    case .sge: Self.ranges(shards).map(sge)
    case .parallel:
      [
        [
          "parallel", "--will-cite", "--no-notice", "--jobs",
          settings.tasksAtOnce.map(String.init) ?? "100%",
        ]
          + settings.directives + ["sh ./submit.sh {} >logs/{}.log 2>&1", ":::"]
          + shards.map(String.init)
      ]
    }
  }

  /// The command that lists what the scheduler has of jobs; `nil` where it has none.
  static func listing(_ kind: ExecutorSettings.Kind, names: [String]) -> [String]? {
    switch kind {
    case .slurm:
      [
        "squeue", "--noheader", "--array", "--name=\(names.joined(separator: ","))",
        "--format=%j %K %T %i %r",
      ]
    case .lsf: ["bjobs", "-noheader", "-a", "-o", "job_name stat jobid"]
    case .sge: ["qstat", "-g", "d"]
    case .local, .processes, .parallel: nil
    }
  }

  /// The command that takes jobs back.
  func cancellation() -> [String]? {
    switch settings.kind {
    case .slurm: ["scancel", "--name=\(jobName)"]
    case .lsf: ["bkill", "-J", jobName, "0"]
    case .sge: ["qdel", jobName]
    case .local, .processes, .parallel: nil
    }
  }

  /// The command that ends a task.
  ///
  /// - Parameters:
  ///   - task: What the listing calls it.
  ///   - shard: The shard it is at.
  static func ending(_ kind: ExecutorSettings.Kind, task: String, shard: Int) -> [String]? {
    switch kind {
    case .slurm: ["scancel", task]
    case .lsf: ["bkill", task]
    case .sge: ["qdel", task, "-t", "\(shard + 1)"]
    case .local, .processes, .parallel: nil
    }
  }

  private func slurm(_ shards: [Int]) -> [String] {
    var words = ["sbatch", "--parsable", "--job-name=\(jobName)"]
    words.append("--array=\(Self.list(shards))" + (settings.tasksAtOnce.map { "%\($0)" } ?? ""))
    words += ["--output=logs/%a.log", "--open-mode=truncate", "--ntasks=1"]
    words.append("--cpus-per-task=\(settings.processors)")
    if let value = settings.partition { words.append("--partition=\(value)") }
    if let value = settings.account { words.append("--account=\(value)") }
    if let value = settings.time { words += ["--time=\(value)", "--signal=B:TERM@30"] }
    if let value = settings.memory { words.append("--mem=\(value)") }
    return words + settings.directives + ["submit.sh"]
  }

  private func lsf(_ shards: [Int]) -> [String] {
    // Indices begin at 1.
    let cap = settings.tasksAtOnce.map { "%\($0)" } ?? ""
    var words = ["bsub", "-J", "\(jobName)[\(Self.list(shards.map { $0 + 1 }))]\(cap)"]
    words += ["-o", "logs/%I.log", "-n", "\(settings.processors)"]
    if let value = settings.partition { words += ["-q", value] }
    if let value = settings.account { words += ["-P", value] }
    if let value = settings.time { words += ["-W", value] }
    if let value = settings.memory { words += ["-M", value] }
    return words + settings.directives + ["sh ./submit.sh"]
  }

  private func sge(_ range: ClosedRange<Int>) -> [String] {
    var words = ["qsub", "-terse", "-N", jobName, "-cwd", "-S", "/bin/sh", "-j", "y"]
    words += ["-o", "logs/", "-t", "\(range.lowerBound + 1)-\(range.upperBound + 1)"]
    if let count = settings.tasksAtOnce { words += ["-tc", "\(count)"] }
    if settings.processors > 1 { words += ["-pe", "smp", "\(settings.processors)"] }
    if let value = settings.partition { words += ["-q", value] }
    if let value = settings.account { words += ["-P", value] }
    if let value = settings.time { words += ["-l", "h_rt=\(value)"] }
    if let value = settings.memory { words += ["-l", "h_vmem=\(value)"] }
    return words + settings.directives + ["submit.sh"]
  }

  /// `0-3,7` of numbers in ascending order.
  static func list(_ numbers: [Int]) -> String {
    ranges(numbers).map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }.joined(separator: ",")
  }

  private static func ranges(_ numbers: [Int]) -> [ClosedRange<Int>] {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges
  }

  /// The shard that a scheduler's environment names; indices of LSF and Grid Engine begin at 1.
  public static func shard(in environment: [String: String]) -> Int? {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    if let index = number("SLURM_ARRAY_TASK_ID") { return index }
    for name in ["LSB_JOBINDEX", "SGE_TASK_ID"] {
      if let index = number(name), index >= 1 { return index - 1 }
    }
    return nil
  }
}
