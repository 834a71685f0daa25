import ArgumentParser
import DesignSpace
import Execution
import Foundation
import LinearAlgebra
import Workflows

struct CodesignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codesign",
    abstract:
      "Searches hardware and the schedule of every layer together, for energy-delay product.",
    discussion: """
      A study names an architecture template, workloads, a method, a budget and a baseline, which gets the same mapper \
      and the proposal's whole mapping budget. Every machine is on the disk before the next begins: after Ctrl-C or a \
      kill, --resume goes on with the same machines and mappings. Exit code 1 when nothing was feasible.

      Example: dovetail codesign Configs/studies/codesign-dqn-168.yaml --out runs/dqn
      """)

  @Argument(help: "Study file (YAML).", completion: .file(extensions: ["yaml"]))
  var study: String?

  @Option(
    name: .long, help: ArgumentHelp("Go on with this run folder.", valueName: "folder"),
    completion: .directory)
  var resume: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Run folder; Logs/DATE-codesign-NAME unless given. One of the same study is gone on with.",
      valueName: "folder"), completion: .directory)
  var out: String?

  @Option(
    name: .long, help: ArgumentHelp("Seed, instead of the study's.", valueName: "number"))
  var seed: UInt64?

  @Option(
    name: .long,
    help: ArgumentHelp("Threads that search layers; all cores unless given.", valueName: "number"))
  var threads: Int?

  @OptionGroup var executor: ExecutorOptions

  @Flag(name: .long, help: "Write one JSON object.")
  var json = false

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw UserError(problem: "--threads: got \(threads), expected 1 to 1024")
    }
    if (study == nil) == (resume == nil) {
      throw UserError(
        problem: study == nil
          ? "got neither a study nor --resume, expected one of them"
          : "got a study and --resume, expected one of them",
        hint: "dovetail codesign STUDY.yaml, or dovetail codesign --resume FOLDER")
    }
    if resume != nil && (out != nil || seed != nil) {
      throw UserError(
        problem: "--resume: got --out or --seed, too; the run folder says them",
        hint: "leave them out")
    }
  }

  func run() async throws {
    BLASRuntime.useOneThread()
    let folder: String
    var file: CoSearchFile
    if let resume {
      let resolved = "\(resume)/resolved.yaml"
      guard FileManager.default.fileExists(atPath: resolved) else {
        throw UserError(
          problem: "--resume: \(resume): no resolved.yaml, expected a run folder",
          hint: "run folders are made by dovetail codesign STUDY.yaml --out FOLDER")
      }
      file = try CoSearchFile(readingFile: resolved)
      folder = resume
    } else {
      file = try CoSearchFile(readingFile: study ?? "")
      if let seed { file.seed = seed }
      folder = out ?? freshRunFolder(of: "codesign", named: file.name)
    }
    file.executor = try executor.settings(insteadOf: file.executor)
    let threadCount = threads ?? ProcessInfo.processInfo.activeProcessorCount
    var progress = ProgressLine(isQuiet: quiet)
    let finding: CoSearchFinding
    let search: CoSearch
    var begun: CoSearch?
    do {
      search = try CoSearch(file, folder: folder, threadCount: threadCount)
      begun = search
      func tell(_ state: CoSearch.Progress) { progress.update(Self.line(state)) }
      finding = try await search.run(
        takesOver: executor.takeOver, progress: tell, message: executor.messages(isQuiet: quiet))
    } catch is CancellationError {
      progress.finish()
      // In a task of its own, which the interrupt has not cancelled; a second one ends the program.
      if let begun, let found = try await Task.detached(operation: { try begun.recorded() }).value {
        try write(found, of: begun)
      }
      Terminal.message("go on with: dovetail codesign --resume \(folder)")
      throw CancellationError()
    } catch let error as CoSearchError {
      progress.finish()
      Terminal.message("error: \(error)")
      throw ExitCode(error.isInfeasible ? 1 : 2)
    } catch let error as DesignSpaceError {
      progress.finish()
      Terminal.message("error: \(error)")
      throw ExitCode(1)
    }
    progress.finish()
    try write(finding, of: search)
    if finding.proposal == nil { throw ExitCode(1) }
  }

  private func write(_ finding: CoSearchFinding, of search: CoSearch) throws {
    try Terminal.output(json ? finding.json(of: search) + "\n" : finding.text(of: search))
    let page = try writeReport(finding.report(of: search), to: search.folder)
    if !json { try Terminal.output("report: \(page)\nrun folder: \(search.folder)\n") }
  }

  private static func line(_ state: CoSearch.Progress) -> String {
    var text =
      "\(state.phase): \(state.machineCount) of \(state.budget) machines"
    if state.layerCount > 0 {
      text += ", \(state.layerCount) of \(state.layerBudget) layers of the next"
    }
    if let best = state.best { text += ", best \(String(format: "%.5g", best))" }
    if let seconds = state.secondsLeft { text += ", \(Int(seconds.rounded(.up))) s left" }
    return text
  }
}
