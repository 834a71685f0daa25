public import Distribution
public import Reporting
public import Study

/// A question under limits that move, tightest limits first: each step is told what the earlier ones found.
///
/// A looser limit is never reported worse, since what a tighter step found counts for it. The run folder holds `sweep.yaml`,
/// what each step of each seed found under `seed-S`, `tables` and `report.html`; a sweep that was killed goes on the same.
public struct Sweep: Sendable {
  /// How far a sweep is.
  public struct Progress: Sendable {
    /// Steps that are finished, of all seeds.
    public var finishedStepCount: Int
    /// Steps of all seeds.
    public var stepCount: Int
    /// The limits of the step under way.
    public var limits: [MetricLimit]
    /// What the step is doing, with numbers, such as `3 of 12 evaluations`.
    public var doing: String
    /// The best objective of the step so far.
    public var best: Double?
  }

  /// What came of a sweep.
  public struct Findings: Sendable {
    /// For people: a table a workload, then the answer.
    public var text: String
    /// A JSON object a workload and step, a line each.
    public var json: String
    /// The page.
    public var report: Report
    /// Whether any step has an answer.
    public var isFeasible: Bool
    /// Whether the user interrupted.
    public var isInterrupted = false
  }

  /// The file.
  public let file: SweepFile
  /// The run folder.
  public let folder: String
  private let engine: Engine

  private enum Engine: Sendable {
    case explore(ExplorationSweep)
    case offline(OfflineSweep)
    case codesign(CoSearchSweep)
  }

  /// Reads what the file names and prepares the run folder.
  ///
  /// - Parameters:
  ///   - file: What moves, and the study.
  ///   - folder: The run folder; made, or gone on with.
  ///   - threadCount: Threads at most. No matter for the result.
  ///   - isComparedWithRandom: Whether an exploring sweep makes a random search with as many evaluations, too; `nil`: where
  ///     the embedded model evaluates.
  ///   - executor: Who runs evaluations, or maps layers, in place of the study's; no matter for the result.
  ///   - takesOver: Whether another process that works on the sweep, through an executor, is pushed aside.
  ///   - message: Gets what an executor has to say, for people; called on any thread.
  /// - Throws: `SpecificationError`; `LogError.conflict` for a folder of another sweep and for limits on what nobody knows;
  ///   what opening a study, model or log throws.
  public init(
    _ file: SweepFile, folder: String, threadCount: Int? = nil, isComparedWithRandom: Bool? = nil,
    executor: ExecutorSettings? = nil, takesOver: Bool = false,
    message: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.file = file
    self.folder = folder
    switch file.engine {
    case .explore:
      var sweep = try ExplorationSweep(
        file, folder: folder, threadCount: threadCount, isCompared: isComparedWithRandom)
      sweep.executor = executor
      (sweep.takesOver, sweep.message) = (takesOver, message)
      engine = .explore(sweep)
    case .offline:
      engine = .offline(try OfflineSweep(file, folder: folder, threadCount: threadCount))
    case .codesign:
      var sweep = try CoSearchSweep(file, folder: folder, threadCount: threadCount)
      sweep.executor = executor
      (sweep.takesOver, sweep.message) = (takesOver, message)
      engine = .codesign(sweep)
    }
  }

  /// Answers every step, from where the run folder ends.
  ///
  /// Cancellation ends the sweep, and what was found until then is the result.
  /// - Throws: As the engine: `TrialLogError`, `LogError`, `SearchError`, `DesignSpaceError`, `OfflineModelError`.
  public func run(progress: (Progress) -> Void = { _ in }) async throws -> Findings {
    switch engine {
    case .explore(let sweep): try await sweep.run(progress: progress)
    case .offline(let sweep): try sweep.run(progress: progress)
    case .codesign(let sweep): try await sweep.run(progress: progress)
    }
  }

  /// What the run folder has so far.
  ///
  /// - Throws: `TrialLogError`, `LogError`, `SpecificationError`, `CancellationError`.
  public func recorded() async throws -> Findings {
    switch engine {
    case .explore(let sweep): try await ExplorationSweepResult(of: sweep).findings()
    case .offline(let sweep): try sweep.recorded()
    case .codesign(let sweep): try sweep.recorded()
    }
  }
}
