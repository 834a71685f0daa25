public import Distribution
public import Foundation
import SimulationLog
import Study

/// What a run is doing, told from its folder alone: nothing is asked of the processes that work on it.
public struct RunWatch: Sendable {
  /// One look.
  public struct Status: Sendable {
    /// The run folder or log.
    public var path: String
    /// The time of the look.
    public var time: Date
    /// Evaluations that are recorded.
    public var evaluationCount = 0
    /// Evaluations the study allows, if it says.
    public var budget: Int?
    /// Feasible ones among them.
    public var feasibleCount = 0
    /// Those the evaluator failed in.
    public var failedCount = 0
    /// Recorded evaluations a minute, over the last five minutes with any; `nil` with too few.
    public var perMinute: Double?
    /// The first objective of the log.
    public var objective: String?
    /// Its best value among feasible evaluations, and the number of that evaluation from 1.
    public var best: (value: Double, evaluation: Int)?
    /// Seconds since the log was written to.
    public var idleSeconds: Double?
    /// Tasks of an executor, if there is one.
    public var cluster: ClusterSurvey?
    /// Whether the command has written its report, which it does last.
    public var hasEnded = false
  }

  private let path: String
  /// The run folder, or the step of a sweep, that is looked at; `nil` for a log.
  private var folder: String?
  private var logFile: String
  private var survey: ClusterSurvey
  private var lastRow = 0
  private var counts = (all: 0, feasible: 0, failed: 0)
  private var best: (value: Double, evaluation: Int)?

  /// Names a run folder, the log of `log generate`, or the run of a sweep, whose step under way is watched.
  ///
  /// - Throws: `LogError.wrongValue` for a path without a run.
  public init(_ path: String) throws(LogError) {
    self.path = path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .wrongValue(
        at: path, got: "nothing", expected: "a run folder",
        hint: "run folders are made by dovetail explore STUDY.yaml --out FOLDER")
    }
    guard isFolder.boolValue else {
      logFile = path
      survey = ClusterSurvey(folder: "\(path).cluster")
      return
    }
    let folder = Self.latestStep(of: path) ?? path
    guard
      ["resolved.yaml", "trials.sqlite", "sweep.yaml"].contains(where: {
        FileManager.default.fileExists(atPath: "\(folder)/\($0)")
      })
    else {
      throw .wrongValue(
        at: path, got: "a folder without resolved.yaml", expected: "a run folder",
        hint: "run folders are made by dovetail explore STUDY.yaml --out FOLDER")
    }
    self.folder = folder
    logFile = "\(folder)/trials.sqlite"
    survey = ClusterSurvey(folder: "\(folder)/cluster")
  }

  /// Goes to the step of a sweep that is worked on now.
  private mutating func turnToLatestStep() {
    guard folder != nil, let latest = Self.latestStep(of: path), latest != folder else { return }
    folder = latest
    logFile = "\(latest)/trials.sqlite"
    survey = ClusterSurvey(folder: "\(latest)/cluster")
    (lastRow, counts, best) = (0, (0, 0, 0), nil)
  }

  /// Whether the report is newer than the journal: a command that begins or goes on writes there at once.
  private var hasEnded: Bool {
    guard let folder, let report = Self.modificationTime("\(path)/report.html"),
      let journal = Self.modificationTime("\(folder)/dovetail.log")
    else { return false }
    return report >= journal
  }

  /// The step of a sweep that was written to last; `nil` for other runs.
  private static func latestStep(of path: String) -> String? {
    guard FileManager.default.fileExists(atPath: "\(path)/sweep.yaml") else { return nil }
    var latest: (folder: String, time: Date)?
    let manager = FileManager.default
    for seed in ((try? manager.contentsOfDirectory(atPath: path)) ?? []).sorted()
    where seed.hasPrefix("seed-") {
      for step in ((try? manager.contentsOfDirectory(atPath: "\(path)/\(seed)")) ?? []).sorted() {
        let folder = "\(path)/\(seed)/\(step)"
        guard let time = modificationTime("\(folder)/trials.sqlite") else { continue }
        if latest.map({ time >= $0.time }) ?? true { latest = (folder, time) }
      }
    }
    return latest?.folder
  }

  private static func modificationTime(_ file: String) -> Date? {
    (try? FileManager.default.attributesOfItem(atPath: file))?[.modificationDate] as? Date
  }

  /// Looks at the run; only what is new is read.
  ///
  /// - Throws: `TrialLogError` for a log that is damaged.
  public mutating func look(now: Date = Date()) throws -> Status {
    turnToLatestStep()
    var status = Status(path: path, time: now)
    // Asked first: what is written until then is seen below.
    status.hasEnded = hasEnded
    if FileManager.default.fileExists(atPath: logFile) {
      let log = try TrialLog.open(file: logFile)
      let objective = try log.catalog().objectives.first
      let place = try objective.flatMap { try log.catalog().index(ofMetric: $0.metric) }
      status.objective = objective?.metric
      var filter = TrialFilter()
      filter.ids = (lastRow + 1)...Int.max
      try log.forEachTrial(matching: filter) { trial in
        lastRow = trial.id
        counts.all += 1
        if case .failed = trial.verdict { counts.failed += 1 }
        guard trial.isFeasible else { return true }
        counts.feasible += 1
        if let objective, let place, trial.metrics[place].isFinite,
          best.map({ objective.isBetter(trial.metrics[place], than: $0.value) }) ?? true
        {
          best = (trial.metrics[place], counts.all)
        }
        return true
      }
      status.idleSeconds = Self.modificationTime(logFile).map { max(0, now.timeIntervalSince($0)) }
    }
    (status.evaluationCount, status.feasibleCount) = (counts.all, counts.feasible)
    (status.failedCount, status.best) = (counts.failed, best)
    if let folder {
      status.budget = (try? StudyFile(readingFile: "\(folder)/resolved.yaml"))?.budget
      status.perMinute = Self.perMinute(inJournal: "\(folder)/dovetail.log")
    }
    survey.look(now: now)
    if survey.taskCount > 0 { status.cluster = survey }
    return status
  }

  /// Evaluations a minute by the times of the journal's last lines.
  private static func perMinute(inJournal file: String) -> Double? {
    guard let handle = FileHandle(forReadingAtPath: file) else { return nil }
    defer { try? handle.close() }
    let size = (try? handle.seekToEnd()) ?? 0
    try? handle.seek(toOffset: size > 262_144 ? size - 262_144 : 0)
    let data = (try? handle.readToEnd()) ?? Data()
    var times: [Date] = []
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      guard line.contains("evaluation "), let stamp = line.split(separator: " ").first,
        let time = try? Date(String(stamp), strategy: .iso8601)
      else { continue }
      times.append(time)
    }
    guard let last = times.last else { return nil }
    times = times.filter { last.timeIntervalSince($0) <= 300 }
    // Times are whole seconds.
    guard let first = times.first, last.timeIntervalSince(first) >= 2 else { return nil }
    return 60 * Double(times.count - 1) / last.timeIntervalSince(first)
  }
}
