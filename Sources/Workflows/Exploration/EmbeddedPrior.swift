public import BayesianOptimization
import DesignSpace
import Dispatch
import Execution
import Foundation
import MappingSearch
public import Study
import Synchronization

/// The embedded cost model as a prior of a study whose evaluator is somebody else's simulator.
///
/// Every parameter of a template has to be one of the study's, with values that the template has, too; parameters that only the study
/// has are no matter to the template. Its metrics stand for those of the study by name. Answers are remembered.
public struct EmbeddedPrior: Sendable {
  /// Evaluations of the cost model a layer unless told otherwise: a prior has to be quick rather than exact.
  public static let standardEvaluationLimit = 100

  /// What the study writes about it.
  public struct Entry: Hashable, Sendable {
    /// Template file, relative to the study file.
    public var template: String
    /// Workload file, relative to the study file.
    public var workload: String
    /// Mappings of a layer that are tried.
    public var mappingEvaluations: Int
    /// Metrics of the study and those of the template that stand for them, beside those of equal names.
    public var metrics: [String: String]

    /// Creates an entry.
    public init(
      template: String, workload: String,
      mappingEvaluations: Int = EmbeddedPrior.standardEvaluationLimit,
      metrics: [String: String] = [:]
    ) {
      self.template = template
      self.workload = workload
      self.mappingEvaluations = mappingEvaluations
      self.metrics = metrics
    }
  }

  /// What a designer asks.
  public let model: CheapModel

  /// Reads template and workload, and checks that they answer for the designs of a problem.
  ///
  /// - Parameters:
  ///   - entry: What the study writes, paths as the program opens them.
  ///   - problem: The study's.
  ///   - place: Begins messages, such as `study.yaml: prior`.
  /// - Throws: `SpecificationError` for the files; `LogError.conflict` for parameters that do not fit, and when no metric does.
  public init(_ entry: Entry, for problem: Problem, at place: String) throws {
    let template = try ArchitectureTemplate(readingFile: entry.template)
    let workload = try readWorkload(path: entry.workload).workload
    let evaluator = TemplateEvaluator(
      template, workloads: [workload], evaluationLimit: entry.mappingEvaluations,
      measuresPower: true)
    let known = (TemplateEvaluator.metrics + [TemplateEvaluator.power]).map(\.name)
    let columns = try Self.columns(entry, problem, known, place)
    try Self.check(template.space, within: problem.space, place)
    let memory = Memory()
    let space = problem.space
    model = CheapModel { points in
      memory.answers(points) { point in
        var values: [String: ParameterValue] = [:]
        for (parameter, value) in zip(space.parameters, space.values(of: point))
        where template.space.index(of: parameter.name) != nil {
          values[parameter.name] = value
        }
        guard let own = try? template.space.point(values), template.space.isLegal(own) else {
          return CheapModel.Answer(values: columns.map { _ in nil }, isFeasible: false)
        }
        // Canceled: the search ends, whatever is said here.
        guard let outcome = try? evaluator.outcome(of: own, on: workload) else { return nil }
        switch outcome {
        case .measured(let values):
          return CheapModel.Answer(values: columns.map { $0.map { values[$0] } })
        case .infeasible(let infeasibility):
          let values = infeasibility.values
          return CheapModel.Answer(
            values: columns.map { $0.flatMap { $0 < values.count ? values[$0] : nil } },
            isFeasible: false)
        case .failed:
          return CheapModel.Answer(values: columns.map { _ in nil }, isFeasible: false)
        }
      }
    }
  }

  /// For every metric of the problem, which one of the template stands for it.
  private static func columns(
    _ entry: Entry, _ problem: Problem, _ known: [String], _ place: String
  ) throws -> [Int?] {
    for (name, own) in entry.metrics.sorted(by: { $0.key < $1.key }) {
      guard problem.index(ofMetric: name) != nil else {
        throw LogError.conflict(
          "\(place).metrics: unknown metric \"\(name)\"",
          hint: suggestion(for: name, among: problem.metrics.map(\.name)))
      }
      guard known.contains(own) else {
        throw LogError.conflict(
          "\(place).metrics.\(name): the template does not tell \"\(own)\"",
          hint: suggestion(for: own, among: known))
      }
    }
    let columns = problem.metrics.map { metric in
      known.firstIndex(of: entry.metrics[metric.name] ?? metric.name)
    }
    let objective = problem.objectives[0].metric
    guard let index = problem.index(ofMetric: objective), columns[index] != nil else {
      throw LogError.conflict(
        "\(place): the template tells nothing of the objective \"\(objective)\"",
        hint: "name what stands for it: metrics: {\(objective): \(known[0])}; "
          + "known: \(known.joined(separator: ", "))")
    }
    return columns
  }

  /// Parameters of the template that the study has in the same terms.
  private static func check(_ own: SearchSpace, within study: SearchSpace, _ place: String) throws {
    for parameter in own.parameters {
      guard let index = study.index(of: parameter.name) else {
        guard parameter.valueCount == 1 else {
          throw LogError.conflict(
            "\(place).template: parameter \"\(parameter.name)\" of the template is none of the study's",
            hint: suggestion(for: parameter.name, among: study.parameters.map(\.name)))
        }
        continue
      }
      let other = study.parameters[index]
      let values: [ParameterValue]
      if let count = other.valueCount, count <= 10_000 {
        values = (0..<count).map { other.value(at: Double($0)) }
      } else {
        values = [0, 0.5, 1].map {
          other.value(at: study.coordinate(atPosition: $0, parameter: index))
        }
      }
      for value in values where parameter.coordinate(of: value) == nil {
        throw LogError.conflict(
          "\(place).template: parameter \"\(parameter.name)\": the study has the value \(text(value)), "
            + "the template expects \(parameter.expectation)", hint: nil)
      }
    }
  }

  private static func text(_ value: ParameterValue) -> String {
    switch value {
    case .number(let number): Int(exactly: number).map(String.init) ?? number.description
    case .text(let text): "\"\(text)\""
    case .truth(let truth): truth ? "true" : "false"
    }
  }
}

/// Answers by design; missing ones are found out on all cores, in no matter which order.
private final class Memory: Sendable {
  private let known = Mutex<[Point: CheapModel.Answer]>([:])

  func answers(
    _ points: [Point], otherwise find: @Sendable @escaping (Point) -> CheapModel.Answer?
  ) -> [CheapModel.Answer] {
    let missing = known.withLock { known in
      var seen: Set<Point> = []
      return points.filter { known[$0] == nil && seen.insert($0).inserted }
    }
    if missing.count == 1 {
      remember(missing[0], find(missing[0]))
    } else if !missing.isEmpty {
      DispatchQueue.concurrentPerform(iterations: missing.count) { index in
        remember(missing[index], find(missing[index]))
      }
    }
    return known.withLock { known in
      points.map { known[$0] ?? CheapModel.Answer(values: []) }
    }
  }

  private func remember(_ point: Point, _ answer: CheapModel.Answer?) {
    guard let answer else { return }
    known.withLock { $0[point] = answer }
  }
}
