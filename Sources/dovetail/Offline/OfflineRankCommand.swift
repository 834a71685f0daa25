import ArgumentParser
import Execution
import Foundation
import LinearAlgebra
import OfflineDesign
import Workflows

struct OfflineRankCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "Orders given designs, best first, by what a log teaches.",
    discussion: """
      With --candidates: the designs of a table, one column a parameter of the log, by what a log or a model teaches; the \
      columns design_id and workload are used where there are any. --out gets all of them with predicted objective, \
      80 % interval, probability of working, and the number of parameters that differ from the nearest logged design.

      With --dataset: every candidate of a folder with a dataset.json, one table context,design_id,rank for each part of \
      the data, in the folder --out.

      Example: dovetail offline rank --candidates designs.csv --log edge.sqlite --out ranked.csv
      """)

  @Option(
    name: .long, help: ArgumentHelp("Folder with a dataset.json.", valueName: "folder"),
    completion: .directory)
  var dataset: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Table of designs, .csv or .csv.gz.", valueName: "file"),
    completion: .file(extensions: ["csv", "gz"]))
  var candidates: String?

  @Option(
    name: .long, help: ArgumentHelp("Log to learn from.", valueName: "file"), completion: .file())
  var log: String?

  @OptionGroup var source: OfflineSourceOptions

  @Option(
    name: .long,
    help: ArgumentHelp("Workload of all candidates, in place of a column.", valueName: "name"))
  var workload: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Column with the names of candidates; design_id unless given.", valueName: "name"))
  var idColumn: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Column with the workloads of candidates; workload unless given.", valueName: "name"))
  var workloadColumn: String?

  @Option(
    name: [.customShort("k"), .long],
    help: ArgumentHelp("Candidates shown of each workload.", valueName: "number"))
  var count = 16

  @Option(
    name: .long,
    help: ArgumentHelp("File for the order; with --dataset a folder.", valueName: "path"),
    completion: .file())
  var out: String?

  @OptionGroup var learning: LearningOptions

  func validate() throws {
    guard (dataset == nil) != (candidates == nil) else {
      throw UserError(
        problem:
          "got \(dataset == nil ? "neither --dataset nor --candidates" : "both --dataset and --candidates"), expected one of them"
      )
    }
    guard count >= 1 else {
      throw UserError(problem: "--count: got \(count), expected a number from 1")
    }
    if dataset != nil {
      guard out != nil else {
        throw UserError(problem: "--out: got nothing, expected a folder for the rankings")
      }
      let other = [
        ("--log", log), ("--model", source.model), ("--workload", workload),
        ("--id-column", idColumn), ("--workload-column", workloadColumn),
      ].first { $0.1 != nil }
      if let other {
        throw UserError(problem: "\(other.0): goes with --candidates, got --dataset")
      }
    }
  }

  func run() async throws {
    BLASRuntime.useOneThread()
    if let candidates {
      try rank(candidates)
    } else if let dataset, let out {
      try rank(dataset: dataset, out: out)
    }
  }

  private func rank(_ file: String) throws {
    var progress = ProgressLine(isQuiet: learning.quiet)
    let committee = try learning.committeeOptions()
    let (model, study, _) = try source.open(log: log, options: committee, isOfWholeSpace: true) {
      progress.update($0)
    }
    var columns = CandidateRanking.Columns()
    columns.id = idColumn
    columns.workload = workloadColumn
    columns.onlyWorkload = workload
    let ranking = try CandidateRanking(
      asking: model, about: study, of: file, columns: columns, seed: committee.seed
    ) { progress.update($0) }
    progress.finish()
    for note in ranking.notes { Terminal.message("note: \(note)") }
    try Terminal.output(ranking.text(showing: count))
    if let out { try writeFile(ranking.csv, to: out, option: "--out") }
  }

  private func rank(dataset: String, out: String) throws {
    let progress = SharedProgressLine(isQuiet: learning.quiet)
    var ranking = DatasetRanking()
    ranking.committee = try learning.committeeOptions()
    let result = try ranking.run(folder: dataset) { progress.update($0) }
    progress.finish()
    for note in result.notes { Terminal.message("note: \(note)") }
    let folder = "\(out)/\(result.dataset)"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for part in result.parts {
        let file = "\(folder)/\(part.name).csv"
        try Data(part.csv.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        let count = part.contexts.reduce(0) { $0 + $1.ids.count }
        try Terminal.output("\(file): \(count) designs of \(part.contexts.count) workloads\n")
      }
    } catch let code as ExitCode {
      throw code
    } catch {
      throw UserError(
        problem: "--out: \(folder) cannot be written",
        hint: "give a folder that exists or can be made")
    }
  }
}
