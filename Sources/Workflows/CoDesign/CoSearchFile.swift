public import CoDesign
public import DesignSpace
public import Distribution
public import Foundation
public import Interchange
public import Study

/// A co-design study as it was written: which hardware, which networks, how they are searched and with what budget.
///
/// Every property below is the key of the same name; other keys are errors. Paths are relative to the study file.
public struct CoSearchFile: Sendable {
  /// Which factors mappings may have.
  public enum Factors: String, CaseIterable, Sendable {
    /// Those that divide bounds.
    case perfect
    /// Any: the last iterations may end early.
    case imperfect
  }

  /// How hardware and mappings are searched.
  public enum Method: String, CaseIterable, Sendable {
    /// Constrained Bayesian optimization at both levels: the published method.
    case nested
    /// The heuristic mapper under a Bayesian designer: ours, for the embedded model.
    ///
    /// Half of the mapping budget tells machines apart, half maps the best five again.
    case mapper
    /// Random legal designs and random legal mappings.
    case random
    /// Bayesian optimization without handling of constraints: what cannot run is learned as the worst.
    case unconstrained
    /// Bayesian optimization of relaxed parameters, rounded to whole ones.
    case relaxRound = "relax-round"
    /// Boosted trees at both levels, in the manner of TVM.
    case boostedTrees = "boosted-trees"
    /// Evolution at both levels.
    case evolution
  }

  /// What a network's energy-delay product is.
  public enum Definition: String, CaseIterable, Sendable {
    /// (Sum of energy) x (sum of latency).
    case network
    /// The sum of the layers' energy-delay products.
    case layers
  }

  /// What several networks come to.
  public enum Across: String, CaseIterable, Sendable {
    /// Their geometric mean.
    case geometricMean
    /// The weighted sum of their shares of the baseline's.
    case weightedSum
    /// The largest share of the baseline's.
    case worst
  }

  /// Name of the study and of its runs.
  ///
  /// Required.
  public var name: String
  /// One line about the study.
  ///
  /// Optional.
  public var description: String?
  /// Architecture template, which brings its space.
  ///
  /// Required.
  public var template: String
  /// Workload files, searched together.
  ///
  /// Required.
  public var workloads: [String]
  /// How hardware and mappings are searched.
  ///
  /// Default: `nested`.
  public var method: Method
  /// `network` or `layers`.
  ///
  /// Default: `network`.
  public var edp: Definition
  /// `geometricMean`, `weightedSum` or `worst`; the last two need a baseline.
  ///
  /// Default: `geometricMean`.
  public var across: Across
  /// One positive number a workload, for `weightedSum`.
  ///
  /// Default: 1 each.
  public var weights: [Double]
  /// `hardware` machines, each with `software` mappings a layer; `hardwareWarmUp` and `softwareWarmUp` random ones among them.
  ///
  /// `hardware` and `software` required; warm-ups 5 and 30.
  public var budget: (hardware: Int, software: Int, hardwareWarmUp: Int, softwareWarmUp: Int)
  /// Limits on what machines have, known without a mapping: `area_mm2`, `pes`, `on_chip_kib`, `local_kib` (memories of single
  /// PEs), `global_kib` (shared ones).
  ///
  /// Default: none.
  public var resources: [(resource: CoSearchResource, limit: Double)]
  /// Limits on parameters and expressions over them, such as `pe_mesh_x * pe_mesh_y <= 100`, under `resources`, too.
  ///
  /// Default: none.
  public var limits: [MetricLimit]
  /// The design that is to be beaten: values of all parameters.
  ///
  /// Default: none.
  public var baseline: [String: ParameterValue]?
  /// Rules the baseline is mapped under once more, such as row-stationary ones.
  ///
  /// Default: none.
  public var baselineConstraints: String?
  /// `utilization` (published) or `traffic`, what models of mappings see.
  ///
  /// Default: `utilization`.
  public var features: MappingFeatures.Kind
  /// `linear` or `forest`, the model of `nested`.
  ///
  /// Default: `linear`.
  public var surrogate: SoftwareSearch.Surrogate
  /// What is looked for: a lower confidence bound with this weight, or `expectedImprovement`.
  ///
  /// Default: 1.
  public var acquisition: Acquisition
  /// `perfect`: factors divide bounds; `imperfect`, with method `mapper`: half of the mappings are of layers whose bounds are
  /// rounded up, and whose last iterations end early.
  ///
  /// Default: `perfect`.
  public var factors: Factors
  /// Another evaluator than the embedded model: `command: [program, arguments]`, `timeoutSeconds: 60`, and `persistent:
  /// true` for a program that answers many records.
  ///
  /// It reads records of the batch format and answers as `dovetail evaluate --batch -` does. Default: the embedded model.
  public var evaluator: (command: [String], isPersistent: Bool, timeoutSeconds: Double)?
  /// Seed of all draws.
  ///
  /// Default: 0.
  public var seed: UInt64
  /// Who searches layers: `{kind: slurm, partition: long}`; no matter for the result.
  ///
  /// Default: this process.
  public var executor: ExecutorSettings?

  /// The file, for paths and messages.
  public let path: String
  /// Where each of `limits` stands.
  var limitPlaces: [SpecificationPlace]

  static let keys = [
    "name", "description", "template", "workloads", "method", "edp", "across", "weights", "budget",
    "resources", "baseline", "baselineConstraints", "features", "surrogate", "acquisition",
    "factors", "evaluator", "seed", "executor",
  ]

  /// Reads a study file from disk.
  ///
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(readingFile path: String) throws(SpecificationError) {
    try self.init(SpecificationNode(readingFile: path), path: path)
  }

  /// Reads the bytes of a study file.
  ///
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(parsing bytes: Data, named name: String) throws(SpecificationError) {
    try self.init(SpecificationNode(parsing: bytes, file: name), path: name)
  }

  init(_ root: SpecificationNode, path: String) throws(SpecificationError) {
    try StudyKind.coDesign.check(root)
    try root.checkKeys(Self.keys)
    self.path = path
    name = try root.required("name", expected: "a name").text(expected: "a name")
    description = try root.optional("description")?.text()
    template = try root.required("template", expected: "an architecture template")
      .text(expected: "an architecture template")
    let list = try root.required("workloads", expected: "a list of workload files")
    workloads = try list.names(expected: "a list of workload files")
    guard !workloads.isEmpty else { throw list.wrong(expected: "at least one workload file") }
    method = try root.optional("method")?.choice("method", of: Method.self) ?? .nested
    edp = try root.optional("edp")?.choice("definition", of: Definition.self) ?? .network
    across = try root.optional("across")?.choice("objective", of: Across.self) ?? .geometricMean
    weights = Array(repeating: 1, count: workloads.count)
    if let node = root.optional("weights") {
      let items = try node.items(expected: "a list of numbers")
      guard items.count == workloads.count else {
        throw .wrongValue(
          at: node.place, got: "\(items.count) weights",
          expected: "\(workloads.count), one a workload")
      }
      for (index, item) in items.enumerated() {
        weights[index] = try item.positiveNumber(upTo: 1e9, "weight")
      }
    }
    budget = try Self.budget(root.required("budget", expected: "{hardware: 50, software: 250}"))
    (resources, limits, limitPlaces) = try Self.resources(root)
    baseline = try root.optional("baseline")?.parameterValues()
    baselineConstraints = try root.optional("baselineConstraints")?.text(
      expected: "a constraints file")
    if across != .geometricMean, workloads.count > 1, baseline == nil {
      throw .wrongValue(
        at: root.nearestPlace(toField: "across"), got: "\(across.rawValue) without a baseline",
        expected: "a baseline, of which the networks' products are shares",
        hint: "add baseline: {PARAMETER: VALUE, ...}, or across: geometricMean")
    }
    features =
      try root.optional("features")?.choice("features", of: MappingFeatures.Kind.self)
      ?? .utilization
    surrogate =
      try root.optional("surrogate")?.choice("surrogate", of: SoftwareSearch.Surrogate.self)
      ?? .linear
    acquisition = .lowerConfidenceBound(weight: 1)
    if let node = root.optional("acquisition") {
      if try node.text() == "expectedImprovement" {
        acquisition = .expectedImprovement
      } else {
        acquisition = .lowerConfidenceBound(
          weight: try node.number(in: 0...100, "deviations, or expectedImprovement"))
      }
    }
    factors = try root.optional("factors")?.choice("factors", of: Factors.self) ?? .perfect
    if let node = root.optional("factors"), factors == .imperfect, method != .mapper {
      throw node.wrong(
        expected: "perfect with method \(method.rawValue)",
        hint:
          "the published searches split bounds into whole factors; method: mapper takes imperfect ones, too"
      )
    }
    evaluator = try Self.evaluator(root)
    if let node = root.optional("evaluator"), method == .mapper {
      throw .wrongValue(
        at: node.place, got: "an evaluator with method mapper",
        expected: "another method: the mapper asks the embedded model thousands of times",
        hint: "method: nested is made for evaluators that take seconds")
    }
    seed = UInt64(try root.optional("seed")?.integer(in: 0...Int.max) ?? 0)
    if let node = root.optional("executor") { executor = try ExecutorSettings(node) }
  }

  private static func budget(_ node: SpecificationNode) throws(SpecificationError) -> (
    hardware: Int, software: Int, hardwareWarmUp: Int, softwareWarmUp: Int
  ) {
    try node.checkKeys(["hardware", "software", "hardwareWarmUp", "softwareWarmUp"])
    let machines = try node.required("hardware", expected: "a number of machines")
    let hardware = try machines.integer(in: 1...100_000, "machines")
    let mappings = try node.required("software", expected: "a number of mappings a layer")
    let software = try mappings.integer(in: 1...10_000_000, "mappings a layer")
    let warm = try node.optional("hardwareWarmUp")?.integer(in: 2...100_000, "machines") ?? 5
    let soft =
      try node.optional("softwareWarmUp")?.integer(in: 2...10_000_000, "mappings a layer") ?? 30
    for (place, what, count, first, warmUp) in [
      (machines.place, "hardware", hardware, warm, "hardwareWarmUp"),
      (mappings.place, "software", software, soft, "softwareWarmUp"),
    ] where count < first {
      throw .wrongValue(
        at: place, got: "\(count)", expected: "at least the warm-up of \(first)",
        hint: "raise \(what), or lower \(warmUp) to at most \(max(2, count))")
    }
    return (hardware, software, warm, soft)
  }

  private static func resources(_ root: SpecificationNode) throws(SpecificationError) -> (
    [(resource: CoSearchResource, limit: Double)], [MetricLimit], [SpecificationPlace]
  ) {
    var resources: [(resource: CoSearchResource, limit: Double)] = []
    var limits: [MetricLimit] = []
    var places: [SpecificationPlace] = []
    for node in try root.optional("resources")?.items(expected: "a list such as [pes <= 168]") ?? []
    {
      let text = try node.text(expected: "a limit such as pes <= 168")
      guard let limit = try? MetricLimit(parsing: text) else {
        throw node.wrong(expected: "a limit such as pes <= 168")
      }
      if let resource = CoSearchResource(rawValue: limit.metric) {
        guard limit.side == .atMost, limit.bound > 0 else {
          throw node.wrong(expected: "a limit such as pes <= 168")
        }
        resources.append((resource, limit.bound))
      } else {
        limits.append(limit)
        places.append(node.place)
      }
    }
    return (resources, limits, places)
  }

  private static func evaluator(_ root: SpecificationNode) throws(SpecificationError) -> (
    command: [String], isPersistent: Bool, timeoutSeconds: Double
  )? {
    guard let node = root.optional("evaluator") else { return nil }
    try node.checkKeys(["command", "persistent", "timeoutSeconds"])
    let words = try node.required("command", expected: "a program and its arguments")
    let command = try words.names(expected: "a program and its arguments")
    guard let first = command.first, !first.isEmpty else {
      throw words.wrong(expected: "a program and its arguments")
    }
    let isPersistent = try node.optional("persistent")?.text() ?? "false"
    guard ["true", "false"].contains(isPersistent) else {
      throw try node.required("persistent", expected: "true or false")
        .wrong(expected: "true or false")
    }
    return (
      command, isPersistent == "true",
      try node.optional("timeoutSeconds")?.number(in: 1e-3...1e6, "s") ?? 60
    )
  }

  /// A path of the study file as the program opens it.
  func resolved(_ other: String) -> String {
    guard !other.hasPrefix("/") else { return other }
    let folder = (path as NSString).deletingLastPathComponent
    return folder.isEmpty ? other : "\(folder)/\(other)"
  }
}
