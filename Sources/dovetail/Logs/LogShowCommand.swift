import ArgumentParser
import SimulationLog
import Workflows

struct LogShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Tells what is in a log: rows, spaces, workloads, metrics, the best designs.",
    discussion: "Example: dovetail log show convolution.sqlite --best 3")

  @OptionGroup var question: QuestionOptions

  @Option(name: .long, help: "How many of the best feasible rows to list.")
  var best = 5

  @Flag(name: .long, help: "Write the listing as JSON.")
  var json = false

  func run() throws {
    guard (0...10_000).contains(best) else {
      throw UserError(problem: "--best: got \(best), expected 0 to 10,000")
    }
    let listing = try LogListing(
      of: try TrialLog.open(file: question.log), question: try question.resolve(), bestCount: best)
    try Terminal.output(json ? listing.json + "\n" : listing.text)
  }
}
