import Accelerator
import ArgumentParser
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
      the same numbers come out. Several mapped layers get a folder each.

      Example: dovetail export --timeloop Logs/timeloop-alexnet \
      --architecture Configs/architectures/eyeriss-168.yaml --workload Configs/workloads/alexnet.yaml \
      --mapping Configs/mappings/eyeriss-168-alexnet.yaml --layer CONV3
      """)

  @OptionGroup var machine: MachineOptions

  @Option(
    name: .long, help: ArgumentHelp("Folder for Timeloop files.", valueName: "folder"),
    completion: .directory)
  var timeloop: String

  func run() throws {
    let architecture = try machine.readArchitecture().architecture
    let whole = try machine.readWholeWorkload()
    let network = try machine.select(from: whole).network
    guard let mappingFile = machine.mapping else {
      throw UserError(
        problem: "no --mapping, expected a file", hint: "Configs/mappings has examples")
    }
    let mappings = try MappingFile(readingFile: mappingFile).resolve(
      network: whole.network, architecture: architecture)
    let mapped = network.entries.map(\.layer).filter { mappings[$0.name] != nil }
    guard !mapped.isEmpty else {
      let names = network.entries.map(\.layer.name).joined(separator: ", ")
      throw UserError(
        problem: "\(mappingFile): no mapping for \(names)",
        hint: "it has mappings for \(mappings.keys.sorted().joined(separator: ", "))")
    }
    var warnings: [String] = []
    for layer in mapped {
      guard let mapping = mappings[layer.name] else { continue }
      let folder = mapped.count == 1 ? timeloop : "\(timeloop)/\(Self.folderName(layer.name))"
      let export: TimeloopExport
      do {
        export = try TimeloopExport(layer: layer, architecture: architecture, mapping: mapping)
      } catch {
        throw UserError(problem: "layer \"\(layer.name)\": \(error)")
      }
      try write(export.files, to: folder)
      try Terminal.output("\(layer.name): \(folder)/timeloop-model.yaml\n")
      for warning in export.warnings where !warnings.contains(warning) { warnings.append(warning) }
    }
    for warning in warnings { Terminal.message("note: \(warning)") }
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
