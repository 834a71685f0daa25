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
      With --dataset: every candidate of a folder with a dataset.json, one table context,design_id,rank for each part of \
      the data.

      Example: dovetail offline rank --dataset Logs/gpu-convolution --out rankings
      """)

  @Option(
    name: .long, help: ArgumentHelp("Folder with a dataset.json.", valueName: "folder"),
    completion: .directory)
  var dataset: String

  @Option(
    name: .long, help: ArgumentHelp("Folder for the rankings.", valueName: "folder"),
    completion: .directory)
  var out: String

  @OptionGroup var learning: LearningOptions

  func run() async throws {
    BLASRuntime.useOneThread()
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
