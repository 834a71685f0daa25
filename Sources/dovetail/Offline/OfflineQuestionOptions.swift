import ArgumentParser
import Study
import Workflows

/// The options that choose what of a log is learned from.
struct OfflineQuestionOptions: ParsableArguments {
  @Argument(help: "The log.", completion: .file())
  var log: String

  @Option(
    name: .long, help: ArgumentHelp("Space of the log, where it has several.", valueName: "name"))
  var space: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Limit that decides about feasibility instead of the log's; repeatable.",
      valueName: "metric<=number"))
  var limit: [String] = []

  func open() throws -> OfflineStudy {
    var question = OfflineStudy.Question()
    question.space = space
    question.limits = try limit.map { try LogRoles.limit($0, at: "--limit") }
    return try OfflineStudy(log: log, question: question)
  }
}
