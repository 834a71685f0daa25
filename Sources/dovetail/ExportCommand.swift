import Accelerator
import ArgumentParser
import CostModel
import Foundation
import Interchange
import Workflows
import Workload

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes an architecture, a layer and its mapping for other tools.",
    discussion: """
      With --timeloop, a folder gets timeloop-model.yaml for the program timeloop-model, and architecture, problem, \
      mapping and tables in the v0.4 form for Timeloop's Python front end. Energies are written per action, so that \
      the same numbers come out. Several mapped layers get a folder each. Without --mapping, every layer gets the \
      mapping that evaluate --counting-only finds by greedy descent.

      A run folder of dovetail codesign is exported as a whole: every layer with its mapping on the machine that was \
      found. --records writes it as JSON lines, which evaluate --batch costs to the same numbers.

      Example: dovetail export --timeloop Logs/timeloop-alexnet \
      --architecture Configs/architectures/eyeriss-168.yaml --workload Configs/workloads/alexnet.yaml \
      --mapping Configs/mappings/eyeriss-168-alexnet.yaml --layer CONV3
      """)

  @Argument(help: "Run folder of dovetail codesign, instead of files.", completion: .directory)
  var runFolder: String?

  @OptionGroup var machine: MachineOptions

  @Option(
    name: .long, help: ArgumentHelp("Folder for Timeloop files.", valueName: "folder"),
    completion: .directory)
  var timeloop: String?

  @Option(
    name: .long,
    help: ArgumentHelp("File for JSON-line records of a run folder.", valueName: "file"),
    completion: .file(extensions: ["jsonl"]))
  var records: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Form of the Timeloop files: 0.4, or 0.3 for programs before February 2024.",
      valueName: "version"))
  var timeloopVersion: String = TimeloopVersion.v04.rawValue

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Export JSON-line records instead, a folder each; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["jsonl"]))
  var batch: String?

  func run() throws {
    guard let version = TimeloopVersion(rawValue: timeloopVersion) else {
      throw UserError(
        problem: "--timeloop-version: unknown version \"\(timeloopVersion)\"",
        hint: "known versions: \(TimeloopVersion.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if let runFolder {
      try exportRun(runFolder, version)
      return
    }
    if records != nil {
      throw UserError(
        problem: "--records: got no run folder, expected one of dovetail codesign",
        hint: "dovetail export FOLDER --records FILE.jsonl")
    }
    guard let timeloop else {
      throw UserError(
        problem: "got no --timeloop, expected a folder for Timeloop files",
        hint: "add --timeloop FOLDER")
    }
    var warnings: [String] = []
    if let batch {
      try machine.refuseFiles(besides: "--batch")
      try exportRecords(batch, to: timeloop, version, &warnings)
    } else {
      try exportNetwork(to: timeloop, version, &warnings)
    }
    for warning in warnings { Terminal.message("note: \(warning)") }
  }

  /// Exports what a co-design run found.
  private func exportRun(_ folder: String, _ version: TimeloopVersion) throws {
    if batch != nil {
      throw UserError(
        problem: "--batch: got a run folder, too, expected one of them", hint: "leave --batch out")
    }
    try machine.refuseFiles(besides: "a run folder")
    guard timeloop != nil || records != nil else {
      throw UserError(
        problem: "got neither --timeloop nor --records, expected one of them",
        hint: "dovetail export \(folder) --timeloop FOLDER")
    }
    let path = "\(folder)/proposal.jsonl"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UserError(
        problem: "\(folder): no proposal.jsonl, expected the folder of a finished co-design run",
        hint: "dovetail codesign --resume \(folder) finishes one")
    }
    if let records {
      do {
        try data.write(to: URL(fileURLWithPath: records), options: .atomic)
      } catch {
        throw UserError(problem: "--records: \(records) cannot be written")
      }
    }
    guard let timeloop else { return }
    var warnings: [String] = []
    try exportRecords(path, to: timeloop, version, &warnings)
    for warning in warnings { Terminal.message("note: \(warning)") }
  }

  private func exportNetwork(
    to timeloop: String, _ version: TimeloopVersion, _ warnings: inout [String]
  ) throws {
    let architecture = try machine.readArchitecture().architecture
    let whole = try machine.readWholeWorkload()
    let selected = try machine.select(from: whole)
    let mappings: [String: Mapping]
    if let file = machine.mapping {
      mappings = try MappingFile(readingFile: file).resolve(
        network: whole.network, architecture: architecture)
    } else {
      mappings = try mapGreedily(selected, architecture)
    }
    let mapped = selected.network.entries.map(\.layer).filter { mappings[$0.name] != nil }
    guard !mapped.isEmpty else {
      let names = selected.network.entries.map(\.layer.name).joined(separator: ", ")
      guard let file = machine.mapping else {
        throw UserError(
          problem: "no mapping of \(names) fits",
          hint: "dovetail check with the same files says what would help")
      }
      throw UserError(
        problem: "\(file): no mapping for \(names)",
        hint: "it has mappings for \(mappings.keys.sorted().joined(separator: ", "))")
    }
    for layer in mapped {
      guard let mapping = mappings[layer.name] else { continue }
      let folder = mapped.count == 1 ? timeloop : "\(timeloop)/\(Self.folderName(layer.name))"
      let export: TimeloopExport
      do {
        export = try TimeloopExport(
          layer: layer, architecture: architecture, mapping: mapping, version: version)
      } catch {
        throw UserError(problem: "layer \"\(layer.name)\": \(error)")
      }
      try write(export, to: folder, name: layer.name, &warnings)
    }
  }

  /// Exports records of the schema that `evaluate --batch` reads, each into a folder with the name of its `id`.
  private func exportRecords(
    _ path: String, to timeloop: String, _ version: TimeloopVersion, _ warnings: inout [String]
  ) throws {
    let bytes: Data
    do {
      bytes =
        path == "-"
        ? try FileHandle.standardInput.readToEnd() ?? Data()
        : try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw UserError(problem: "\(path): cannot be read")
    }
    let reader = MappingRecordReader()
    var folders: Set<String> = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 == 13 || $0 == 32 }) {
      let place = "\(path):\(index + 1)"
      let record: MappingRecord
      do {
        record = try Array(line).withUnsafeBufferPointer { (text) throws(JSONError) in
          try reader.read(text).record
        }
      } catch {
        throw UserError(problem: "\(place): \(error)")
      }
      let identifier = record.identifier.filter { $0 != "\"" }
      let name = identifier == "null" || identifier.isEmpty ? "line\(index + 1)" : identifier
      guard folders.insert(name).inserted else {
        throw UserError(
          problem: "\(place): id: got \"\(shortened(name))\" twice, expected distinct ids")
      }
      let export: TimeloopExport
      do {
        export = try TimeloopExport(
          layer: record.layer, architecture: record.architecture, mapping: record.mapping,
          version: version)
      } catch {
        throw UserError(problem: "\(place): \(error)")
      }
      try write(export, to: "\(timeloop)/\(Self.folderName(name))", name: name, &warnings)
    }
  }

  private func write(
    _ export: TimeloopExport, to folder: String, name: String, _ warnings: inout [String]
  ) throws {
    try write(export.files, to: folder)
    try Terminal.output("\(name): \(folder)/timeloop-model.yaml\n")
    for warning in export.warnings where !warnings.contains(warning) { warnings.append(warning) }
  }

  /// The mappings that `evaluate --counting-only` finds without a mapping file.
  private func mapGreedily(_ workload: ResolvedWorkload, _ architecture: Architecture) throws
    -> [String: Mapping]
  {
    let evaluation = try NetworkEvaluation(
      mapping: workload, architecture: architecture, terms: .countingOnly)
    Terminal.message("note: mappings by greedy descent on EDP, not optimal")
    return Dictionary(
      evaluation.layers.map { ($0.layer.name, $0.mapping) }, uniquingKeysWith: { first, _ in first }
    )
  }

  /// A layer's name as one folder.
  private static func folderName(_ name: String) -> String {
    let folder = String(name.map { $0 == "/" || $0.isWhitespace ? "_" : $0 })
    return folder.hasPrefix(".") ? "_" + folder : folder
  }

  private func write(_ files: [TimeloopExport.File], to folder: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      for file in files {
        try Data(file.text.utf8).write(
          to: URL(fileURLWithPath: folder).appendingPathComponent(file.name), options: .atomic)
      }
    } catch {
      throw UserError(
        problem: "--timeloop: \(folder) cannot be written",
        hint: "give a folder that exists or can be made")
    }
  }
}
