public import Foundation
public import Interchange
public import Study

/// A sweep file as it was written: a study, the limits that move, the budget of all steps together.
///
/// Every property below is the key of the same name; other keys are errors. Paths are relative to the sweep file.
public struct SweepFile: Sendable {
  /// A limit that moves.
  public struct Axis: Hashable, Sendable {
    /// The metric.
    public var limit: String
    /// The side that is feasible.
    public var side: MetricLimit.Side
    /// The bounds, tightest first.
    public var values: [Double]
  }

  /// Name of the sweep and of its runs.
  ///
  /// Required.
  public var name: String
  /// One line about the sweep.
  ///
  /// Optional.
  public var description: String?
  /// The study file that every step is a variant of; its limits on other metrics hold in every step.
  ///
  /// Required.
  public var study: String
  /// One or two limits that move: `{limit: area_mm2, values: [1, 2, 4]}` or `{limit: area_mm2, from: 1, to: 16, count: 5,
  /// spacing: log}`; `side: ">="` for a bound from below.
  ///
  /// Required. Values 2 to 64 an axis, steps 256 at most.
  public var sweep: [Axis]
  /// Evaluations of all steps together, for each seed and workload.
  ///
  /// Required. At least one a step.
  public var budget: Int
  /// Seeds; the whole sweep is repeated for each.
  ///
  /// Default: `[1]`.
  public var seeds: [UInt64]

  /// The file, for paths and messages.
  public let path: String

  /// Reads a sweep file from disk.
  ///
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(readingFile path: String) throws(SpecificationError) {
    try self.init(SpecificationNode(readingFile: path), path: path)
  }

  /// Reads the bytes of a sweep file.
  ///
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(parsing bytes: Data, named name: String) throws(SpecificationError) {
    try self.init(SpecificationNode(parsing: bytes, file: name), path: name)
  }

  private init(_ root: SpecificationNode, path: String) throws(SpecificationError) {
    try StudyKind.sweep.check(root)
    try root.checkKeys(["name", "description", "study", "sweep", "budget", "seeds"])
    self.path = path
    name = try root.required("name", expected: "a name").text(expected: "a name")
    description = try root.optional("description")?.text()
    study = try root.required("study", expected: "a study file").text(expected: "a study file")
    let list = try root.required("sweep", expected: "a list of limits that move")
    var axes: [Axis] = []
    for node in try list.items(expected: "a list of limits that move") {
      let axis = try Self.axis(node)
      if axes.contains(where: { $0.limit == axis.limit }) {
        throw node.wrong(expected: "another metric than \(axis.limit), which moves already")
      }
      axes.append(axis)
    }
    guard (1...2).contains(axes.count) else {
      throw list.wrong(expected: "one or two limits that move")
    }
    sweep = axes
    let stepCount = axes.reduce(1) { $0 * $1.values.count }
    guard stepCount <= 256 else {
      throw list.wrong(expected: "256 steps at most, these are \(stepCount)")
    }
    let budgetNode = try root.required("budget", expected: "a number of evaluations")
    budget = try budgetNode.integer(in: 1...1_000_000)
    guard budget >= stepCount else {
      throw budgetNode.wrong(
        expected: "at least \(stepCount), one evaluation for each of the \(stepCount) steps")
    }
    seeds = []
    for node in try root.optional("seeds")?.items(expected: "a list of seeds") ?? [] {
      let seed = UInt64(try node.integer(in: 0...Int.max))
      guard !seeds.contains(seed) else { throw node.wrong(expected: "distinct seeds") }
      seeds.append(seed)
    }
    if seeds.isEmpty { seeds = [1] }
  }

  private static func axis(_ node: SpecificationNode) throws(SpecificationError) -> Axis {
    try node.checkKeys(["limit", "side", "values", "from", "to", "count", "spacing"])
    let metric = try node.required("limit", expected: "a metric").text(expected: "a metric")
    var side = MetricLimit.Side.atMost
    if let sideNode = node.optional("side") {
      guard let known = MetricLimit.Side(rawValue: try sideNode.text()) else {
        throw sideNode.wrong(expected: "\"<=\" or \">=\"")
      }
      side = known
    }
    let finite = -1e300...1e300
    var values: [Double] = []
    if let list = node.optional("values") {
      for key in ["from", "to", "count", "spacing"] {
        if let extra = node.optional(key) {
          throw extra.wrong(expected: "no \(key) beside values")
        }
      }
      for item in try list.items(expected: "a list of numbers") {
        let value = try item.number(in: finite)
        guard !values.contains(value) else { throw item.wrong(expected: "distinct numbers") }
        values.append(value)
      }
      guard (2...64).contains(values.count) else { throw list.wrong(expected: "2 to 64 numbers") }
    } else {
      values = try range(node, finite)
    }
    values.sort { side == .atMost ? $0 < $1 : $0 > $1 }
    return Axis(limit: metric, side: side, values: values)
  }

  private static func range(_ node: SpecificationNode, _ finite: ClosedRange<Double>)
    throws(SpecificationError) -> [Double]
  {
    let from = try node.required("from", expected: "values, or from, to and count").number(
      in: finite)
    let end = try node.required("to", expected: "the last bound")
    let to = try end.number(in: finite)
    let count = try node.required("count", expected: "a number of steps").integer(in: 2...64)
    guard to != from else { throw end.wrong(expected: "another number than from") }
    let spacing = try node.optional("spacing")?.text() ?? "linear"
    switch spacing {
    case "linear":
      return (0..<count).map { from + (to - from) * Double($0) / Double(count - 1) }
    case "log":
      guard from > 0, to > 0 else { throw end.wrong(expected: "positive bounds for log spacing") }
      // Four digits are what people read; the ends are exact.
      return (0..<count).map { index in
        if index == 0 { return from }
        if index == count - 1 { return to }
        let value = from * pow(to / from, Double(index) / Double(count - 1))
        return Double(String(format: "%.4g", value)) ?? value
      }
    default:
      throw try node.required("spacing", expected: "linear or log").wrong(expected: "linear or log")
    }
  }

  /// A path of the file as the program opens it.
  func resolved(_ other: String) -> String {
    guard !other.hasPrefix("/") else { return other }
    let folder = (path as NSString).deletingLastPathComponent
    return folder.isEmpty ? other : "\(folder)/\(other)"
  }

  /// The file with absolute paths, read again by `--resume`.
  var resolvedText: String {
    let quoted = YAMLText.quoted
    var text = "# The sweep of this run, with absolute paths; read again by --resume.\n"
    text += "name: \(quoted(name))\n"
    if let description { text += "description: \(quoted(description))\n" }
    text += "study: \(quoted(absolutePath(resolved(study))))\n"
    text += "sweep:\n"
    for axis in sweep {
      let values = axis.values.map { "\($0)" }.joined(separator: ", ")
      text +=
        "  - {limit: \(quoted(axis.limit)), side: \"\(axis.side.rawValue)\", values: [\(values)]}\n"
    }
    text += "seeds: [\(seeds.map(String.init).joined(separator: ", "))]\n"
    text += "budget: \(budget)\n"
    return text
  }
}
