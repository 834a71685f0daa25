import ArgumentParser
import Distribution
import Execution
import Foundation
import Interchange
import SimulationLog
import Workflows

struct LogGenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Makes a log: random designs of a template, evaluated on workloads.",
    discussion: """
      Designs are drawn until every workload has the wanted number of feasible rows; infeasible ones are rows, too, with \
      what overflowed. A row is on the disk before the next. After an interruption the same command goes on where it \
      ended. Rows do not depend on --threads.

      Example: dovetail log generate --template Configs/templates/prime-edge.yaml --workload \
      Configs/workloads/mobilenet-v2.yaml --count 100 --seed 1 --out edge.sqlite
      """)

  @Option(
    name: .long, help: ArgumentHelp("Architecture file with expressions.", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var template: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Workload or network files, separated by commas; repeatable.", valueName: "files"),
    completion: .file(extensions: ["yaml", "onnx"]))
  var workload: [String]

  @Option(name: .long, help: "Feasible rows wanted of every workload.")
  var count: Int

  @Option(name: .long, help: "Seed of the designs.")
  var seed: UInt64 = 0

  @Option(name: .long, help: "The log; made, or continued when the same command began it.")
  var out: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Most rows of a workload; 100 x count + 1000 by default.", valueName: "count"))
  var maximumRows: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Mappings tried for a layer.", valueName: "count"))
  var mappings = TemplateEvaluator.standardEvaluationLimit

  @Option(name: .long, help: "Evaluations at once; all cores by default.")
  var threads: Int?

  @OptionGroup var executor: ExecutorOptions

  @Flag(name: .long, help: "Write the summary as JSON.")
  var json = false

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func run() async throws {
    try check(count, "--count", in: 1...100_000_000)
    try check(mappings, "--mappings", in: 1...100_000_000)
    if let maximumRows { try check(maximumRows, "--maximum-rows", in: 1...1_000_000_000) }
    if let threads { try check(threads, "--threads", in: 1...1_024) }
    let paths = workload.flatMap { $0.split(separator: ",").map(String.init) }
    var workloads: [ResolvedWorkload] = []
    for path in paths {
      let (resolved, warnings) = try readWorkload(path: path)
      for warning in warnings { Terminal.message("warning: \(path): \(warning)") }
      workloads.append(resolved)
    }
    var generation = try LogGeneration(
      template: try ArchitectureTemplate(readingFile: template), workloads: workloads,
      feasibleCount: count, rowLimit: maximumRows, seed: Seed(seed),
      threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount,
      evaluationLimit: mappings)
    if let settings = try executor.settings(insteadOf: nil), settings.kind != .local {
      generation.executor = LogGeneration.Executor(
        settings, template: template, workloads: paths, takesOver: executor.takeOver,
        message: executor.messages(isQuiet: quiet))
    }
    let progress = SharedProgressLine(isQuiet: quiet)
    let summary: GenerationSummary
    do {
      summary = try await generation.run(out: out) { progress.update($0) }
    } catch {
      progress.finish()
      throw error
    }
    progress.finish()
    try Terminal.output(json ? summary.json + "\n" : summary.text)
    if let short = summary.workloads.first(where: { !$0.isComplete }) {
      Terminal.message(
        "error: \(short.name): \(short.feasibleCount) feasible designs in \(short.rowCount), "
          + "expected \(count)\nhint: raise --maximum-rows, or look at the reasons above")
      throw ExitCode(1)
    }
  }

  private func check(_ value: Int, _ option: String, in range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw UserError(
        problem: "\(option): got \(value), expected \(range.lowerBound) to \(range.upperBound)")
    }
  }
}
