import Accelerator
import ArgumentParser
import CostModel
import Execution
import Foundation
import Interchange
import Workflows
import Workload

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Tells what schedules cost: energy by level and tensor, cycles, utilization, area.",
    discussion: """
      Without --mapping, every layer gets a legal mapping by greedy descent on EDP; it is not optimal.

      With --batch, reads one JSON record a line (id, arch, problem, mapping in the schema of the Timeloop \
      reference records; - is standard input) and writes {"id": ..., "results": {...}} lines in the same order. \
      Batches count as Timeloop does: nothing else is added. A record that cannot be read gets an "error" member; \
      the exit code is then 2.

      Example: dovetail evaluate --architecture Configs/architectures/eyeriss-168.yaml \
      --workload Configs/workloads/alexnet.yaml --mapping Configs/mappings/eyeriss-168-alexnet.yaml
      """)

  @OptionGroup var machine: MachineOptions
  @OptionGroup var terms: TermOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Evaluate JSON-line records instead; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["jsonl"]))
  var batch: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Members of results to write, separated by commas: \(BatchField.names).", valueName: "names"))
  var fields: String?

  @Option(name: .long, help: "Worker threads of a batch; all cores by default.")
  var threads: Int?

  @Flag(name: .long, help: "Write the result as JSON.")
  var json = false

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func run() async throws {
    if let batch {
      try evaluateBatch(batch)
    } else {
      try evaluateNetwork()
    }
  }

  private func evaluateNetwork() throws {
    if fields != nil || threads != nil {
      throw UserError(
        problem: "--fields and --threads are for batches", hint: "add --batch FILE, or use --json")
    }
    let architecture = try machine.readArchitecture().architecture
    let whole = try machine.readWholeWorkload()
    let workload = try machine.select(from: whole)
    let evaluation: NetworkEvaluation
    if let file = machine.mapping {
      let mappings = try MappingFile(readingFile: file).resolve(
        network: whole.network, architecture: architecture)
      evaluation = NetworkEvaluation(
        workload: workload, architecture: architecture, mappings: mappings,
        terms: terms.terms(default: .asDescribed))
      guard !evaluation.layers.isEmpty else {
        throw UserError(
          problem: "\(file): no mapping for \(evaluation.missing.joined(separator: ", "))",
          hint: "it has mappings for \(mappings.keys.sorted().joined(separator: ", "))")
      }
    } else {
      evaluation = try mapGreedily(workload, architecture)
    }
    try Terminal.output(
      json
        ? evaluation.json : evaluation.text(showingLoopNests: evaluation.layers.count == 1))
    if !evaluation.isLegal || evaluation.layers.isEmpty { throw ExitCode(1) }
  }

  private func mapGreedily(_ workload: ResolvedWorkload, _ architecture: Architecture) throws
    -> NetworkEvaluation
  {
    var progress = ProgressLine(isQuiet: quiet || json)
    defer { progress.finish() }
    var mapped = 0
    return try NetworkEvaluation(
      mapping: workload, architecture: architecture, terms: terms.terms(default: .asDescribed)
    ) { name in
      progress.update("mapping \(name), \(mapped) of \(workload.network.entries.count) layers done")
      mapped += 1
    }
  }

  private func evaluateBatch(_ path: String) throws {
    for (given, name) in [
      (machine.architecture, "--architecture"), (machine.workload, "--workload"),
      (machine.mapping, "--mapping"), (machine.layer, "--layer"),
      (machine.dimensions.first, "--dim"),
    ] where given != nil {
      throw UserError(problem: "\(name) cannot be used with --batch: records carry everything")
    }
    var options = BatchEvaluation.Options()
    options.terms = terms.terms(default: .countingOnly)
    options.threadCount = threads ?? ProcessInfo.processInfo.activeProcessorCount
    guard (1...1_024).contains(options.threadCount) else {
      throw UserError(problem: "--threads: got \(options.threadCount), expected 1 to 1024")
    }
    options.fields = try fields.map(parseFields)
    let input = path == "-" ? STDIN_FILENO : open(path, O_RDONLY)
    guard input >= 0 else {
      throw UserError(problem: "\(path): \(String(cString: strerror(errno)))")
    }
    defer { if input != STDIN_FILENO { close(input) } }
    var progress = ProgressLine(isQuiet: quiet)
    let summary: BatchEvaluation.Summary
    do {
      summary = try BatchEvaluation(options: options).run(
        reading: input, write: { try Terminal.output($0) }
      ) { summary in
        let rate = Double(summary.recordCount) / max(progress.seconds, 1e-9)
        progress.update("\(summary.recordCount) records, \(Int(rate)) per second")
      }
    } catch let error as BatchError {
      progress.finish()
      throw UserError(problem: "\(path): \(error)")
    }
    progress.finish()
    if summary.errorCount > 0 {
      Terminal.message(
        "error: \(path): \(summary.errorCount) of \(summary.recordCount) records could not be read\n"
          + "hint: their lines have an \"error\" member with line, field and message")
      throw ExitCode(2)
    }
  }

  private func parseFields(_ text: String) throws -> Set<BatchField> {
    var fields: Set<BatchField> = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      guard let field = BatchField(rawValue: name) else {
        throw UserError(
          problem: "--fields: unknown field \"\(name)\"",
          hint: suggestion(for: name, among: BatchField.allCases.map(\.rawValue)))
      }
      fields.insert(field)
    }
    return fields
  }
}

extension BatchField {
  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
