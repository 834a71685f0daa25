import ArgumentParser
import DesignSpace
import Foundation
import Study
import Workflows

struct AskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask",
    abstract: "Proposes designs to evaluate, as JSON lines; results are told with dovetail tell.",
    discussion: """
      The first ask says what is searched and makes the log; later ones need --log only. A line is \
      {"id": 1, "design": {"a": 1}}. Everything asked and told is in the log, so that asks and tells may come from any \
      process, overlap, and go on after a kill; --outstanding lists what was asked and not told. Same seed and same tells, \
      same asks. Exit code 1 when the space has no further design.

      Example: dovetail ask --log runs.sqlite --space Configs/spaces/gemmini-like.yaml --minimize latency_ms \
      --limit 'area_mm2<=27' --designer evolution --seed 1 -n 4
      """)

  @Option(name: .long, help: "The log; made by the first ask.", completion: .file())
  var log: String

  @Option(name: [.customShort("n"), .long], help: "How many designs.")
  var count = 1

  @Flag(name: .long, help: "List what was asked and not told instead of asking.")
  var outstanding = false

  @Option(
    name: .long, help: "Space file (YAML); first ask only.", completion: .file(extensions: ["yaml"])
  )
  var space: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Metric to make small, first one steers.", valueName: "metric[:unit]"))
  var minimize: [String] = []

  @Option(name: .long, help: ArgumentHelp("Metric to make large.", valueName: "metric[:unit]"))
  var maximize: [String] = []

  @Option(name: .long, help: ArgumentHelp("Further metric.", valueName: "metric[:unit]"))
  var metric: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Limit of feasible designs; on a parameter or an expression over parameters it is exact, and no design beyond it is asked for.",
      valueName: "quantity<=number"))
  var limit: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("\(DesignerChoice.names.joined(separator: ", ")).", valueName: "name"))
  var designer: String?

  @Option(name: .long, help: ArgumentHelp("Seed of all draws, 0 by default.", valueName: "number"))
  var seed: UInt64?

  func validate() throws {
    guard (1...100_000).contains(count) else {
      throw ValidationError("--count: got \(count), expected a number in 1...100000")
    }
  }

  func run() throws {
    let loop: OwnedLoop
    if let space {
      loop = try OwnedLoop(file: log, beginning: try beginning(SpaceFile(readingFile: space)))
    } else {
      let given = !minimize.isEmpty || !maximize.isEmpty || !metric.isEmpty || !limit.isEmpty
      guard !given, designer == nil, seed == nil else {
        throw UserError(
          problem: "ask: got options of a first ask without --space",
          hint: "add --space to begin a search, or leave them out to go on with one")
      }
      if !FileManager.default.fileExists(atPath: log) {
        throw UserError(
          problem: "\(log): no such log",
          hint: "begin a search: dovetail ask --log FILE --space FILE --minimize METRIC")
      }
      loop = try OwnedLoop(file: log)
    }
    let asks: [OwnedLoop.Ask]
    do {
      asks = try outstanding ? loop.outstanding() : loop.ask(count: count)
    } catch let error as DesignSpaceError {
      Terminal.message("error: \(error)")
      throw ExitCode(1)
    }
    try Terminal.output(asks.map { $0.line + "\n" }.joined())
    if asks.isEmpty, !outstanding {
      Terminal.message("\(log): the space has no further design to offer")
      throw ExitCode(1)
    }
  }

  private func beginning(_ file: SpaceFile) throws -> OwnedLoop.Beginning {
    var metrics: [Metric] = []
    func add(_ text: String) -> String {
      let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
      let name = parts.first ?? ""
      if !metrics.contains(where: { $0.name == name }) {
        metrics.append(Metric(name, unit: parts.count > 1 ? parts[1] : ""))
      }
      return name
    }
    let objectives =
      minimize.map { Objective(.minimize, add($0)) }
      + maximize.map { Objective(.maximize, add($0)) }
    guard !objectives.isEmpty else {
      throw UserError(
        problem: "ask: got no objective, expected at least one",
        hint: "add --minimize METRIC or --maximize METRIC")
    }
    for text in metric { _ = add(text) }
    do {
      let limits = try limit.map { try MetricLimit(parsing: $0) }
      let space = try file.resolve()
      let (measured, known) = try KnownLimits.sorting(
        limits, over: space.parameters, metrics: metrics.map(\.name), at: "--limit")
      for limit in measured { _ = add(limit.metric) }
      return OwnedLoop.Beginning(
        problem: try Problem(
          name: file.name, space: try known.constraining(space), metrics: metrics,
          objectives: objectives, limits: measured),
        designer: try DesignerChoice(parsing: designer ?? "evolution"), seed: seed ?? 0)
    } catch let error as StudyError {
      throw UserError(problem: error.description)
    }
  }
}
