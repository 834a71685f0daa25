public import Distribution
public import Interchange

/// The `executor` block of a study, or a file with the same keys: who runs evaluations, and what each task may take.
///
/// Keys: `kind` (`local`, `processes`, `slurm`, `lsf`, `sge`, `parallel`), `partition`, `account`, `time`, `memory`, `processors`,
/// `shardSize`, `tasksPerArray`, `tasksAtOnce`, `arrays`, `directives`, `setup`, `program`, `pollSeconds`, `attempts`,
/// `backoffSeconds`, `graceSeconds`, `silenceSeconds`; see `ExecutorSettings`. Only `kind` is required, and none matters for results.
extension ExecutorSettings {
  private static let keys = [
    "kind", "partition", "account", "time", "memory", "processors", "shardSize", "tasksPerArray",
    "tasksAtOnce", "arrays", "directives", "setup", "program", "pollSeconds", "attempts",
    "backoffSeconds", "graceSeconds", "silenceSeconds",
  ]

  /// Reads a file with the keys of an executor.
  ///
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(readingFile path: String) throws(SpecificationError) {
    try self.init(SpecificationNode(readingFile: path))
  }

  /// Reads a block.
  ///
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(_ node: SpecificationNode) throws(SpecificationError) {
    try node.checkKeys(Self.keys)
    self.init(
      try node.required("kind", expected: "who runs evaluations").choice("kind", of: Kind.self))
    partition = try node.optional("partition")?.text()
    account = try node.optional("account")?.text()
    time = try node.optional("time")?.text()
    memory = try node.optional("memory")?.text()
    program = try node.optional("program")?.text()
    processors = try node.optional("processors")?.integer(in: 1...1_024) ?? processors
    shardSize = try node.optional("shardSize")?.integer(in: 1...50_000)
    tasksPerArray = try node.optional("tasksPerArray")?.integer(in: 1...1_000_000)
    tasksAtOnce = try node.optional("tasksAtOnce")?.integer(in: 1...1_000_000)
    arrays = try node.optional("arrays")?.integer(in: 1...1_000) ?? arrays
    attempts = try node.optional("attempts")?.integer(in: 1...1_000) ?? attempts
    directives = try node.optional("directives")?.names(expected: "a list of options") ?? []
    setup = try node.optional("setup")?.names(expected: "a list of shell lines") ?? []
    pollSeconds = try node.optional("pollSeconds")?.number(in: 0.01...3_600)
    backoffSeconds = try node.optional("backoffSeconds")?.number(in: 0...3_600) ?? backoffSeconds
    graceSeconds = try node.optional("graceSeconds")?.number(in: 0...3_600)
    silenceSeconds = try node.optional("silenceSeconds")?.number(in: 1...10_000_000)
    do {
      try check()
    } catch ExecutorError.wrongSetting(let name, let got, let expected) {
      throw .wrongValue(
        at: node.nearestPlace(toField: name), got: got, expected: expected, hint: nil)
    } catch {
      throw .malformed(at: node.place, problem: "\(error)", hint: nil)
    }
  }

  /// The settings as a mapping on one line, which reads back to the same.
  var flow: String {
    func text(_ value: String?) -> String? { value.map(YAMLText.quoted) }
    func list(_ items: [String]) -> String? {
      items.isEmpty ? nil : "[\(items.map(YAMLText.quoted).joined(separator: ", "))]"
    }
    func number(_ value: (some CustomStringConvertible)?) -> String? { value?.description }
    return YAMLText.flow([
      ("kind", kind.rawValue), ("partition", text(partition)), ("account", text(account)),
      ("time", text(time)), ("memory", text(memory)), ("processors", number(processors)),
      ("shardSize", number(shardSize)), ("tasksPerArray", number(tasksPerArray)),
      ("tasksAtOnce", number(tasksAtOnce)), ("arrays", number(arrays)),
      ("directives", list(directives)), ("setup", list(setup)), ("program", text(program)),
      ("pollSeconds", number(pollSeconds)), ("attempts", number(attempts)),
      ("backoffSeconds", number(backoffSeconds)), ("graceSeconds", number(graceSeconds)),
      ("silenceSeconds", number(silenceSeconds)),
    ]) ?? "{}"
  }
}
