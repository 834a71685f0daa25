import ArgumentParser
import Foundation
import SimulationLog
import Workflows

struct LogAssessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assess",
    abstract: "Tells what a log can and cannot answer, and why.",
    discussion: """
      Duplicates and contradictions, feasibility by parameter level with 95 % intervals, levels and pairs never seen, \
      columns that say nothing new, the objective's distribution, noise, and how far a question is from the rows. A \
      workload the log has not seen is described by --feature. A log of several spaces is assessed space by space.

      Example: dovetail log assess convolution.sqlite --limit 'time_ms<=1.5'
      """)

  @OptionGroup var question: QuestionOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A feature of the workload asked about; repeatable.", valueName: "name=number"))
  var feature: [String] = []

  @Option(
    name: .long, help: ArgumentHelp("Folder for CSV tables.", valueName: "folder"),
    completion: .directory)
  var out: String?

  @Flag(name: .long, help: "Write the assessment as JSON, one object a space.")
  var json = false

  @Flag(name: .long, help: "No progress on standard error.")
  var quiet = false

  func run() async throws {
    let features = try feature.map { text -> (name: String, value: Double) in
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
        throw UserError(
          problem: "--feature: got \"\(text)\", expected a name and a number, such as C=64")
      }
      return (String(parts[0]), value)
    }
    var progress = ProgressLine(isQuiet: quiet)
    let assessments = try LogAssessmentRun.run(
      on: try TrialLog.open(file: question.log), question: try question.resolve(),
      features: features
    ) { progress.update($0) }
    progress.finish()
    for (index, assessment) in assessments.enumerated() {
      try Terminal.output(
        json ? assessment.json + "\n" : (index > 0 ? "\n" : "") + assessment.text)
      if let out {
        try write(assessment, to: assessments.count > 1 ? "\(out)/\(assessment.space)" : out)
      }
    }
  }

  private func write(_ assessment: LogAssessment, to folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for table in assessment.tables {
        try Data(table.content.utf8).write(
          to: URL(fileURLWithPath: folder).appendingPathComponent(table.name), options: .atomic)
      }
    } catch {
      throw UserError(
        problem: "--out: \(folder) cannot be written",
        hint: "give a folder that exists or can be made")
    }
  }
}
