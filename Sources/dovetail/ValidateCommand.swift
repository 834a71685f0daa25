import ArgumentParser
import Workflows

struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Compares the model with published silicon: Eyeriss layer power, NVDLA areas.",
    discussion: "Example: dovetail validate")

  func run() throws {
    try Terminal.output(try SiliconValidation().report())
  }
}
