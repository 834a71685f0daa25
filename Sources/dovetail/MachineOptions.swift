import Accelerator
import ArgumentParser
import CostModel
import Execution
import Foundation
import Interchange
import Workflows
import Workload

/// The files that say what runs where.
struct MachineOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("Architecture file (YAML, ours or Timeloop's).", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var architecture: String?

  @Option(
    name: .long, help: ArgumentHelp("Workload file (YAML) or network (ONNX).", valueName: "file"),
    completion: .file(extensions: ["yaml", "onnx"]))
  var workload: String?

  @Option(
    name: .long, help: ArgumentHelp("Mapping file (YAML).", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var mapping: String?

  @Option(name: .long, help: ArgumentHelp("Only this layer of the workload.", valueName: "name"))
  var layer: String?

  @Option(
    name: .customLong("dim"),
    help: ArgumentHelp(
      "Size of a free dimension of an ONNX file; may be given several times.",
      valueName: "name=size"))
  var dimensions: [String] = []

  /// Refuses options that mean nothing where records carry everything.
  func refuseFiles(besides option: String) throws {
    for (given, name) in [
      (architecture, "--architecture"), (workload, "--workload"), (mapping, "--mapping"),
      (layer, "--layer"), (dimensions.first, "--dim"),
    ] where given != nil {
      throw UserError(problem: "\(name) cannot be used with \(option): records carry everything")
    }
  }

  /// - Parameter appliesConstraints: Whether the command obeys the mapping constraints of a Timeloop file.
  func readArchitecture(appliesConstraints: Bool = false) throws -> ResolvedArchitecture {
    guard let architecture else {
      throw UserError(
        problem: "no --architecture, expected a file",
        hint: "ready ones are in Configs/architectures")
    }
    let result = try Workflows.readArchitecture(
      path: architecture, using: .shipped, warnsOfConstraints: !appliesConstraints)
    for warning in result.warnings { Terminal.message("warning: \(warning)") }
    return result.value
  }

  /// All layers of the workload, whichever is selected.
  func readWholeWorkload() throws -> ResolvedWorkload {
    guard let workload else {
      throw UserError(
        problem: "no --workload, expected a file", hint: "ready ones are in Configs/workloads")
    }
    let options = ImportedNetwork.Options(dimensions: try parseDimensions(dimensions))
    let (resolved, warnings) = try Workflows.readWorkload(path: workload, options: options)
    for warning in warnings { Terminal.message("warning: \(workload): \(warning)") }
    return resolved
  }

  /// The layers of a workload that are to be looked at.
  func select(from resolved: ResolvedWorkload) throws -> ResolvedWorkload {
    guard let layer else { return resolved }
    guard let selected = resolved.layer(named: layer) else {
      let names = resolved.network.entries.map(\.layer.name)
      throw UserError(
        problem: "\(workload ?? ""): unknown layer \"\(layer)\"",
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
