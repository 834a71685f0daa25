import ArgumentParser
import Workflows

/// The options that choose rows of a log.
struct QuestionOptions: ParsableArguments {
  @Argument(help: "The log.", completion: .file())
  var log: String

  @Option(
    name: .long,
    help: ArgumentHelp("Rows of this workload only; repeatable.", valueName: "name"))
  var workload: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Limit that decides about feasibility instead of the log's; repeatable.",
      valueName: "metric<=number"))
  var limit: [String] = []

  @Option(name: .long, help: ArgumentHelp("Rows of this space only.", valueName: "name"))
  var space: String?

  @Option(
    name: .long, help: ArgumentHelp("Rows with these numbers only.", valueName: "first-last"))
  var rows: String?

  @Flag(help: "Feasible rows only, or infeasible and failed ones only.")
  var verdict: VerdictChoice?

  enum VerdictChoice: String, EnumerableFlag {
    case feasible, infeasible
  }

  /// The options as a question.
  func resolve() throws -> LogQuestion {
    var question = LogQuestion()
    question.workloads = workload
    question.limits = try limit.map { try LogRoles.limit($0, at: "--limit") }
    question.space = space
    question.isFeasible = verdict.map { $0 == .feasible }
    if let rows {
      let parts = rows.split(separator: "-").compactMap { Int($0) }
      guard parts.count == 2, parts[0] >= 1, parts[0] <= parts[1] else {
        throw UserError(
          problem: "--rows: got \"\(rows)\", expected the first and the last number, such as 1-1000"
        )
      }
      question.rows = parts[0]...parts[1]
    }
    return question
  }
}
