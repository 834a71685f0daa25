import DesignSpace
import Distribution
import Evaluation
import Foundation
import Interchange
import Study
import Workload

/// The part of a study that says what a design is worth: problem, evaluator, workloads.
struct EvaluatedStudy: Sendable {
  let problem: Problem
  let known: KnownLimits
  let evaluator: any Evaluator
  let contexts: [Context]
  /// The design answers are compared with; it may lie beyond limits.
  let baseline: Point?
  /// Whether designs are evaluated by this program, in its own threads.
  let isEmbedded: Bool

  /// Reads what a study names.
  ///
  /// - Parameter concurrentCount: Programs of a command at a time.
  /// - Throws: `SpecificationError`, `LogError`, `NetworkFileError`.
  init(_ study: StudyFile, concurrentCount: Int) throws {
    switch study.evaluator {
    case .template(let path, let evaluations):
      let template = try ArchitectureTemplate(readingFile: study.resolved(path))
      let workloads = try Exploration.workloads(of: study)
      contexts = workloads.map {
        Context(id: $0.network.name, features: WorkloadFeatures.values(of: $0.network))
      }
      let power = TemplateEvaluator.power
      let measuresPower = (study.objectives.map(\.metric) + study.limits.map(\.metric))
        .contains(power.name)
      evaluator = TemplateEvaluator(
        template, workloads: workloads,
        evaluationLimit: evaluations ?? TemplateEvaluator.standardEvaluationLimit,
        measuresPower: measuresPower)
      isEmbedded = true
      baseline = try Exploration.baseline(study, in: template.space)
      (problem, known) = try Exploration.problem(
        study, name: template.spaceName, space: template.space,
        metrics: TemplateEvaluator.metrics + (measuresPower ? [power] : []))
    case .command(let words, let isPersistent, let seconds, let version):
      let file = try SpaceFile(readingFile: study.resolved(study.space ?? ""))
      let space = try file.resolve()
      baseline = try Exploration.baseline(study, in: space)
      (problem, known) = try Exploration.problem(
        study, name: file.name, space: space, metrics: study.metrics)
      var options = ProcessEvaluator.Options()
      options.isPersistent = isPersistent
      options.timeout = seconds
      options.concurrentCount = concurrentCount
      evaluator = ProcessEvaluator(words, for: problem, version: version, options: options)
      isEmbedded = false
      contexts = [.single]
    }
  }

  /// What a manifest says about a study: all that outcomes depend on, and nothing else, so that a larger budget or another
  /// designer find the same answers.
  ///
  /// - Throws: `DistributionError.unreadable`.
  static func subject(of study: StudyFile, problem: Problem) throws -> Manifest.Subject {
    var plain = study
    plain.description = nil
    (plain.budget, plain.batch, plain.parallel, plain.seed) = (1, 1, 1, 0)
    (plain.transfer, plain.cache, plain.expectedImprovement) = ([], [], nil)
    (plain.baseline, plain.prior, plain.executor) = (nil, nil, nil)
    var paths: [String]
    var folder = ""
    switch study.evaluator {
    case .template(let path, _): paths = [path] + study.workloads
    case .command:
      paths = [study.space ?? ""]
      // Words of a command may be paths from here.
      folder = FileManager.default.currentDirectoryPath
    }
    paths = paths.map { absolutePath(study.resolved($0)) }
    let text = Exploration.resolvedText(
      plain, folder: "/", problem: problem, choice: .random, reason: nil)
    return Manifest.Subject(
      kind: "evaluations", study: text, inputs: try paths.map { try .init(path: $0) },
      folder: folder, version: programVersion)
  }
}

/// The version of this program.
public let programVersion = "0.1.0"
