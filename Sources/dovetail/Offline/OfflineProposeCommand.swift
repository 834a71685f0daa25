import ArgumentParser
import Execution
import Foundation
import LinearAlgebra
import OfflineDesign
import Study
import Workflows

struct OfflineProposeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose",
    abstract: "Proposes designs of a log's space that no one has simulated, best first.",
    discussion: """
      Every proposal has a predicted objective with an 80 % interval, a probability that it works, and how far it is from \
      the nearest logged design. First the best rows of the log are hidden and looked for; where the models do no better \
      than chance there is no proposal (exit code 1), unless it is forced.

      A workload that the log has not seen is described by a network file (for logs of dovetail log generate) or by \
      --feature. With --model nothing is learned again, and the answer comes in seconds.

      Example: dovetail offline propose edge.sqlite --workload mobilenet-v2 --limit 'area_mm2<=29' --count 8
      """)

  @Argument(
    help: "The log; with --model a later log of the same space, or none.", completion: .file())
  var log: String?

  @OptionGroup var source: OfflineSourceOptions

  @Option(name: .long, help: ArgumentHelp("The workload to design for.", valueName: "name"))
  var workload: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Network the log has not seen: ONNX or YAML.", valueName: "file"),
    completion: .file(extensions: ["yaml", "onnx"]))
  var network: String?

  @Option(
    name: .long,
    help: ArgumentHelp("A feature of a workload the log has not seen.", valueName: "name=number"))
  var feature: [String] = []

  @Option(name: [.customShort("k"), .long], help: ArgumentHelp("Designs.", valueName: "number"))
  var count = 16

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Parameters in which every two proposals differ at least; 1 unless given.",
      valueName: "number"))
  var apart = 1

  @Flag(name: .long, help: "Propose even where the log does not support it.")
  var force = false

  @Flag(name: .long, help: "Logged designs may be proposed again.")
  var allowLogged = false

  @Option(
    name: .long, help: ArgumentHelp("File for the proposals as CSV.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var out: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Folder for a page with charts and tables.", valueName: "folder"),
    completion: .directory)
  var report: String?

  @Flag(name: .long, help: "Write the answer as JSON.")
  var json = false

  @OptionGroup var learning: LearningOptions

  func validate() throws {
    guard count >= 1 else {
      throw UserError(problem: "--count: got \(count), expected a number from 1")
    }
    guard apart >= 1 else {
      throw UserError(problem: "--apart: got \(apart), expected a number from 1")
    }
  }

  func run() async throws {
    BLASRuntime.useOneThread()
    var progress = ProgressLine(isQuiet: learning.quiet)
    let features = try feature.map { text -> (name: String, value: Double) in
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let value = Double(parts[1]), value.isFinite else {
        throw UserError(
          problem: "--feature: got \"\(text)\", expected a name and a number, such as macs=3e8")
      }
      return (String(parts[0]), value)
    }
    let described = try network.map { file in
      let (resolved, warnings) = try Workflows.readWorkload(path: file)
      for warning in warnings { Terminal.message("warning: \(file): \(warning)") }
      return resolved.network
    }
    let committee = try learning.committeeOptions()
    let (model, study, known) = try source.open(log: log, options: committee) {
      progress.update($0)
    }
    let context = try study.context(name: workload, network: described, features: features)
    var options = ProposalOptions()
    options.count = count
    options.allowsLogged = allowLogged
    options.leastDifference = apart
    var proposal = try OfflineProposal(
      asking: model, about: study, for: context, proposals: options, seed: committee.seed,
      isForced: force
    ) { progress.update($0) }
    proposal.limits += known.limits.map(\.description)
    progress.finish()
    try Terminal.output(json ? proposal.json + "\n" : proposal.text)
    if let out { try writeFile(proposal.csv, to: out, option: "--out") }
    if let report {
      let names = [source.model, log].compactMap { $0 }
      let page = try writeReport(
        proposal.report(from: names.joined(separator: ", ")), to: report)
      Terminal.message("report: \(page)")
    }
    if proposal.designs.isEmpty { throw ExitCode(1) }
  }
}

/// Writes a file whole or not at all.
func writeFile(_ text: String, to file: String, option: String) throws {
  do {
    try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
  } catch {
    throw UserError(
      problem: "\(option): \(file) cannot be written",
      hint: "give a file in a folder that exists and may be written to")
  }
}
