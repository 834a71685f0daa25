import ArgumentParser
import Workflows

struct SpaceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "space",
    abstract: "Shows design spaces: parameters, constraints, how many designs.",
    subcommands: [SpaceShowCommand.self])
}

struct SpaceShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Tells what is in a design space, how many designs are legal, and draws some.",
    discussion: """
      Counts are exact unless it says "about". Exit code 1 when no design is legal.

      Example: dovetail space show Configs/spaces/gemmini-like.yaml
      """)

  @Argument(
    help: ArgumentHelp("Space file (YAML).", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var file: String

  @Option(name: .long, help: ArgumentHelp("Seed of the samples.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(name: .long, help: ArgumentHelp("How many designs to draw.", valueName: "count"))
  var samples = 3

  @Flag(name: .long, help: "Write the result as JSON.")
  var json = false

  func validate() throws {
    guard (0...1_000_000).contains(samples) else {
      throw ValidationError("--samples: got \(samples), expected a number in 0...1000000")
    }
  }

  func run() throws {
    let listing = try SpaceListing(
      of: SpaceFile(readingFile: file), sampleCount: samples, seed: seed)
    try Terminal.output(json ? listing.json : listing.text)
    if listing.emptiness != nil { throw ExitCode(1) }
  }
}
