import ArgumentParser

struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Gets logs of evaluations in and out, and tells what they can answer.",
    discussion: """
      A log is one SQLite file with a row an evaluation: design, workload, metrics or why there are none.

      Example: dovetail log import Logs/gpu-convolution --out convolution.sqlite
      """,
    subcommands: [
      LogImportCommand.self, LogGenerateCommand.self, LogAppendCommand.self, LogShowCommand.self,
      LogAssessCommand.self, LogExportCommand.self,
    ])
}
