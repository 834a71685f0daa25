import Interchange
public import Study

/// What an offline sweep asks: a model, or a log that is learned from first.
///
/// Every property below is the key of the same name in a sweep file with `engine: offline`.
public struct OfflineSweepSource: Hashable, Sendable {
  /// Model of `dovetail offline train`; nothing is learned again.
  ///
  /// This, `log`, or both: a model with a later log of the same space, whose designs proposals are new to.
  public var model: String?
  /// A log, or a folder of tables such as `Logs/prime-edge-six-networks`, which is imported into the run folder.
  ///
  /// This, `model`, or both.
  public var log: String?
  /// Space of the log, where it has several.
  ///
  /// Default: the only one.
  public var space: String?
  /// Workloads of the log to design for.
  ///
  /// Default: all of the log, when no networks are given.
  public var workloads: [String]
  /// Network files the log has not seen, YAML or ONNX.
  ///
  /// Default: none.
  public var networks: [String]
  /// Limits that hold in every step, such as `area_mm2 <= 27`.
  ///
  /// The log's own limits hold, too, but on what is limited here or moves. Default: none.
  public var limits: [MetricLimit]
  /// Designs proposed a step and workload, 1 to 64.
  ///
  /// Default: 4.
  public var proposals: Int

  static let keys = ["model", "log", "space", "workloads", "networks", "limits", "proposals"]

  /// Reads the keys of a sweep file.
  ///
  /// - Throws: `SpecificationError` with line and field of the first problem.
  init(_ root: SpecificationNode) throws(SpecificationError) {
    model = try root.optional("model")?.text(expected: "a model file")
    log = try root.optional("log")?.text(expected: "a log, or a folder of tables")
    guard model != nil || log != nil else {
      throw .wrongValue(
        at: root.place, got: "neither model nor log", expected: "one of them with engine: offline",
        hint: "add model: FILE of dovetail offline train, or log: FILE of dovetail log import")
    }
    space = try root.optional("space")?.text(expected: "the name of a space")
    workloads =
      try root.optional("workloads")?.names(expected: "a list of workloads of the log") ?? []
    networks = try root.optional("networks")?.names(expected: "a list of network files") ?? []
    proposals = try root.optional("proposals")?.integer(in: 1...64) ?? 4
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
  }

  /// The keys with absolute paths.
  func resolvedText(absolute: (String) -> String) -> String {
    var text = ""
    func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }
    if let model { text += "model: \(absolute(model))\n" }
    if let log { text += "log: \(absolute(log))\n" }
    if let space { text += "space: \(YAMLText.quoted(space))\n" }
    if !workloads.isEmpty { text += "workloads: \(list(workloads.map(YAMLText.quoted)))\n" }
    if !networks.isEmpty { text += "networks: \(list(networks.map(absolute)))\n" }
    if !limits.isEmpty {
      text += "limits: \(list(limits.map { YAMLText.quoted($0.description) }))\n"
    }
    text += "proposals: \(proposals)\n"
    return text
  }
}
