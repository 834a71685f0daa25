import ArgumentParser
import Foundation
import Workflows

struct TellCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tell",
    abstract:
      "Tells results of asked designs: JSON lines in, an answer a line once it is on the disk.",
    discussion: """
      A line: {"id": 1, "metrics": {"latency_ms": 3.5}}, {"id": 2, "infeasible": "no mapping"} or \
      {"id": 3, "failed": "crash: exit status 139"}; also {"id": 4, "objective": 3.5, "constraints": [-2], "status": "ok"}. \
      Infeasible designs are learned from; failed ones are not, and may be asked again under another id. A line that is \
      refused is answered with its error; the exit code is then 2.

      Example: dovetail ask --log runs.sqlite -n 4 | my-simulator | dovetail tell --log runs.sqlite
      """)

  @Option(name: .long, help: "The log.", completion: .file())
  var log: String

  @Argument(help: "JSON lines; standard input by default.", completion: .file())
  var input = "-"

  func run() async throws {
    let descriptor = input == "-" ? STDIN_FILENO : open(input, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw UserError(problem: "\(input): \(String(cString: strerror(errno)))")
    }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    // In a pipe the ask that makes the log may be as new as we are: its first line comes after the log.
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&waiting, 1, -1) < 0, errno == EINTR { try Task.checkCancellation() }
    let summary = try OwnedLoop(file: log).tell(reading: descriptor) { try Terminal.output($0) }
    if summary.refusedCount > 0 {
      Terminal.message(
        "error: \(input): \(summary.refusedCount) results were refused, "
          + "\(summary.toldCount) told\n"
          + "hint: their answers have an \"error\" member")
      throw ExitCode(2)
    }
  }
}
