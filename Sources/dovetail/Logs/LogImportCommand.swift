import ArgumentParser
import Foundation
import Study
import Workflows

struct LogImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Makes a log of tables: CSV, JSON lines, ArchGym trajectories, plain or gzip.",
    discussion: """
      What columns are for is said once, by options, by a roles file in YAML (--roles, or FILE.roles.yaml beside the \
      data), or by a dataset.json in the folder; options win. Roles are printed and kept in the log. Every row that is \
      left out is counted with its reason.

      Example: dovetail log import Logs/gpu-convolution --out convolution.sqlite
      Example: dovetail log import runs.csv --params a,b,c --minimize runtime --feasible ok --out runs.sqlite
      """)

  @Argument(
    help: "Files (.csv, .tsv, .jsonl, each also .gz) or folders.", completion: .file())
  var inputs: [String]

  @Option(name: .long, help: "The log to make; must not exist.", completion: .file())
  var out: String

  @OptionGroup var roleOptions: RoleOptions

  @Option(name: .long, help: "table, jsonl or archgym; found from names by default.")
  var format: String?

  @Flag(name: .long, help: "Write the counts as JSON.")
  var json = false

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func run() async throws {
    var progress = ProgressLine(isQuiet: quiet)
    let summary: ImportSummary
    do {
      summary = try LogImport(inputs: inputs, roles: try roleOptions.resolve(), format: format)
        .run(out: out) { progress.update($0) }
    } catch {
      progress.finish()
      throw error
    }
    progress.finish()
    try Terminal.output(json ? summary.json + "\n" : summary.text)
  }
}

/// The options that say what columns are for.
struct RoleOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Roles as YAML.", valueName: "file"), completion: .file())
  var roles: String?

  @Option(name: .long, help: ArgumentHelp("Columns of the design.", valueName: "columns"))
  var params: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Columns that are not of the design, all others without a role are.", valueName: "columns"))
  var paramsExcept: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A column's kind: \(LogRoles.kindNames.joined(separator: ", ")); repeatable.",
      valueName: "column=kind"))
  var kind: [String] = []

  @Option(name: .long, help: ArgumentHelp("Columns to make small.", valueName: "columns"))
  var minimize: [String] = []

  @Option(name: .long, help: ArgumentHelp("Columns to make large.", valueName: "columns"))
  var maximize: [String] = []

  @Option(name: .long, help: ArgumentHelp("Further columns to keep.", valueName: "columns"))
  var metric: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A metric's unit, where no header has it; repeatable.", valueName: "metric=unit"))
  var unit: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("What feasible designs respect; repeatable.", valueName: "metric<=number"))
  var limit: [String] = []

  @Option(name: .long, help: ArgumentHelp("Column that names the workload.", valueName: "column"))
  var workload: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Numeric columns that describe the workload.", valueName: "columns"))
  var contextFeatures: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Column that says whether a design works: 1/0, true/false, yes/no.", valueName: "column"))
  var feasible: String?

  @Option(name: .long, help: ArgumentHelp("Column that says why not.", valueName: "column"))
  var reason: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Cell of an objective that means an infeasible design; repeatable.", valueName: "word"))
  var infeasibleValue: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Condition that means an infeasible design, for example 'status != ok'.",
      valueName: "condition"))
  var infeasibleWhen: String?

  @Option(name: .long, help: ArgumentHelp("Column with the design's name.", valueName: "column"))
  var designId: String?

  @Option(
    name: .long, help: ArgumentHelp("Column with the part of the data.", valueName: "column"))
  var split: String?

  @Option(name: .long, help: "comma, semicolon, tab or bar; found from the header by default.")
  var separator: String?

  /// The roles, those of the options over those of the file.
  func resolve() throws -> LogRoles {
    var own = LogRoles()
    own.parameters = params.isEmpty ? nil : columns(params)
    own.parametersExcept = paramsExcept.isEmpty ? nil : columns(paramsExcept)
    if own.parameters != nil, own.parametersExcept != nil {
      throw UserError(
        problem: "--params and --params-except are both there, expected one of them")
    }
    own.declared = try kind.map { try LogRoles.declaration($0, at: "--kind") }
    own.objectives =
      columns(minimize).map { Objective(.minimize, $0) }
      + columns(maximize).map { Objective(.maximize, $0) }
    own.metrics = columns(metric)
    own.units = try unit.map { try LogRoles.unit($0, at: "--unit") }
    own.limits = try limit.map { try LogRoles.limit($0, at: "--limit") }
    own.workload = workload
    own.contextFeatures = columns(contextFeatures)
    own.feasible = feasible
    own.reason = reason
    own.infeasibleValues = infeasibleValue
    own.infeasibleWhen = infeasibleWhen
    own.designID = designId
    own.split = split
    own.separator = separator
    return try roles.map { own.over(try LogRoles(readingFile: $0)) } ?? own
  }

  private func columns(_ options: [String]) -> [String] {
    options.flatMap { $0.split(separator: ",").map { String($0.trimmed) } }.filter { !$0.isEmpty }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = self
    while text.first?.isWhitespace ?? false { text.removeFirst() }
    while text.last?.isWhitespace ?? false { text.removeLast() }
    return text
  }
}
