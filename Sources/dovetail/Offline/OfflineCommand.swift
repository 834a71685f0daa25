import ArgumentParser

struct OfflineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offline",
    abstract: "Finds designs better than any in a log, without a single simulation.",
    discussion: """
      A committee of models learns from feasible and infeasible rows of a log; their disagreement is uncertainty.

      Example: dovetail offline train edge.sqlite -o edge.model
      """,
    subcommands: [
      OfflineTrainCommand.self, OfflineProposeCommand.self, OfflineRankCommand.self,
      OfflineAssessCommand.self,
    ])
}
