import ArgumentParser
import CostModel
import Foundation
import Interchange
import MappingSearch
import Workflows
import Workload

struct MapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map",
    abstract: "Finds the best schedule of every layer, with a proof, or tells why nothing fits.",
    discussion: """
      The optimal mapper proves its answer for all perfect factors; a layer too large for it goes to the heuristic \
      mapper, and the report says so. Layers of one shape are mapped once. Constraints in a Timeloop architecture are \
      obeyed, or refused by name. --out writes mappings.yaml, which evaluate \
      --mapping reads back with the same numbers, layers.csv, result.json and nests.txt. Ctrl-C keeps what is finished, and the best so far of the layers under way with its gap.

      With --batch, reads one JSON record a line (id, arch, problem in the schema of the Timeloop reference records; \
      - is standard input) and writes {"id", "mapping", "edp_pj_cycles", "results", "certificate"} lines in the same \
      order, {"id", "infeasible"} when nothing fits, {"id", "error"} when a record cannot be used (the exit code is \
      then 2). Batches count as Timeloop does: nothing else is added. Ctrl-C writes the best so far of the records under way, too.

      Exit codes: 0 done, 1 nothing fits for some layer, 2 bad input, 130 interrupted.

      Example: dovetail map --architecture Configs/architectures/simple-3-level.yaml \
      --workload Configs/workloads/mlp-mnist.yaml
      """)

  @OptionGroup var machine: MachineOptions
  @OptionGroup var terms: TermOptions
  @OptionGroup var search: MapperOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Map JSON-line records instead; - is standard input.", valueName: "file"),
    completion: .file(extensions: ["jsonl"]))
  var batch: String?

  @Option(
    name: .long,
    help: ArgumentHelp("New or empty folder for mappings and tables.", valueName: "folder"),
    completion: .directory)
  var out: String?

  @Option(
    name: .long, help: ArgumentHelp("Also write the table of layers as CSV.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var csv: String?

  @Flag(name: .long, help: "Write the result as JSON.")
  var json = false

  @Flag(name: .long, help: "Show the loop nests of all layers, not only of a single one.")
  var loopNests = false

  @Flag(name: .long, help: "Add the time of each layer, which differs from run to run.")
  var timings = false

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func run() async throws {
    let options = try search.resolve()
    if let batch {
      try mapBatch(batch, options)
    } else {
      try mapNetwork(options)
    }
  }

  private func mapNetwork(_ options: MappingOptions) throws {
    guard machine.mapping == nil else {
      throw UserError(
        problem: "--mapping cannot be used with map, which makes mappings",
        hint: "dovetail evaluate tells what a given mapping costs")
    }
    let architecture = try machine.readArchitecture(appliesConstraints: true).architecture
    let demands = try machine.architecture.flatMap { try TimeloopDemands(readingFile: $0) }
    let whole = try machine.readWholeWorkload()
    let workload = try machine.select(from: whole)
    let constraints = try search.constraints.map { try ConstraintsFile(readingFile: $0) }
    if let out { try prepareFolder(out) }
    if let csv { try tryWriting(to: csv, option: "--csv") }
    var progress = ProgressLine(isQuiet: quiet)
    var finishedCount = 0
    let mapping: NetworkMapping
    do {
      mapping = try NetworkMapping(
        of: workload, on: architecture, terms: terms.terms(default: .asDescribed),
        options: options, constraints: constraints, demands: demands, whole: whole.network
      ) { status in
        progress.update(status.text, isStep: status.finishedCount > finishedCount)
        finishedCount = status.finishedCount
      }
    } catch let error as MapSpaceError {
      throw UserError(problem: "\(machine.architecture ?? ""): \(error)")
    }
    progress.finish()
    if !quiet {
      Terminal.message(
        "mapped \(mapping.finishedCount) of \(workload.network.entries.count) layers in "
          + "\((progress.seconds * 10).rounded() / 10) s")
    }
    try report(mapping)
    if mapping.wasInterrupted { throw CancellationError() }
    if !mapping.isFeasible { throw ExitCode(1) }
  }

  private func report(_ mapping: NetworkMapping) throws {
    if let out {
      if let file = mapping.mappingFile {
        try write(file, to: "\(out)/mappings.yaml", option: "--out")
      }
      try write(mapping.csv(showingTimes: timings), to: "\(out)/layers.csv", option: "--out")
      try write(mapping.json(showingTimes: timings), to: "\(out)/result.json", option: "--out")
      try write(mapping.loopNests, to: "\(out)/nests.txt", option: "--out")
    }
    if let csv { try write(mapping.csv(showingTimes: timings), to: csv, option: "--csv") }
    try Terminal.output(
      json
        ? mapping.json(showingTimes: timings)
        : mapping.text(
          showingLoopNests: loopNests || mapping.workload.network.entries.count == 1,
          showingTimes: timings))
  }

  /// Makes the folder and tries it out, so that a long search does not end in nothing.
  private func prepareFolder(_ folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw UserError(
        problem: "--out: \(folder) cannot be made", hint: "give a folder that exists or can be made"
      )
    }
    for name in ["mappings.yaml", "layers.csv", "result.json", "nests.txt"]
    where FileManager.default.fileExists(atPath: "\(folder)/\(name)") {
      throw UserError(
        problem: "--out: \(folder) has \(name) already, which would be overwritten",
        hint: "give a new or empty folder")
    }
    try tryWriting(to: "\(folder)/result.json", option: "--out")
  }

  /// Fails where a file cannot be written; leaves what is there as it is.
  private func tryWriting(to path: String, option: String) throws {
    let isNew = !FileManager.default.fileExists(atPath: path)
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    guard file >= 0 else { throw cannotWrite(path, option) }
    close(file)
    if isNew { try? FileManager.default.removeItem(atPath: path) }
  }

  private func cannotWrite(_ path: String, _ option: String) -> UserError {
    UserError(
      problem: "\(option): \(path) cannot be written", hint: "give a place that can be written")
  }

  private func write(_ text: String, to path: String, option: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    } catch {
      throw cannotWrite(path, option)
    }
  }

  private func mapBatch(_ path: String, _ options: MappingOptions) throws {
    try machine.refuseFiles(besides: "--batch")
    for (isGiven, name) in [
      (out != nil, "--out"), (csv != nil, "--csv"), (json, "--json"), (loopNests, "--loop-nests"),
      (timings, "--timings"),
    ] where isGiven {
      throw UserError(problem: "\(name) cannot be used with --batch: answers are JSON lines")
    }
    let constraints = try search.constraints.map { try ConstraintsFile(readingFile: $0) }
    let input = path == "-" ? STDIN_FILENO : open(path, O_RDONLY)
    guard input >= 0 else {
      throw UserError(problem: "\(path): \(String(cString: strerror(errno)))")
    }
    defer { if input != STDIN_FILENO { close(input) } }
    var progress = ProgressLine(isQuiet: quiet)
    let batch = BatchMapping(
      options: options, terms: terms.terms(default: .countingOnly), constraints: constraints)
    let summary: BatchMapping.Summary
    do {
      summary = try batch.run(reading: input, write: { try Terminal.output($0) }) { summary in
        progress.update("\(summary.recordCount) records mapped")
      }
    } catch let error as BatchError {
      progress.finish()
      throw UserError(problem: "\(path): \(error)")
    } catch let error as CancellationError {
      progress.finish()
      throw error
    }
    progress.finish()
    if summary.errorCount > 0 {
      Terminal.message(
        "error: \(path): \(summary.errorCount) of \(summary.recordCount) records could not be used\n"
          + "hint: their lines have an \"error\" member with line, field and message")
      throw ExitCode(2)
    }
  }
}
