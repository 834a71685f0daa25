import ArgumentParser
import DesignSpace
import Distribution
import Foundation
import LinearAlgebra
import Study
import Workflows

struct SweepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Finds the best design under limits that move: how much does a larger budget buy?",
    discussion: """
      A sweep file names one or two limits that move (a metric, a parameter, or an expression over parameters), who answers, \
      a budget for all steps together, and seeds. Engines: explore evaluates designs, offline asks a model of a log and \
      simulates nothing, codesign searches hardware and schedules together. Tight limits come first, and every step is told \
      what the steps before it found, so that a looser limit is never reported worse. After Ctrl-C or a kill, --resume goes on \
      with the same designs. The report has the curve with its knee, what binds and what changes from step to step. Exit code 1 \
      when no step has an answer, 130 after Ctrl-C.

      Example: dovetail sweep Configs/sweeps/gemmini-mlp-area.yaml --out runs/sweep
      """)

  @Argument(help: "Sweep file (YAML).", completion: .file(extensions: ["yaml"]))
  var sweep: String?

  @Option(
    name: .long, help: ArgumentHelp("Go on with this run folder.", valueName: "folder"),
    completion: .directory)
  var resume: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Run folder; Logs/DATE-sweep-NAME unless given.", valueName: "folder"),
    completion: .directory)
  var out: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Evaluations, or machines, of all steps, instead of the file's.", valueName: "number"))
  var budget: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Evaluations, layers or models at once. Results do not depend on it.", valueName: "number"))
  var threads: Int?

  @OptionGroup var executor: ExecutorOptions

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "With engine explore, search at random, too, with as many evaluations; by default where the embedded model evaluates."
    ))
  var randomComparison: Bool?

  @Flag(
    name: .long, help: "Write one JSON object a workload (with codesign all together) and step.")
  var json = false

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func validate() throws {
    if (sweep == nil) == (resume == nil) {
      throw UserError(
        problem:
          "got \(sweep == nil ? "neither a sweep file nor" : "a sweep file and") --resume, expected one of them",
        hint: "dovetail sweep SWEEP.yaml, or dovetail sweep --resume FOLDER")
    }
    if resume != nil, out != nil || budget != nil {
      throw UserError(
        problem: "--resume: got --out or --budget, too; the run folder says them", hint: nil)
    }
    if let threads, !(1...1_024).contains(threads) {
      throw UserError(problem: "--threads: got \(threads), expected 1 to 1024")
    }
  }

  func run() async throws {
    BLASRuntime.useOneThread()
    let (file, folder) = try input()
    let settings = try executor.settings(insteadOf: nil)
    if let settings, settings.kind != .local, file.engine == .offline {
      throw UserError(
        problem: "--executor: got \(settings.kind.rawValue), expected none with engine: offline",
        hint: "an offline sweep evaluates nothing")
    }
    let sweep = try Sweep(
      file, folder: folder, threadCount: threads, isComparedWithRandom: randomComparison,
      executor: settings, takesOver: executor.takeOver, message: executor.messages(isQuiet: quiet))
    var progress = ProgressLine(isQuiet: quiet, isTimed: true)
    var best: Double?
    let result: Sweep.Findings
    do {
      result = try await sweep.run { state in
        progress.update(Self.line(state), isStep: state.best != best)
        best = state.best
      }
    } catch is CancellationError {
      progress.finish()
      Terminal.message("go on with: dovetail sweep --resume \(folder)")
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
    try Terminal.output(json ? result.json : result.text)
    let page = try writeReport(result.report, to: folder)
    if !json { try Terminal.output("report: \(page)\n") }
    if result.isInterrupted {
      Terminal.message("go on with: dovetail sweep --resume \(folder)")
      throw CancellationError()
    }
    if !result.isFeasible { throw ExitCode(1) }
  }

  private func input() throws -> (SweepFile, folder: String) {
    if let resume {
      let path = "\(resume)/sweep.yaml"
      guard FileManager.default.fileExists(atPath: path) else {
        throw UserError(
          problem: "--resume: \(resume): no sweep.yaml, expected the run folder of a sweep",
          hint: "run folders are made by dovetail sweep SWEEP.yaml --out FOLDER")
      }
      return (try SweepFile(readingFile: path), resume)
    }
    var file = try SweepFile(readingFile: sweep ?? "")
    if let budget {
      guard file.engine != .offline else {
        throw UserError(
          problem:
            "--budget: got \(budget), expected none with engine: offline, which evaluates nothing")
      }
      let least = file.sweep.reduce(1) { $0 * $1.values.count }
      guard (least...1_000_000).contains(budget) else {
        throw UserError(problem: "--budget: got \(budget), expected \(least) to 1000000")
      }
      file.budget = budget
    }
    return (file, out ?? freshRunFolder(of: "sweep", named: file.name))
  }

  private static func line(_ state: Sweep.Progress) -> String {
    var text =
      "step \(min(state.finishedStepCount + 1, state.stepCount)) of \(state.stepCount), "
      + state.limits.map(\.description).joined(separator: ", ") + ": \(state.doing)"
    if let best = state.best { text += ", best \(String(format: "%.5g", best))" }
    return text
  }
}
