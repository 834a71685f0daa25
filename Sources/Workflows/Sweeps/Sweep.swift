import DesignSpace
import Foundation
public import Study

/// A study under limits that move: one exploration a step, tightest limits first, each told what the earlier ones measured.
///
/// Trials are judged again by every step's limits, whichever step they were made for: what a looser step found counts for a
/// tighter one when it respects its limit, and what a tighter step found always counts for a looser one. So a looser budget
/// is never reported worse. The first step gets two shares of the budget, since it begins with nothing.
///
/// The run folder holds `sweep.yaml`, a run folder `seed-S/step-NN` for each step, `tables` and `report.html`; a sweep that
/// was killed goes on with the same designs.
public struct Sweep: Sendable {
  /// One combination of limits.
  public struct Step: Hashable, Sendable {
    /// The limits that move, one an axis.
    public var limits: [MetricLimit]
    /// Evaluations for each seed and workload.
    public var budget: Int
  }

  /// How far a sweep is.
  public struct Progress: Sendable {
    /// Steps that are finished, of all seeds.
    public var finishedStepCount: Int
    /// Steps of all seeds.
    public var stepCount: Int
    /// The limits of the step under way.
    public var limits: [MetricLimit]
    /// The search of the step.
    public var search: Exploration.Progress
  }

  /// The file.
  public let file: SweepFile
  /// The run folder.
  public let folder: String
  /// The steps, tightest first; of two axes the second moves faster.
  public let steps: [Step]
  let study: StudyFile
  let threadCount: Int?

  /// Reads the study and prepares the run folder.
  ///
  /// - Throws: `SpecificationError`; `LogError.conflict` for a folder of another sweep, and for a study that limits the moving
  ///   metric itself.
  public init(_ file: SweepFile, folder: String, threadCount: Int? = nil) throws {
    self.file = file
    self.folder = folder
    self.threadCount = threadCount
    study = try StudyFile(readingFile: file.resolved(file.study))
    var combinations: [[MetricLimit]] = [[]]
    for axis in file.sweep {
      combinations = combinations.flatMap { limits in
        axis.values.map { limits + [MetricLimit(axis.limit, axis.side, $0)] }
      }
    }
    let share = file.budget / (combinations.count + 1)
    let first = file.budget - share * (combinations.count - 1)
    steps = combinations.enumerated().map {
      Step(limits: $1, budget: share == 0 ? 1 : $0 == 0 ? first : share)
    }
    try prepare()
  }

  private func prepare() throws {
    let path = "\(folder)/sweep.yaml"
    let text = file.resolvedText
    if let known = try? String(contentsOfFile: path, encoding: .utf8) {
      guard known == text else {
        throw LogError.conflict(
          "\(folder): the run is of another sweep",
          hint: "go on with it as it was: dovetail sweep --resume \(folder); or give another --out")
      }
      return
    }
    if FileManager.default.fileExists(atPath: "\(folder)/resolved.yaml") {
      throw LogError.conflict(
        "\(folder): this is the run of a study, expected a sweep's or an empty folder",
        hint: "give another --out")
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw LogError.wrongValue(
        at: "--out", got: folder, expected: "a folder that can be made and written to", hint: nil)
    }
  }

  /// The run folder of a step.
  func folder(ofStep index: Int, seed: UInt64) -> String {
    let number = index + 1 < 10 ? "0\(index + 1)" : "\(index + 1)"
    return "\(folder)/seed-\(seed)/step-\(number)"
  }

  /// The study of a step.
  func study(ofStep index: Int, seed: UInt64) -> StudyFile {
    var variant = study
    let moving = Set(steps[index].limits.map(\.metric))
    variant.limits =
      study.limits.filter { !moving.contains($0.metric) } + steps[index].limits
    variant.budget = steps[index].budget
    variant.seed = seed
    for earlier in 0..<index {
      let path = absolutePath(folder(ofStep: earlier, seed: seed))
      variant.transfer.append(.init(path: path))
    }
    return variant
  }

  /// Opens the exploration of a step.
  func exploration(ofStep index: Int, seed: UInt64) throws -> Exploration {
    try Exploration(
      study(ofStep: index, seed: seed), folder: folder(ofStep: index, seed: seed),
      threadCount: threadCount)
  }

  /// Runs every step, from where the logs end.
  ///
  /// Cancellation ends the sweep, and what was found until then is the result.
  /// - Throws: As `Exploration.run`.
  public func run(progress: (Progress) -> Void = { _ in }) async throws -> SweepResult {
    var finished = 0
    var isInterrupted = false
    search: for seed in file.seeds {
      for index in steps.indices {
        let exploration = try exploration(ofStep: index, seed: seed)
        let result = try await exploration.run(isAnalyzed: false) { state in
          progress(
            Progress(
              finishedStepCount: finished, stepCount: steps.count * file.seeds.count,
              limits: steps[index].limits, search: state))
        }
        if result.isInterrupted {
          isInterrupted = true
          break search
        }
        finished += 1
      }
    }
    var result = try SweepResult(of: self)
    result.isInterrupted = isInterrupted
    return result
  }
}
