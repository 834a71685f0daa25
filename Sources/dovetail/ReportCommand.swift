import ArgumentParser
import Foundation
import LinearAlgebra
import Reporting
import Workflows

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes the page of a run, or of several runs side by side.",
    discussion: """
      One HTML file that needs no network: the question, the answer, the evidence as charts with their data, and the \
      schedules of the best design. Tables are CSV files beside it, charts are SVG files. A run that is still under way \
      is reported as far as it is.

      Example: dovetail report runs/gemmini
      Example: dovetail report runs/bayesian runs/random --out comparison
      """)

  @Argument(
    help: ArgumentHelp("Run folders.", valueName: "run"), completion: .directory)
  var runs: [String]

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Folder for the report; the run folder by default. Required for several runs.",
      valueName: "folder"), completion: .directory)
  var out: String?

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    if runs.count > 1, out == nil {
      throw UserError(
        problem: "--out: missing, expected a folder for the comparison of \(runs.count) runs",
        hint: "add --out comparison")
    }
  }

  /// The answer, or that of every part with its title.
  private func answers(_ report: Report) -> String {
    guard let parts = report.tables.first, parts.name == Report.answersName else {
      return report.answer
    }
    return parts.rows.map { row in
      let words = row.map { cell in if case .text(let words) = cell { words } else { "" } }
      return "\(words[0])\n  \(words[2])"
    }.joined(separator: "\n")
  }

  func run() async throws {
    BLASRuntime.useOneThread()
    var progress = ProgressLine(isQuiet: quiet)
    progress.update("reading \(runs.count) run\(runs.count == 1 ? "" : "s")", isStep: true)
    let report = try await RunReport(ofRuns: runs).report
    progress.finish()
    let page = try writeReport(report, to: out ?? runs[0])
    try Terminal.output("\(answers(report))\nreport: \(page)\n")
  }
}

/// Writes a report into a folder, and says where the page is.
///
/// - Throws: `UserError` when it cannot be written.
func writeReport(_ report: Report, to folder: String) throws -> String {
  do {
    try report.write(into: URL(fileURLWithPath: folder), library: .installed())
  } catch {
    throw UserError(
      problem: "\(folder): the report cannot be written: \(error.localizedDescription)",
      hint: "give a folder that can be made and written to")
  }
  return "\(folder)/report.html"
}
