import ArgumentParser
import DesignSpace
import Execution
import Foundation
import LinearAlgebra
import Search
import Workflows

struct ExploreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract:
      "Searches for the best design with an evaluator at hand, in as few evaluations as possible.",
    discussion: """
      A study names space, evaluator (the embedded cost model over a template, or a program that speaks JSON lines), \
      objective, limits, designer and budget. Every evaluation is on the disk before the next begins: after Ctrl-C or a \
      kill, --resume goes on with the same designs. Exit code 1 when nothing was feasible.

      Example: dovetail explore Configs/studies/gemmini-resnet18.yaml --budget 40 --out runs/gemmini
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
      "Run folder; Logs/DATE-explore-NAME unless given. One of the same study is gone on with.",
      valueName: "folder"), completion: .directory)
  var out: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Evaluations, instead of the study's.", valueName: "number"))
  var budget: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Instead of the study's: auto, \(DesignerChoice.names.joined(separator: ", ")).",
      valueName: "name"))
  var designer: String?

  @Option(
    name: .long, help: ArgumentHelp("Seed, instead of the study's.", valueName: "number"))
  var seed: UInt64?

  @Flag(name: .long, help: "Write one JSON object a workload.")
  var json = false

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    if let budget, !(1...1_000_000).contains(budget) {
      throw UserError(problem: "--budget: got \(budget), expected 1 to 1000000")
    }
    if study == nil && resume == nil {
      throw UserError(
        problem: "got neither a study nor --resume, expected one of them",
        hint: "dovetail explore STUDY.yaml, or dovetail explore --resume FOLDER")
    }
    if study != nil && resume != nil {
      throw UserError(
        problem: "got a study and --resume, expected one of them",
        hint: "--resume reads the study from the run folder")
    }
    if resume != nil && (out != nil || designer != nil || seed != nil) {
      throw UserError(
        problem: "--resume: got --out, --designer or --seed, too; the run folder says them",
        hint: "only --budget may be raised")
    }
  }

  func run() async throws {
    BLASRuntime.useOneThread()
    var file: StudyFile
    let folder: String
    if let resume {
      let resolved = "\(resume)/resolved.yaml"
      guard FileManager.default.fileExists(atPath: resolved) else {
        throw UserError(
          problem: "--resume: \(resume): no resolved.yaml, expected a run folder",
          hint: "run folders are made by dovetail explore STUDY.yaml --out FOLDER")
      }
      file = try StudyFile(readingFile: resolved)
      folder = resume
    } else {
      file = try StudyFile(readingFile: study ?? "")
      if let designer { file.designer = designer }
      if let seed { file.seed = seed }
      folder = out ?? Self.freshFolder(file.name)
    }
    if let budget { file.budget = budget }
    let exploration = try Exploration(file, folder: folder)
    if let reason = exploration.designer.reason, !quiet {
      Terminal.message("designer: \(exploration.designer.choice.rawValue), \(reason)")
    }
    var progress = ProgressLine(isQuiet: quiet)
    let findings: [Exploration.Finding]
    do {
      findings = try await exploration.run { state in
        progress.update(Self.line(state))
      }
    } catch is CancellationError {
      progress.finish()
      Terminal.message("go on with: dovetail explore --resume \(folder)")
      throw CancellationError()
    } catch let error as DesignSpaceError {
      progress.finish()
      Terminal.message("error: \(error)")
      throw ExitCode(1)
    }
    progress.finish()
    for finding in findings {
      try Terminal.output(
        json ? finding.json(of: exploration) + "\n" : finding.text(of: exploration))
    }
    if !json { try Terminal.output("run folder: \(folder)\n") }
    if findings.allSatisfy({ $0.best == nil }) { throw ExitCode(1) }
  }

  private static func line(_ state: Exploration.Progress) -> String {
    var text = state.workload.isEmpty ? "" : "\(state.workload): "
    let share = Double(state.feasibleCount) / Double(max(1, state.evaluationCount))
    text +=
      "\(state.evaluationCount) of \(state.budget) evaluations, \(Int((100 * share).rounded())) % feasible"
    if let best = state.best { text += ", best \(shortNumber(best))" }
    if let seconds = state.secondsLeft { text += ", \(Int(seconds.rounded(.up))) s left" }
    return text
  }

  private static func shortNumber(_ value: Double) -> String {
    String(format: "%.5g", value)
  }

  private static func freshFolder(_ name: String) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd'T'HHmmss"
    let plain = name.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : "-" }
    return "Logs/\(formatter.string(from: Date()))-explore-\(String(plain))"
  }
}
