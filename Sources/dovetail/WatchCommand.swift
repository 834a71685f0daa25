import ArgumentParser
import Foundation
import Workflows

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Shows what a run is doing, from its folder alone.",
    discussion: """
      Evaluations, throughput, failures, the best so far and what each node does, for runs of explore and sweep and for logs \
      that are being generated, with any executor or none. A terminal is redrawn every second; elsewhere a paragraph is \
      written every ten seconds. Ends with exit code 0 when the run has written its report, and with 130 after Ctrl-C, which \
      the run does not notice. Works from any host that sees the folder.

      Example: dovetail watch runs/gemmini --once
      """)

  @Argument(
    help: ArgumentHelp("Run folder, or a log that is being generated.", valueName: "run"),
    completion: .file())
  var folder: String

  @Flag(name: .long, help: "Look once and end.")
  var once = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write a page that refreshes itself to this file, too.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var page: String?

  func run() async throws {
    var watch = try RunWatch(folder)
    var screen = once ? nil : TerminalScreen()
    var lastText = Date.distantPast
    while true {
      let status = try watch.look()
      if let page {
        do {
          try Data(status.page().utf8).write(to: URL(fileURLWithPath: page), options: .atomic)
        } catch {
          throw UserError(
            problem: "--page: \(page) cannot be written",
            hint: "give a file in a folder that exists")
        }
      }
      if screen != nil {
        let columns = screen?.size.columns ?? 80
        try screen?.draw(status.text(width: max(20, columns)))
      } else if status.hasEnded || status.time.timeIntervalSince(lastText) >= 9.5 {
        lastText = status.time
        try Terminal.output(status.text())
      }
      if once || status.hasEnded { return }
      do {
        try await Task.sleep(for: .seconds(1))
      } catch {
        // Nothing of the run was interrupted, and nothing is to be told.
        throw ExitCode(130)
      }
    }
  }
}
