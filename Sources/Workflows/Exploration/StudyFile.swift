public import DesignSpace
public import Distribution
public import Foundation
public import Interchange
public import Study

/// A study file as it was written: what is searched, with which evaluator, for what, under which limits.
///
/// Every property below is the key of the same name; other keys are errors. Paths are relative to the study file.
public struct StudyFile: Sendable {
  /// Who evaluates designs.
  public enum EvaluatorEntry: Hashable, Sendable {
    /// The embedded cost model over an architecture template, with mapping search.
    case template(path: String, mappingEvaluations: Int?)
    /// A program that reads and writes JSON lines.
    case command(words: [String], isPersistent: Bool, timeoutSeconds: Double, version: String)
  }

  /// Earlier trials: of a log, or of a run folder.
  public struct EarlierTrials: Hashable, Sendable {
    /// The log or run folder.
    public var path: String
    /// Takes the trials of this workload for those of the study's, whatever theirs is called; `nil` takes equal names.
    public var workload: String?

    /// Names a log or run folder.
    public init(path: String, workload: String? = nil) {
      self.path = path
      self.workload = workload
    }
  }

  /// Name of the study and of its runs.
  ///
  /// Required. Example: `edge-mobilenet`.
  public var name: String
  /// One line about the study.
  ///
  /// Optional.
  public var description: String?
  /// Space file; a template brings its own.
  ///
  /// Required with a command, refused with a template.
  public var space: String?
  /// Who evaluates: `template: FILE` (with `mappingEvaluations: 500`) or `command: [program, arguments]` (with
  /// `persistent: true`, `timeoutSeconds: 600`, `version: ""`).
  ///
  /// Required.
  public var evaluator: EvaluatorEntry
  /// Workload files, YAML or ONNX; each is a search of its own.
  ///
  /// Required with a template, refused with a command.
  public var workloads: [String]
  /// What is measured: names, with a unit in brackets, such as `latency [ms]`.
  ///
  /// Default: the metrics of a template (`power_mw` where an objective or limit names it); those of objectives and limits with a
  /// command.
  public var metrics: [Metric]
  /// What is to be made small or large, the first one steers: `minimize: latency_ms`.
  ///
  /// Required.
  public var objectives: [Objective]
  /// What feasible designs respect, such as `area_mm2 <= 27`.
  ///
  /// A name that is no metric may be a parameter, or an expression over parameters such as `pe_x * pe_y`: such a limit is exact,
  /// and no design beyond it is evaluated. Default: none.
  public var limits: [MetricLimit]
  /// Who proposes designs; `auto` chooses by space and budget.
  ///
  /// Default: `auto`.
  public var designer: String
  /// Evaluations at most, infeasible and failed ones included, 1 to 1,000,000.
  ///
  /// Required.
  public var budget: Int
  /// Designs proposed at a time, 1 to 1000.
  ///
  /// Default: 1.
  public var batch: Int
  /// Designs that may be outstanding, 1 to 1000; at least the batch.
  ///
  /// Design *i* is proposed when exactly the results of the designs below *i + batch - parallel* are known, so that results do
  /// not depend on threads or on which evaluation ends first.
  ///
  /// Default: 1.
  public var parallel: Int
  /// Logs or run folders whose trials the designer is told first, judged by the limits of this study.
  ///
  /// Default: none. Example: `[../../runs/last-month, {log: old.sqlite, workload: resnet18}]`.
  public var transfer: [EarlierTrials]
  /// Logs or run folders that answer for designs they have, if evaluator, version and workload are the same.
  ///
  /// Default: none.
  public var cache: [EarlierTrials]
  /// A design that answers are compared with, such as today's machine.
  ///
  /// A mapping of parameters to values; it may lie beyond limits. Default: none. Example: `{array: 16, dataflow: both}`.
  public var baseline: [String: ParameterValue]?
  /// Ends the search when the expected improvement of the most promising design, as a share of the best objective, stays
  /// below this for three checks in a row: `stop: {expectedImprovement: 1e-3}`, 1e-12 to 1.
  ///
  /// Default: never.
  public var expectedImprovement: Double?
  /// The embedded model as a prior of the command's results: `template` and `workload` (files), `mappingEvaluations` (100, 1 to
  /// 10,000,000) and `metrics` (`{cycles: latency_ms}`: which metric of the template stands for which of the study; equal names
  /// need not be said).
  ///
  /// Every parameter of the template has to be one of the space. Evaluations of the prior are free; how far the search follows it is
  /// learned. Needs the designer `bayesian`. Default: none.
  public var prior: EmbeddedPrior.Entry?
  /// Seed of all draws.
  ///
  /// Default: 0.
  public var seed: UInt64
  /// Who runs evaluations: `{kind: slurm, partition: long, time: "01:00:00", memory: 2G}`; no matter for the result.
  ///
  /// Default: this process.
  public var executor: ExecutorSettings?

  /// The file, for paths and messages.
  public let path: String

  private static let keys = [
    "name", "description", "space", "evaluator", "workloads", "metrics", "minimize", "maximize",
    "limits", "designer", "budget", "batch", "parallel", "transfer", "cache", "baseline", "stop",
    "prior", "seed", "executor",
  ]

  /// Reads a study file from disk.
  ///
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(readingFile path: String) throws(SpecificationError) {
    try self.init(SpecificationNode(readingFile: path), path: path)
  }

  /// Reads the bytes of a study file.
  public init(parsing bytes: Data, named name: String) throws(SpecificationError) {
    try self.init(SpecificationNode(parsing: bytes, file: name), path: name)
  }

  init(_ root: SpecificationNode, path: String) throws(SpecificationError) {
    try StudyKind.exploration.check(root)
    try root.checkKeys(Self.keys)
    self.path = path
    name = try root.required("name", expected: "a name").text(expected: "a name")
    description = try root.optional("description")?.text()
    space = try root.optional("space")?.text(expected: "a space file")
    evaluator = try Self.evaluator(root.required("evaluator", expected: "template or command"))
    workloads = try root.optional("workloads")?.names(expected: "a list of workload files") ?? []
    designer = try root.optional("designer")?.text() ?? "auto"
    budget = try root.required("budget", expected: "a number of evaluations")
      .integer(in: 1...1_000_000)
    batch = try root.optional("batch")?.integer(in: 1...1000) ?? 1
    parallel = try root.optional("parallel")?.integer(in: 1...1000) ?? 1
    transfer = try Self.earlier(root, "transfer")
    cache = try Self.earlier(root, "cache")
    baseline = try root.optional("baseline")?.parameterValues()
    if let stop = root.optional("stop") {
      try stop.checkKeys(["expectedImprovement"])
      expectedImprovement = try stop.required(
        "expectedImprovement", expected: "a share, such as 1e-3"
      )
      .number(in: 1e-12...1)
    }
    prior = try root.optional("prior").map(Self.prior)
    seed = UInt64(try root.optional("seed")?.integer(in: 0...Int.max) ?? 0)
    if let node = root.optional("executor") { executor = try ExecutorSettings(node) }
    objectives = []
    for (key, goal) in [("minimize", Objective.Goal.minimize), ("maximize", .maximize)] {
      guard let node = root.optional(key) else { continue }
      for metric in try Self.oneOrMore(node) { objectives.append(Objective(goal, metric)) }
    }
    guard !objectives.isEmpty else {
      throw .wrongValue(
        at: root.place, got: "neither minimize nor maximize", expected: "an objective",
        hint: "add minimize: METRIC")
    }
    limits = []
    for node in try root.optional("limits")?.items(expected: "a list such as [area_mm2 <= 27]")
      ?? []
    {
      let text = try node.text(expected: "a limit such as area_mm2 <= 27")
      guard let limit = try? MetricLimit(parsing: text) else {
        throw node.wrong(expected: "a limit such as area_mm2 <= 27")
      }
      limits.append(limit)
    }
    metrics = try root.optional("metrics").map(Self.metrics) ?? []
    try checkParts(root)
  }

  private func checkParts(_ root: SpecificationNode) throws(SpecificationError) {
    switch evaluator {
    case .template:
      if let node = root.optional("space") {
        throw node.wrong(expected: "no space: the template brings its own")
      }
      if let node = root.optional("prior") {
        throw .wrongValue(
          at: node.place, got: "a prior",
          expected: "none: the evaluator is the embedded model itself")
      }
      guard !workloads.isEmpty else {
        throw .wrongValue(
          at: root.place, got: "no workloads", expected: "workload files for the template",
          hint: "add workloads: [../workloads/mobilenet-v2.yaml]")
      }
    case .command:
      guard space != nil else {
        throw .wrongValue(
          at: root.place, got: "no space", expected: "the space of the command's designs",
          hint: "add space: FILE")
      }
      if let node = root.optional("workloads") {
        throw node.wrong(expected: "no workloads: the command knows its own")
      }
    }
  }

  private static func oneOrMore(_ node: SpecificationNode) throws(SpecificationError) -> [String] {
    if case .scalar = node.tree { return [try node.text(expected: "a metric")] }
    return try node.names(expected: "a metric, or a list of metrics")
  }

  private static func earlier(_ root: SpecificationNode, _ key: String) throws(SpecificationError)
    -> [EarlierTrials]
  {
    let expected = "a list of logs or run folders"
    var result: [EarlierTrials] = []
    for node in try root.optional(key)?.items(expected: expected) ?? [] {
      if case .scalar = node.tree {
        result.append(EarlierTrials(path: try node.text(expected: "a log or run folder")))
        continue
      }
      try node.checkKeys(["log", "workload"])
      result.append(
        EarlierTrials(
          path: try node.required("log", expected: "a log or run folder")
            .text(expected: "a log or run folder"),
          workload: try node.optional("workload")?.text(expected: "the name of a workload")))
    }
    return result
  }

  private static func prior(_ node: SpecificationNode) throws(SpecificationError)
    -> EmbeddedPrior.Entry
  {
    try node.checkKeys(["template", "workload", "mappingEvaluations", "metrics"])
    var metrics: [String: String] = [:]
    for (name, value) in try node.optional("metrics")?.pairs(expected: "names of metrics") ?? [] {
      metrics[name] = try value.text(expected: "a metric of the template")
    }
    return EmbeddedPrior.Entry(
      template: try node.required("template", expected: "a template file")
        .text(expected: "a template file"),
      workload: try node.required("workload", expected: "a workload file")
        .text(expected: "a workload file"),
      mappingEvaluations: try node.optional("mappingEvaluations")?.integer(in: 1...10_000_000)
        ?? EmbeddedPrior.standardEvaluationLimit, metrics: metrics)
  }

  private static func metrics(_ node: SpecificationNode) throws(SpecificationError) -> [Metric] {
    try node.names(expected: "a list of metrics").map { text in
      let column = TableColumn(title: text)
      return Metric(column.name, unit: column.unit ?? "")
    }
  }

  private static func evaluator(_ node: SpecificationNode) throws(SpecificationError)
    -> EvaluatorEntry
  {
    if let template = node.optional("template") {
      try node.checkKeys(["template", "mappingEvaluations"])
      return .template(
        path: try template.text(expected: "a template file"),
        mappingEvaluations: try node.optional("mappingEvaluations")?.integer(in: 1...10_000_000))
    }
    try node.checkKeys(["template", "command", "persistent", "timeoutSeconds", "version"])
    let command = try node.required("command", expected: "a template or a command")
    let words = try oneOrMore(command)
    guard let first = words.first, !first.isEmpty else {
      throw command.wrong(expected: "a program and its arguments")
    }
    let isPersistent = try node.optional("persistent")?.text() ?? "true"
    guard ["true", "false"].contains(isPersistent) else {
      throw try node.required("persistent", expected: "true or false")
        .wrong(expected: "true or false")
    }
    return .command(
      words: words, isPersistent: isPersistent == "true",
      timeoutSeconds: try node.optional("timeoutSeconds")?.number(in: 1e-3...1e7) ?? 600,
      version: try node.optional("version")?.text() ?? "")
  }

  /// A path of the study file as the program opens it.
  func resolved(_ other: String) -> String {
    guard !other.hasPrefix("/") else { return other }
    let folder = (path as NSString).deletingLastPathComponent
    return folder.isEmpty ? other : "\(folder)/\(other)"
  }
}
