import BayesianOptimization
import DesignSpace
import Foundation
import Study
import Testing

@testable import Workflows

/// The embedded model as a prior of a simulator.
@Suite struct EmbeddedPriorTests {
  private static let workload =
    "name: w\nlayers: [{name: l, matrixProduct: {rows: 4, inner: 16, columns: 16}}]\n"

  /// A study of the 81 designs of `Configs/spaces/timeloop.yaml` with a shell script that counts cycles.
  private func makeFolder(
    space: String? = nil,
    prior: String = "{template: TEMPLATE, workload: w.yaml, mappingEvaluations: 5}",
    more: String = ""
  ) throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-prior-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    try write("w.yaml", Self.workload)
    try write(
      "simulator.sh",
      """
      while read -r line; do
        id=${line#*:}; id=${id%%,*}
        rows=${line#*\\"rows\\":}; rows=${rows%%,*}
        columns=${line#*\\"columns\\":}; columns=${columns%%,*}
        words=${line#*\\"buffer_words\\":}; words=${words%%,*}
        echo "{\\"id\\":$id,\\"metrics\\":{\\"latency_ms\\":$((100000 / (rows * columns) + 4000000 / words))}}"
      done
      """)
    let root = Configs.root.path
    try write(
      "space.yaml", space ?? String(contentsOfFile: "\(root)/spaces/timeloop.yaml", encoding: .utf8)
    )
    try write(
      "study.yaml",
      """
      name: prior
      space: space.yaml
      evaluator: {command: [sh, \(folder)/simulator.sh]}
      minimize: latency_ms
      budget: 14
      prior: \(prior.replacing("TEMPLATE", with: "\(root)/templates/timeloop.yaml"))
      \(more)
      """)
    return folder
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch { return "\(error)" }
  }

  @Test func aRunThatGoesOnEqualsOneThatWasNotInterrupted() async throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func run(_ path: String, _ name: String, budget: Int) async throws -> String {
      var file = try StudyFile(readingFile: path)
      file.budget = budget
      let exploration = try Exploration(file, folder: "\(folder)/\(name)")
      #expect(exploration.designer.choice == .bayesian)
      return try await exploration.run(isAnalyzed: false).findings.map { $0.json(of: exploration) }
        .joined()
    }
    let whole = try await run("\(folder)/study.yaml", "whole", budget: 14)
    _ = try await run("\(folder)/study.yaml", "parts", budget: 6)
    // The resolved study names the prior, too.
    let resolved = try await run("\(folder)/parts/resolved.yaml", "parts", budget: 14)
    #expect(resolved == whole)
    let journal = try String(contentsOfFile: "\(folder)/whole/dovetail.log", encoding: .utf8)
    #expect(journal.contains("prior: followed by "))
  }

  @Test func answersAreThoseOfTheTemplate() throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = try StudyFile(readingFile: "\(folder)/study.yaml")
    let exploration = try Exploration(file, folder: "\(folder)/run")
    let model = try #require(exploration.prior).model
    let template = try ArchitectureTemplate(
      readingFile: Configs.root.appendingPathComponent("templates/timeloop.yaml").path)
    let workload = try readWorkload(path: "\(folder)/w.yaml").workload
    let evaluator = TemplateEvaluator(template, workloads: [workload], evaluationLimit: 5)
    let points = try #require(template.space.legalPoints(atMost: 81)).prefix(9)
    let own = try points.map { try exploration.problem.space.point(template.space.values(of: $0)) }
    let answers = model.answers(own)
    for (point, answer) in zip(points, answers) {
      switch try evaluator.outcome(of: point, on: workload) {
      case .measured(let values): #expect(answer == .init(values: [values[0]]))
      default: #expect(!answer.isFeasible)
      }
    }
    #expect(model.answers(own) == answers)
  }

  @Test func whatDoesNotFitIsSaid() throws {
    let space = "name: s\nparameters:\n"
    let columns = "  - {name: columns, type: levels, values: [4, 8, 16]}\n"
    let words =
      "  - {name: buffer_words, type: levels, values: [4096]}\n"
      + "  - {name: register_words, type: levels, values: [16]}\n"
    let cases: [(space: String?, prior: String, more: String, message: String)] = [
      (
        space + "  - {name: row, type: levels, values: [4]}\n" + columns + words,
        "{template: TEMPLATE, workload: w.yaml}", "",
        "STUDY: prior.template: parameter \"rows\" of the template is none of the study's\n"
          + "hint: did you mean \"row\"? known: row, columns, buffer_words, register_words"
      ),
      (
        space + "  - {name: rows, type: levels, values: [4, 5]}\n" + columns + words,
        "{template: TEMPLATE, workload: w.yaml}", "",
        "STUDY: prior.template: parameter \"rows\": the study has the value 5, the template expects one of 4, 8, 16"
      ),
      (
        nil, "{template: TEMPLATE, workload: w.yaml, metrics: {cycles: latency_ms}}", "",
        "STUDY: prior.metrics: unknown metric \"cycles\"\nhint: known: latency_ms"
      ),
      (
        nil, "{template: TEMPLATE, workload: w.yaml, metrics: {latency_ms: latency}}", "",
        "STUDY: prior.metrics.latency_ms: the template does not tell \"latency\"\n"
          + "hint: did you mean \"latency_ms\"? known: latency_ms, energy_mj, area_mm2, power_mw"
      ),
      (
        nil, "{template: TEMPLATE, workload: w.yaml}", "designer: evolution",
        "STUDY: prior: got the designer evolution, expected bayesian or auto\n"
          + "hint: other designers have no use for a prior"
      ),
      (
        nil, "{template: TEMPLATE}", "",
        "STUDY:6: prior: key \"workload\" is absent, expected a workload file"
      ),
      (
        nil, "{template: TEMPLATE, workload: w.yaml, mappingEvaluations: 0}", "",
        "STUDY:6: prior.mappingEvaluations: got 0, expected a whole number in 1...10000000"
      ),
    ]
    for (place, wrong) in cases.enumerated() {
      let folder = try makeFolder(space: wrong.space, prior: wrong.prior, more: wrong.more)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let got = message {
        let file = try StudyFile(readingFile: "\(folder)/study.yaml")
        _ = try Exploration(file, folder: "\(folder)/run")
      }
      #expect(
        got.replacing("\(folder)/study.yaml", with: "STUDY") == wrong.message, "case \(place)")
    }
    let text = """
      name: s
      evaluator: {template: t.yaml}
      workloads: [w.yaml]
      minimize: latency_ms
      budget: 3
      prior: {template: t.yaml, workload: w.yaml}
      """
    #expect(
      message { _ = try StudyFile(parsing: Data(text.utf8), named: "s.yaml") }
        == "s.yaml:6: prior: got a prior, expected none: the evaluator is the embedded model itself"
    )
  }

  @Test func aPriorWithoutTheObjectiveIsRefused() throws {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/study.yaml"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try Data(text.replacing("minimize: latency_ms", with: "minimize: cycles").utf8)
      .write(to: URL(fileURLWithPath: path))
    let got = message {
      _ = try Exploration(StudyFile(readingFile: path), folder: "\(folder)/run")
    }
    #expect(
      got == """
        \(path): prior: the template tells nothing of the objective "cycles"
        hint: name what stands for it: metrics: {cycles: latency_ms}; known: latency_ms, energy_mj, area_mm2, power_mw
        """)
  }
}
