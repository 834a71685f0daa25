import Accelerator
import ArgumentParser
import CostModel
import Foundation
import Interchange
import Workflows
import Workload

/// The files that say what runs where.
struct MachineOptions: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("Architecture file (YAML).", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var architecture: String?

  @Option(
    name: .long, help: ArgumentHelp("Workload file (YAML).", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var workload: String?

  @Option(
    name: .long, help: ArgumentHelp("Mapping file (YAML).", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var mapping: String?

  @Option(name: .long, help: ArgumentHelp("Only this layer of the workload.", valueName: "name"))
  var layer: String?

  func readArchitecture() throws -> ResolvedArchitecture {
    guard let architecture else {
      throw UserError(
        problem: "no --architecture, expected a file",
        hint: "ready ones are in Configs/architectures")
    }
    return try ArchitectureFile(readingFile: architecture).resolve(using: .shipped)
  }

  func readWorkload() throws -> ResolvedWorkload {
    guard let workload else {
      throw UserError(
        problem: "no --workload, expected a file", hint: "ready ones are in Configs/workloads")
    }
    let resolved = try WorkloadFile(readingFile: workload).resolve()
    guard let layer else { return resolved }
    guard let selected = resolved.layer(named: layer) else {
      let names = resolved.network.entries.map(\.layer.name)
      throw UserError(
        problem: "\(workload): unknown layer \"\(layer)\"",
        hint: suggestion(for: layer, among: names))
    }
    return selected
  }
}

/// Which terms of the cost model are on.
struct TermOptions: ParsableArguments {
  @Flag(
    name: .long,
    help: "Count as Timeloop does and add nothing: no idle energy, switching factor or zero gating."
  )
  var countingOnly = false

  @Flag(name: .long, help: "Let neighbors hand words to each other where that saves parent reads.")
  var linkTransfers = false

  func terms(default standard: CostTerms) -> CostTerms {
    var terms = countingOnly ? CostTerms.countingOnly : standard
    terms.linkTransfers = linkTransfers
    return terms
  }
}
