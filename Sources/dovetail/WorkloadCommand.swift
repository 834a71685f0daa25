import ArgumentParser
import Foundation
import Interchange
import Workflows

struct WorkloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workload",
    abstract: "Shows and converts networks: ONNX files and workload files.",
    subcommands: [WorkloadShowCommand.self, WorkloadConvertCommand.self])
}

/// Sizes for the free dimensions of an ONNX file.
struct DimensionOptions: ParsableArguments {
  @Option(
    name: .customLong("dim"),
    help: ArgumentHelp(
      "Size of a free dimension of an ONNX file; may be given several times.",
      valueName: "name=size"))
  var dimensions: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "First dimension of every input of an ONNX file, in place of what the file says.",
      valueName: "size"))
  var batch: Int?

  func options() throws -> ImportedNetwork.Options {
    ImportedNetwork.Options(dimensions: try parseDimensions(dimensions), batch: batch)
  }
}

/// Reads `name=size` options.
func parseDimensions(_ texts: [String]) throws -> [String: Int] {
  var dimensions: [String: Int] = [:]
  for text in texts {
    guard let separator = text.lastIndex(of: "="), separator != text.startIndex,
      let size = Int(text[text.index(after: separator)...])
    else {
      throw UserError(problem: "--dim: got \"\(text)\", expected a name and a size such as batch=1")
    }
    let name = String(text[..<separator])
    guard dimensions.updateValue(size, forKey: name) == nil else {
      throw UserError(problem: "--dim: got \"\(name)\" twice, expected distinct names")
    }
  }
  return dimensions
}

struct WorkloadShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Tells what is in a network: layer table, distinct shapes, totals.",
    discussion: """
      Reads ONNX files with or without intermediate shapes and workload files (YAML). Weights are not read. \
      Warnings about what is left out go to standard error.

      Example: dovetail workload show Tests/InterchangeTests/References/models/resnet18.onnx
      """)

  @Argument(
    help: ArgumentHelp("Network file (.onnx or .yaml).", valueName: "file"),
    completion: .file(extensions: ["onnx", "yaml"]))
  var file: String

  @OptionGroup var dimensions: DimensionOptions

  @Flag(name: .long, help: "Write the result as JSON.")
  var json = false

  @Flag(name: .long, help: "Write the layer table as CSV, one row per layer in graph order.")
  var csv = false

  func validate() throws {
    guard !(json && csv) else { throw ValidationError("--json and --csv exclude each other") }
  }

  func run() throws {
    let listing = try NetworkListing(readingFile: file, options: dimensions.options())
    for warning in listing.warnings { Terminal.message("warning: \(file): \(warning)") }
    try Terminal.output(json ? listing.json : csv ? listing.csv : listing.text)
  }
}

struct WorkloadConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Writes a network as a workload file.",
    discussion: """
      Layers of the same shape become one with a count, called by the first.

      Example: dovetail workload convert Tests/InterchangeTests/References/models/resnet18.onnx
      """)

  @Argument(
    help: ArgumentHelp("Network file (.onnx or .yaml).", valueName: "file"),
    completion: .file(extensions: ["onnx", "yaml"]))
  var file: String

  @OptionGroup var dimensions: DimensionOptions

  @Flag(name: .long, help: "Keep every layer of an ONNX file, also those of the same shape.")
  var everyLayer = false

  func run() throws {
    let listing = try NetworkListing(
      readingFile: file, options: dimensions.options(), mergingEqualShapes: !everyLayer)
    for warning in listing.warnings { Terminal.message("warning: \(file): \(warning)") }
    guard let workload = listing.workload else {
      throw NetworkFileError(path: file, error: .noLayers(warnings: listing.warnings.count))
    }
    try Terminal.output(workload.yaml)
  }
}
