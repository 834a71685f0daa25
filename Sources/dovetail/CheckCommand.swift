import Accelerator
import ArgumentParser
import CostModel
import Foundation
import Workflows
import Workload

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Tells whether a workload can run; if not, which level, need, have, smallest fix.",
    discussion: """
      Without --mapping, tells whether any mapping can run with the architecture's keep sets. Fixes are tried out \
      before they are printed. Exit code 1 when something cannot run.

      Example: dovetail check --architecture Configs/architectures/eyeriss-168.yaml \
      --workload Configs/workloads/alexnet.yaml
      """)

  @OptionGroup var machine: MachineOptions

  @Flag(name: .long, help: "Write one JSON object a layer.")
  var json = false

  func run() throws {
    let architecture = try machine.readArchitecture().architecture
    let whole = try machine.readWholeWorkload()
    let workload = try machine.select(from: whole)
    var checks: [FeasibilityCheck] = []
    if let file = machine.mapping {
      let mappings = try MappingFile(readingFile: file).resolve(
        network: whole.network, architecture: architecture)
      for entry in workload.network.entries {
        guard let mapping = mappings[entry.layer.name] else {
          Terminal.message("note: \(file) has no mapping of \(entry.layer.name); not checked")
          continue
        }
        checks.append(FeasibilityCheck(mapping, of: entry.layer, on: architecture))
      }
    } else {
      for entry in workload.network.entries {
        do {
          checks.append(try FeasibilityCheck(anyMappingOf: entry.layer, on: architecture))
        } catch let error as MappingError {
          throw UserError(
            problem: "\(machine.architecture ?? ""): layer \"\(entry.layer.name)\": \(error)",
            hint: "let the outermost level keep every tensor")
        }
      }
    }
    for check in checks {
      try Terminal.output(json ? check.json(on: architecture) : check.text(on: architecture))
    }
    for violation in architecture.clockViolations {
      try Terminal.output(
        "\(violation.name): needs \(violation.needNanoseconds) ns per access, "
          + "the clock gives \(violation.haveNanoseconds) ns\n")
    }
    if checks.contains(where: { !$0.isFeasible }) || !architecture.clockViolations.isEmpty {
      throw ExitCode(1)
    }
  }
}
