import ArgumentParser
import Execution
import LinearAlgebra
import OfflineDesign
import Workflows

struct OfflineAssessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assess",
    abstract:
      "Tells how well a log can be designed from, by hiding its best rows or whole workloads.",
    discussion: """
      Without options the best fifth of each workload's feasible rows is hidden, and half of the others. With \
      --leave-workloads-out every workload is designed for from the others alone. Models are compared with --members.

      Example: dovetail offline assess convolution.sqlite --leave-workloads-out
      """)

  @OptionGroup var question: OfflineQuestionOptions

  @Flag(name: .long, help: "Hide whole workloads, in turn, instead of the best rows.")
  var leaveWorkloadsOut = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Groups of workloads that are left out in turn; one at a time unless given.",
      valueName: "number"))
  var folds: Int?

  @Option(
    name: .long, help: ArgumentHelp("File for the figures as CSV.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var out: String?

  @OptionGroup var learning: LearningOptions

  func validate() throws {
    if let folds, folds < 2 {
      throw UserError(problem: "--folds: got \(folds), expected a number from 2")
    }
  }

  func run() async throws {
    BLASRuntime.useOneThread()
    var progress = ProgressLine(isQuiet: learning.quiet)
    let study = try question.open()
    let log = study.offline.designs
    let options = try learning.committeeOptions()
    let assessment: ValueAssessment
    if leaveWorkloadsOut {
      guard log.contexts.count >= 2 else {
        throw UserError(
          problem: "\(question.log): got \(log.contexts.count) workload, expected at least 2",
          hint: "without --leave-workloads-out the best rows are hidden instead")
      }
      let foldCount = min(folds ?? log.contexts.count, log.contexts.count)
      assessment = try ValueAssessment(
        hidingWorkloadsOf: log, foldCount: foldCount, options: options, seed: options.seed
      ) { progress.update("\($0) of \($1) folds") }
    } else {
      assessment = try ValueAssessment(
        hidingBestOf: log, options: options, seed: options.seed
      ) { progress.update("\($0) of \($1) parts") }
    }
    progress.finish()
    try Terminal.output(
      assessment.text(
        hiding: leaveWorkloadsOut ? "every workload in turn" : "the best fifth of every workload",
        of: log))
    if let out { try writeFile(assessment.csv, to: out, option: "--out") }
    if assessment.rows.isEmpty { throw ExitCode(1) }
  }
}
