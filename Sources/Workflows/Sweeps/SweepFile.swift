public import Foundation
public import Interchange
public import Study

/// A sweep file as it was written: who answers, the limits that move, the budget of all steps together.
///
/// Every property below is the key of the same name; other keys are errors. Paths are relative to the sweep file.
public struct SweepFile: Sendable {
  /// Who answers a step.
  public enum Engine: String, CaseIterable, Sendable {
    /// An exploration a step: designs are evaluated.
    case explore
    /// A model of a log, or the log itself: nothing is simulated.
    case offline
    /// A co-search a step: hardware with the schedule of every layer.
    case codesign
  }

  /// A limit that moves.
  public struct Axis: Hashable, Sendable {
    /// A metric, a parameter of the space, or an expression over parameters such as `pe_x * pe_y`.
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
  /// Who answers: `explore`, `offline` or `codesign`.
  ///
  /// Default: `explore`.
  public var engine: Engine
  /// The study file that every step is a variant of; its limits on other quantities hold in every step.
  ///
  /// Required with `explore` and `codesign`, refused with `offline`. Empty there.
  public var study: String
  /// What an offline sweep asks.
  ///
  /// `nil` for other engines.
  public var offline: OfflineSweepSource?
  /// One or two limits that move: `{limit: area_mm2, values: [1, 2, 4]}` or `{limit: area_mm2, from: 1, to: 16, count: 5,
  /// spacing: log}`; `side: ">="` for a bound from below.
  ///
  /// Required. Values 2 to 64 an axis, steps 256 at most.
  public var sweep: [Axis]
  /// Evaluations of all steps together, for each seed and workload; machines of a co-search.
  ///
  /// Required, refused with `offline`; 0 there. At least one a step.
  public var budget: Int
  /// Seeds; the whole sweep is repeated for each.
  ///
  /// Default: `[1]`.
  public var seeds: [UInt64]

  /// The file, for paths and messages.
  public let path: String
  /// Where the engine's source is named: `study`, `model` or `log`.
  let sourcePlace: SpecificationPlace
  /// Where each axis names its limit.
  let limitPlaces: [SpecificationPlace]

  private static let keys = ["name", "description", "engine", "sweep", "seeds"]

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
    engine = try root.optional("engine")?.choice("engine", of: Engine.self) ?? .explore
    let own = engine == .offline ? OfflineSweepSource.keys : ["study", "budget"]
    for key in OfflineSweepSource.keys + ["study", "budget"] where !own.contains(key) {
      if let extra = root.optional(key) {
        throw extra.wrong(expected: "no \(key) with engine: \(engine.rawValue)")
      }
    }
    try root.checkKeys(Self.keys + own)
    self.path = path
    name = try root.required("name", expected: "a name").text(expected: "a name")
    description = try root.optional("description")?.text()
    if engine == .offline {
      let source = try OfflineSweepSource(root)
      offline = source
      study = ""
      sourcePlace = root.nearestPlace(toField: source.model == nil ? "log" : "model")
    } else {
      let node = try root.required("study", expected: "a study file")
      study = try node.text(expected: "a study file")
      sourcePlace = node.place
    }
    let list = try root.required("sweep", expected: "a list of limits that move")
    var axes: [Axis] = []
    var places: [SpecificationPlace] = []
    for node in try list.items(expected: "a list of limits that move") {
      let axis = try Axis(node)
      if axes.contains(where: { $0.limit == axis.limit }) {
        throw node.wrong(expected: "another metric than \(axis.limit), which moves already")
      }
      axes.append(axis)
      places.append(root.nearestPlace(toField: "\(node.field).limit"))
    }
    guard (1...2).contains(axes.count) else {
      throw list.wrong(expected: "one or two limits that move")
    }
    sweep = axes
    limitPlaces = places
    let stepCount = axes.reduce(1) { $0 * $1.values.count }
    guard stepCount <= 256 else {
      throw list.wrong(expected: "256 steps at most, these are \(stepCount)")
    }
    budget = engine == .offline ? 0 : try Self.budget(root, stepCount: stepCount)
    seeds = []
    for node in try root.optional("seeds")?.items(expected: "a list of seeds") ?? [] {
      let seed = UInt64(try node.integer(in: 0...Int.max))
      guard !seeds.contains(seed) else { throw node.wrong(expected: "distinct seeds") }
      seeds.append(seed)
    }
    if seeds.isEmpty { seeds = [1] }
  }

  private static func budget(_ root: SpecificationNode, stepCount: Int)
    throws(SpecificationError) -> Int
  {
    let node = try root.required("budget", expected: "a number of evaluations")
    let budget = try node.integer(in: 1...1_000_000)
    guard budget >= stepCount else {
      throw node.wrong(
        expected: "at least \(stepCount), one evaluation for each of the \(stepCount) steps")
    }
    return budget
  }

  /// A path of the file as the program opens it.
  func resolved(_ other: String) -> String {
    guard !other.hasPrefix("/") else { return other }
    let folder = (path as NSString).deletingLastPathComponent
    return folder.isEmpty ? other : "\(folder)/\(other)"
  }

  /// The file with absolute paths, read again by `--resume`.
  var resolvedText: String {
    var text = "# The sweep of this run, with absolute paths; read again by --resume.\n"
    text += "name: \(YAMLText.quoted(name))\n"
    if let description { text += "description: \(YAMLText.quoted(description))\n" }
    func absolute(_ path: String) -> String {
      YAMLText.quoted(absolutePath(resolved(path)))
    }
    text += "engine: \(engine.rawValue)\n"
    if let offline {
      text += offline.resolvedText(absolute: absolute)
    } else {
      text += "study: \(absolute(study))\n"
    }
    text += "sweep:\n"
    for axis in sweep {
      let values = axis.values.map { "\($0)" }.joined(separator: ", ")
      text +=
        "  - {limit: \(YAMLText.quoted(axis.limit)), side: \"\(axis.side.rawValue)\", values: [\(values)]}\n"
    }
    text += "seeds: [\(seeds.map(String.init).joined(separator: ", "))]\n"
    if offline == nil { text += "budget: \(budget)\n" }
    return text
  }
}
