import ArgumentParser
import Foundation
import Workflows

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Shows what a run is doing, from its folder alone.",
    discussion: """
      Evaluations, throughput, failures, the best so far and what each node does, for runs of explore and sweep and for logs \
      that are being generated, with any executor or none. A terminal is redrawn every second until Ctrl-C; elsewhere a \
      paragraph is written every ten seconds. Works from any host that sees the folder.

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
    let isTerminal = isatty(STDOUT_FILENO) == 1
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
      let isRedrawn = isTerminal && !once
      if isTerminal || status.time.timeIntervalSince(lastText) >= 9.5 {
        lastText = status.time
        try Terminal.output((isRedrawn ? "\u{1b}[H\u{1b}[2J" : "") + status.text)
      }
      if once { return }
      try await Task.sleep(for: .seconds(1))
    }
  }
}
