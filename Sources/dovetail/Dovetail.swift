import ArgumentParser

@main
struct Dovetail: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dovetail",
    abstract: "Explores hardware accelerators together with their software schedules.",
    subcommands: [EvaluateCommand.self])
}
