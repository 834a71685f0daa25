import ArgumentParser
import Execution
import LinearAlgebra
import OfflineDesign
import Workflows

struct OfflineTrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learns from a log and keeps what was learned, for many questions.",
    discussion: """
      The model answers questions of offline propose and offline rank in seconds, under any limit on any metric of the \
      log and about any workload, also new ones. It holds the log's designs; equal logs and seeds give equal files.

      --model-kind prime trains the network of PRIME (arXiv 2110.11346) instead: pessimistic about infeasible designs and \
      about designs that the network itself finds good. It learns limits as infeasible designs, so give them here.

      Example: dovetail offline train edge.sqlite -o edge.model
      """)

  @Argument(help: "The log.", completion: .file())
  var log: String

  @Option(
    name: .long, help: ArgumentHelp("Space of the log, where it has several.", valueName: "name"))
  var space: String?

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("File for the model.", valueName: "file"), completion: .file())
  var out: String

  @Option(
    name: .long,
    help: ArgumentHelp("committee, or prime for PRIME's network.", valueName: "name"))
  var modelKind = ModelKind.committee

  @OptionGroup(title: "PRIME's network") var prime: PrimeTrainingOptions

  @OptionGroup var learning: LearningOptions

  func validate() throws {
    guard modelKind == .committee else { return }
    if let name = prime.firstGiven {
      throw UserError(problem: "--\(name): goes with --model-kind prime, got a committee")
    }
  }

  func run() async throws {
    BLASRuntime.useOneThread()
    var progress = ProgressLine(isQuiet: learning.quiet)
    if modelKind == .prime {
      let study = try prime.open(log: log, space: space)
      let options = try prime.options(learning)
      let model = try OfflineModel(training: study, prime: options) { progress.update($0) }
      progress.finish()
      try model.write(to: out)
      let scores = model.prime?.rankCorrelations ?? []
      let texts = scores.map { $0.isFinite ? "\(($0 * 1000).rounded() / 1000)" : "unknown" }
      try Terminal.output(
        "\(out): PRIME's network, rank correlation on held-out rows "
          + texts.joined(separator: ", ") + "\n")
      return
    }
    var question = OfflineStudy.Question()
    question.space = space
    question.hasEveryMetric = true
    let study = try OfflineStudy(log: log, question: question)
    let model = try OfflineModel(
      training: study, options: try learning.committeeOptions()
    ) { progress.update($0) }
    progress.finish()
    try model.write(to: out)
    let rows = model.study.offline.designs.rowCount
    let count = model.study.offline.designs.contexts.count
    try Terminal.output(
      "\(out): learned from \(rows) row\(rows == 1 ? "" : "s") "
        + "of \(count) workload\(count == 1 ? "" : "s")\n")
    try Terminal.output(
      model.assessment.text(
        hiding: "the best fifth of every workload", of: model.study.offline.designs))
  }
}

enum ModelKind: String, ExpressibleByArgument, CaseIterable {
  case committee
  case prime
}

/// How PRIME's network is trained.
struct PrimeTrainingOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("attention as published, or mlp; mlp unless given.", valueName: "name"))
  var variant: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Weight of designs the network finds good; 0.01 unless given.", valueName: "number"))
  var alpha: Double?

  @Option(
    name: .long,
    help: ArgumentHelp("Weight of infeasible designs; 0.01 unless given.", valueName: "number"))
  var beta: Double?

  @Option(
    name: .long,
    help: ArgumentHelp("Weight of the order of pairs; 0 unless given.", valueName: "number"))
  var ranking: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "firefly as published, or gradient: where designs the network finds good are from.",
      valueName: "name"))
  var negatives: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "File that training is kept in now and then, and goes on from where it exists.",
      valueName: "file"), completion: .file())
  var checkpoint: String?

  @Option(
    name: .long, help: ArgumentHelp("Experts that vote; 1 unless given.", valueName: "count"))
  var experts: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Networks from different seeds; 1 unless given.", valueName: "count"))
  var networks: Int?

  @Option(
    name: .long, help: ArgumentHelp("Steps of training; 4000 unless given.", valueName: "count"))
  var steps: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Limit that is learned; repeatable.", valueName: "metric<=number"))
  var limit: [String] = []

  /// The first option that was given.
  var firstGiven: String? {
    let given: [(String, Bool)] = [
      ("variant", variant != nil), ("alpha", alpha != nil), ("beta", beta != nil),
      ("ranking", ranking != nil), ("negatives", negatives != nil),
      ("checkpoint", checkpoint != nil),
      ("experts", experts != nil), ("networks", networks != nil), ("steps", steps != nil),
      ("limit", !limit.isEmpty),
    ]
    return given.first { $0.1 }?.0
  }

  func open(log: String, space: String?) throws -> OfflineStudy {
    var question = OfflineStudy.Question()
    question.space = space
    question.limits = try limit.map { try LogRoles.limit($0, at: "--limit") }
    return try OfflineStudy(log: log, question: question).under(question.limits)
  }

  func options(_ learning: LearningOptions) throws -> PrimeOptions {
    var options = PrimeOptions()
    if let variant {
      guard let known = PrimeOptions.Variant(rawValue: variant) else {
        throw UserError(
          problem: "--variant: got \"\(variant)\", expected attention or mlp")
      }
      options.variant = known
    }
    if let negatives {
      guard let known = PrimeOptions.Mining(rawValue: negatives) else {
        throw UserError(
          problem: "--negatives: got \"\(negatives)\", expected firefly or gradient")
      }
      options.mining = known
    }
    for (name, value) in [("alpha", alpha), ("beta", beta), ("ranking", ranking)] {
      guard let value, !(value >= 0 && value <= 100) else { continue }
      throw UserError(problem: "--\(name): got \(value), expected a number in 0...100")
    }
    for (name, value, most) in [
      ("experts", experts, 64), ("networks", networks, 64), ("steps", steps, 10_000_000),
    ] {
      guard let value, !(1...most).contains(value) else { continue }
      throw UserError(problem: "--\(name): got \(value), expected a number in 1...\(most)")
    }
    options.alpha = alpha ?? options.alpha
    options.beta = beta ?? options.beta
    options.rankingWeight = ranking ?? options.rankingWeight
    options.checkpoint = checkpoint
    options.expertCount = experts ?? options.expertCount
    options.memberCount = networks ?? options.memberCount
    options.stepCount = steps ?? options.stepCount
    options.seed = Seed(learning.seed)
    options.threadCount = learning.threads
    return options
  }
}
