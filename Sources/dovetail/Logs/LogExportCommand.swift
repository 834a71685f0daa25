import ArgumentParser
import SimulationLog
import Workflows

struct LogExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes rows of a log as CSV or JSON lines, compressed when the name ends in .gz.",
    discussion: """
      A roles file is written beside, so that dovetail log import FILE reads the rows back.

      Example: dovetail log export convolution.sqlite --feasible --out best.csv.gz
      """)

  @OptionGroup var question: QuestionOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "File to write: .csv or .jsonl, with .gz compressed. Replaced when it exists.",
      valueName: "file"), completion: .file())
  var out: String

  @Flag(
    name: .long,
    help: "Leave out how long evaluations took, so that equal runs give equal files.")
  var reproducible = false

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func run() async throws {
    var progress = ProgressLine(isQuiet: quiet)
    let export = try LogExport(
      of: try TrialLog.open(file: question.log), question: try question.resolve(),
      isReproducible: reproducible)
    let count = try export.run(out: out) { progress.update($0) }
    progress.finish()
    try Terminal.output("\(out): \(count) rows; roles in \(out).roles.yaml\n")
  }
}
