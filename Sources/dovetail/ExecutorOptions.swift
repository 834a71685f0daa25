import ArgumentParser
import Distribution
import Execution
import Workflows

/// Who runs evaluations.
struct ExecutorOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Who runs evaluations: \(ExecutorSettings.Kind.allCases.map(\.rawValue).joined(separator: ", ")). Results do not depend on it.",
      valueName: "name"))
  var executor: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "File with the keys of a study's executor: kind, partition, account, time, memory, shardSize, directives and so on.",
      valueName: "file"), completion: .file(extensions: ["yaml"]))
  var executorFile: String?

  @Flag(name: .long, help: "Work on a run that another process seems to work on; that one ends.")
  var takeOver = false

  /// The settings in effect.
  ///
  /// - Parameter study: Those of the study.
  func settings(insteadOf study: ExecutorSettings?) throws -> ExecutorSettings? {
    var settings = try executorFile.map { try ExecutorSettings(readingFile: $0) } ?? study
    guard let executor else { return settings }
    guard let kind = ExecutorSettings.Kind(rawValue: executor) else {
      let known = ExecutorSettings.Kind.allCases.map(\.rawValue)
      throw UserError(
        problem: "--executor: unknown executor \"\(executor)\"",
        hint: suggestion(for: executor, among: known))
    }
    if settings == nil { settings = ExecutorSettings(kind) }
    settings?.kind = kind
    return settings
  }

  /// Where an executor's messages go.
  func messages(isQuiet: Bool) -> @Sendable (String) -> Void {
    return { text in
      if !isQuiet { Terminal.message(text) }
    }
  }
}
