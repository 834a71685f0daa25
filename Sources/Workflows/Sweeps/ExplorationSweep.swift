import DesignSpace
import Distribution
import Execution
import Foundation
import Interchange
import Study

/// A sweep of explorations: one a step, each told what the earlier ones measured.
///
/// Trials are judged again by every step's limits, whichever step they were made for: what a looser step found counts for a
/// tighter one when it respects its limit, and what a tighter step found always counts for a looser one.
struct ExplorationSweep: Sendable {
  let file: SweepFile
  let folder: SweepFolder
  /// The limits of the steps, tightest first; of two axes the second moves faster.
  let steps: [[MetricLimit]]
  let study: StudyFile
  let threadCount: Int?
  /// Whether a random search with the budget of all steps is made beside each seed's sweep.
  let isCompared: Bool
  /// Who runs evaluations, in place of the study's.
  var executor: ExecutorSettings?
  var takesOver = false
  var message: @Sendable (String) -> Void = { _ in }
  /// The designs, without limits.
  private let space: SearchSpace
  private let names: LimitNames

  /// Reads the study and prepares the run folder.
  ///
  /// - Parameters:
  ///   - file: The sweep.
  ///   - folder: The run folder.
  ///   - threadCount: Evaluations at once at most.
  ///   - isCompared: Whether a random search is made, too; `nil`: where the embedded model evaluates.
  /// - Throws: `SpecificationError`; `LogError.conflict` for a folder of another sweep.
  init(_ file: SweepFile, folder: String, threadCount: Int?, isCompared: Bool?) throws {
    self.file = file
    self.folder = SweepFolder(path: folder)
    self.threadCount = threadCount
    steps = file.combinations
    let path = file.resolved(file.study)
    try Self.check(path, file)
    study = try StudyFile(readingFile: path)
    var isEmbedded = false
    switch study.evaluator {
    case .template(let path, _):
      isEmbedded = true
      space = try ArchitectureTemplate(readingFile: study.resolved(path)).space
      names = Exploration.limitNames(
        study, parameters: space.parameters, metrics: TemplateEvaluator.metrics)
    case .command:
      space = try SpaceFile(readingFile: study.resolved(study.space ?? "")).resolve()
      names = Exploration.limitNames(
        study, parameters: space.parameters, metrics: study.metrics)
    }
    self.isCompared = isCompared ?? (isEmbedded && study.designer != DesignerChoice.random.rawValue)
    try file.check(names)
    try self.folder.prepare(file)
  }

  /// Refuses a co-design study by its keys.
  private static func check(_ path: String, _ file: SweepFile) throws {
    guard let root = try? SpecificationNode(readingFile: path), root.optional("evaluator") == nil,
      root.optional("template") != nil
    else { return }
    throw SpecificationError.wrongValue(
      at: file.sourcePlace, got: "a co-design study", expected: "a study of dovetail explore",
      hint: "add engine: codesign to the sweep, or name another study")
  }

  /// Whether a step's limits leave no design to evaluate.
  ///
  /// - Throws: `LogError`, `DesignSpaceError`.
  func isEmpty(_ index: Int) throws -> Bool {
    let known = try names.sorted(steps[index], at: file.path).known
    guard !known.isEmpty else { return false }
    var generator = Seed(0).child("empty").generator()
    do {
      let all = try names.sorted(study(ofStep: index, seed: 0).limits, at: file.path).known
      _ = try all.constraining(space).sampler.sample(using: &generator)
      return false
    } catch DesignSpaceError.noLegalDesign {
      return true
    }
  }

  /// The study of a step.
  func study(ofStep index: Int, seed: UInt64) -> StudyFile {
    var variant = study
    let moving = Set(steps[index].map(\.metric))
    variant.limits = study.limits.filter { !moving.contains($0.metric) } + steps[index]
    variant.budget = file.shares[index]
    variant.baseline = nil
    variant.seed = seed
    if let executor { variant.executor = executor }
    for earlier in 0..<index {
      let path = absolutePath(folder.step(earlier, seed: seed))
      // A step without any design has no folder.
      guard FileManager.default.fileExists(atPath: "\(path)/trials.sqlite") else { continue }
      variant.transfer.append(.init(path: path))
    }
    return variant
  }

  /// The study with its baseline, in a folder of its own; `nil` without one.
  func baseline() throws -> Exploration? {
    guard study.baseline != nil, try !isEmpty(steps.count - 1) else { return nil }
    var variant = study(ofStep: steps.count - 1, seed: file.seeds[0])
    variant.baseline = study.baseline
    variant.transfer = []
    variant.cache = []
    return try Exploration(variant, folder: folder.baseline, threadCount: threadCount)
  }

  /// The random search with the budget of all steps: over the designs of the loosest step, and judged by every step's limits.
  func randomSearch(seed: UInt64) throws -> Exploration {
    var variant = study(ofStep: steps.count - 1, seed: seed)
    variant.budget = file.shares.reduce(0, +)
    let isEmbedded = if case .template = study.evaluator { true } else { false }
    return try Exploration(
      variant.searchedAtRandom(isEmbedded: isEmbedded), folder: folder.randomSearch(seed: seed),
      threadCount: threadCount)
  }

  /// Opens the exploration of a step.
  func exploration(ofStep index: Int, seed: UInt64) throws -> Exploration {
    try Exploration(
      study(ofStep: index, seed: seed), folder: folder.step(index, seed: seed),
      threadCount: threadCount)
  }

  /// Runs every step, from where the logs end.
  ///
  /// Cancellation ends the sweep, and what was found until then is the result.
  /// - Throws: As `Exploration.run`.
  func run(progress: (Sweep.Progress) -> Void) async throws -> Sweep.Findings {
    var finished = 0
    var isInterrupted = false
    try await baseline()?.measureBaselineAlone(takesOver: takesOver, message: message)
    search: for seed in file.seeds {
      for index in steps.indices {
        if try isEmpty(index) {
          finished += 1
          continue
        }
        let exploration = try exploration(ofStep: index, seed: seed)
        func tell(_ state: Exploration.Progress) {
          let workload = state.workload.isEmpty ? "" : "\(state.workload): "
          progress(
            Sweep.Progress(
              finishedStepCount: finished, stepCount: steps.count * file.seeds.count,
              limits: steps[index],
              doing: "\(workload)\(state.evaluationCount) of \(state.budget) evaluations",
              best: state.best))
        }
        let result = try await exploration.run(
          isAnalyzed: false, takesOver: takesOver, progress: tell, message: message)
        if result.isInterrupted {
          isInterrupted = true
          break search
        }
        finished += 1
      }
      guard isCompared, try !isEmpty(steps.count - 1) else { continue }
      func tell(_ state: Exploration.Progress) {
        let workload = state.workload.isEmpty ? "" : "\(state.workload): "
        progress(
          Sweep.Progress(
            finishedStepCount: finished, stepCount: steps.count * file.seeds.count,
            limits: steps[steps.count - 1],
            doing:
              "\(workload)random search, \(state.evaluationCount) of \(state.budget) evaluations",
            best: state.best))
      }
      let random = try await randomSearch(seed: seed).run(
        isAnalyzed: false, takesOver: takesOver, progress: tell, message: message)
      if random.isInterrupted {
        isInterrupted = true
        break search
      }
    }
    return try await ExplorationSweepResult(of: self).findings(isInterrupted: isInterrupted)
  }
}
