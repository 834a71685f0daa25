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
      objective, limits, designer and budget; earlier logs to learn from; how many designs may be outstanding. Every \
      evaluation is on the disk before anything is learned from it: after Ctrl-C or a kill, --resume goes on with the same \
      designs. At the end stand what the objective depends on, and what one change of the best design does. Exit code 1 when \
      nothing was feasible, 130 after Ctrl-C.

      Example: dovetail explore Configs/studies/gemmini-mlp.yaml --budget 12 --out runs/gemmini

      In tasks of a scheduler, here of processes, with the same results:

      Example: dovetail explore Configs/studies/gemmini-mlp.yaml --budget 8 --parallel 4 --executor processes --out runs/tasks
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

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Designs that may be outstanding, instead of the study's; decides what is proposed.",
      valueName: "number"))
  var parallel: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Evaluations at once; by default all that are outstanding, or all cores. Results do not depend on it.",
      valueName: "number"))
  var threads: Int?

  @OptionGroup var executor: ExecutorOptions

  @Flag(
    inversion: .prefixedNo,
    help: "At the end, say what matters and evaluate the neighbors of the best design.")
  var whatIf = true

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Search at random, too, with as many evaluations, in the folder random of the run; by default where the embedded model evaluates."
    ))
  var randomComparison: Bool?

  @Flag(name: .long, help: "Write one JSON object a workload.")
  var json = false

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    for (value, name, range) in [
      (budget, "--budget", 1...1_000_000), (parallel, "--parallel", 1...1_000),
      (threads, "--threads", 1...1_024),
    ] {
      guard let value, !range.contains(value) else { continue }
      throw UserError(
        problem: "\(name): got \(value), expected \(range.lowerBound) to \(range.upperBound)")
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
    if resume != nil && (out != nil || designer != nil || seed != nil || parallel != nil) {
      throw UserError(
        problem:
          "--resume: got --out, --designer, --seed or --parallel, too; the run folder says them",
        hint: "only --budget may be raised, and --executor changed")
    }
  }

  func run() async throws {
    BLASRuntime.useOneThread()
    let (file, folder) = try input()
    let exploration = try Exploration(file, folder: folder, threadCount: threads)
    if !quiet {
      for note in exploration.notes { Terminal.message(note) }
      if let reason = exploration.designer.reason {
        Terminal.message("designer: \(exploration.designer.choice.rawValue), \(reason)")
      }
    }
    var progress = ProgressLine(isQuiet: quiet, isTimed: true)
    var best: Double?
    var result: Exploration.Result
    do {
      func tell(_ state: Exploration.Progress) {
        progress.update(Self.line(state), isStep: state.best != best)
        best = state.best
      }
      result = try await exploration.run(
        isAnalyzed: whatIf, takesOver: executor.takeOver, progress: tell,
        message: executor.messages(isQuiet: quiet))
      if randomComparison ?? exploration.isComparedByDefault {
        best = nil
        try await exploration.compareWithRandom(
          &result, takesOver: executor.takeOver, message: executor.messages(isQuiet: quiet)
        ) { state in
          progress.update("random search: \(Self.line(state))", isStep: state.best != best)
          best = state.best
        }
      }
    } catch let error as DesignSpaceError {
      progress.finish()
      Terminal.message("error: \(error)")
      throw ExitCode(1)
    }
    progress.finish()
    for finding in result.findings {
      try Terminal.output(
        json ? finding.json(of: exploration) + "\n" : finding.text(of: exploration))
    }
    let page = try writeReport(try exploration.report(result.findings), to: folder)
    if !json {
      if result.cachedCount > 0 {
        try Terminal.output("answered from earlier runs: \(result.cachedCount) evaluations\n")
      }
      for line in result.nodes { try Terminal.output(line + "\n") }
      try Terminal.output("report: \(page)\nrun folder: \(folder)\n")
    }
    if result.isInterrupted {
      Terminal.message("go on with: dovetail explore --resume \(folder)")
      throw CancellationError()
    }
    if result.findings.allSatisfy({ $0.best == nil && $0.bestTransferred == nil }) {
      throw ExitCode(1)
    }
  }

  private func input() throws -> (StudyFile, folder: String) {
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
      if let parallel { file.parallel = parallel }
      folder = out ?? freshRunFolder(of: "explore", named: file.name)
    }
    if let budget { file.budget = budget }
    file.executor = try executor.settings(insteadOf: file.executor)
    return (file, folder)
  }

  private static func line(_ state: Exploration.Progress) -> String {
    var text = state.workload.isEmpty ? "" : "\(state.workload): "
    let share = Double(state.feasibleCount) / Double(max(1, state.evaluationCount))
    text +=
      "\(state.evaluationCount) of \(state.budget) evaluations, \(Int((100 * share).rounded())) % feasible"
    if let best = state.best { text += ", best \(String(format: "%.5g", best))" }
    if let seconds = state.secondsLeft { text += ", \(Int(seconds.rounded(.up))) s left" }
    return text
  }
}
