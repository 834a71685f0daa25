import ArgumentParser
import Foundation
import SimulationLog
import Workflows

struct LogAppendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "append",
    abstract:
      "Adds evaluations to a log: JSON lines in, an answer a line once a row is on the disk.",
    discussion: """
      A line: {"design": {"a": 1}, "metrics": {"latency": 3.5}, "workload": "resnet"}; "infeasible": "reason" or \
      "failed": "crash: reason" in place of or beside the metrics; id, seed, seconds, evaluator, version, designer, \
      split, space and, for a new workload, features are optional. Several processes may append to one log. A line that \
      does not fit the log's space is answered with its error; the exit code is then 2.

      Example: my-simulator | dovetail log append runs.sqlite
      """)

  @Argument(help: "The log.", completion: .file())
  var log: String

  @Argument(help: "JSON lines; standard input by default.", completion: .file())
  var input = "-"

  func run() async throws {
    let log = try TrialLog.open(file: log, access: .appending)
    let descriptor = input == "-" ? STDIN_FILENO : open(input, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw UserError(problem: "\(input): \(String(cString: strerror(errno)))")
    }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    let summary = try LogAppend(to: log).run(reading: descriptor) { try Terminal.output($0) }
    if summary.refusedCount > 0 {
      Terminal.message(
        "error: \(input): \(summary.refusedCount) lines were refused, "
          + "\(summary.appendedCount) appended\n"
          + "hint: their answers have an \"error\" member")
      throw ExitCode(2)
    }
  }
}
