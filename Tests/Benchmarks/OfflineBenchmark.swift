import DesignSpace
import Execution
import Foundation
import LinearAlgebra
import OfflineDesign
import Search
import Study
import Workflows

/// Design from logs on PRIME's template, end to end: logs, models, proposals, and a simulation of every proposal.
///
/// Every run is one line of `offline-runs.csv`; runs that are there are not made again. Latencies of the first 1, 16 and 64
/// proposals are those of the best working one. `evolution` and `random` simulate; `single`, `multi` and `zero-shot` know
/// the log only: the network's own rows, all networks' rows, all other networks' rows. `prime` is the published loss with
/// the perceptron on the network's own rows, `prime-multi` the contextual network on all rows.
struct OfflineBenchmark {
  static let counts = [1, 16, 64]
  static let evolutionCounts = [1, 16, 64, 256]
  static let networks = [
    "gru-speech", "bert-base-layer-128", "mobilenet-v2", "unet", "resnet50", "mobilenet-v3-large",
  ]
  static let results = "Tests/Benchmarks/Results"

  let setting: OfflineSetting
  let simulations: OfflineSimulations
  let threadCount: Int
  private var runs: [String: [String]] = [:]
  private var order: [String] = []
  private let file = "\(results)/offline-runs.csv"

  /// - Parameter arguments: Methods to run, all without any; `--threads N`, `--seeds N`.
  static func run(_ arguments: [String]) async throws {
    BLASRuntime.useOneThread()
    func number(_ option: String, _ standard: Int) -> Int {
      guard let place = arguments.firstIndex(of: option), place + 1 < arguments.count else {
        return standard
      }
      return Int(arguments[place + 1]) ?? standard
    }
    let all = ["random", "single", "multi", "zero-shot", "evolution", "prime", "prime-multi"]
    let named = arguments.filter(all.contains)
    var benchmark = try OfflineBenchmark(threadCount: number("--threads", 2))
    let seeds = number("--seeds", 5)
    for method in named.isEmpty ? all : named {
      for seed in 1...seeds { try await benchmark.run(method, seed: UInt64(seed)) }
    }
    try OfflineSummary(runs: benchmark.runs, setting: benchmark.setting).write()
  }

  private init(threadCount: Int) throws {
    self.threadCount = threadCount
    let folder = ".build/offline-benchmark"
    setting = try OfflineSetting(
      splitFile: "\(Self.results)/offline-split.csv", shipped: "Logs/prime-edge-six-networks",
      folder: folder)
    var files: [String: String] = [:]
    for name in Self.networks { files[name] = "Configs/workloads/\(name).yaml" }
    simulations = try OfflineSimulations(
      template: "Configs/templates/prime-edge.yaml", networks: files,
      areaLimit: setting.areaLimit, file: "\(folder)/simulations.csv")
    if let text = try? String(contentsOfFile: file, encoding: .utf8) {
      for line in text.split(separator: "\n").dropFirst() {
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        keep(cells)
      }
    }
  }

  private static func key(_ method: String, _ network: String, _ seed: UInt64) -> String {
    "\(method),\(network),\(seed)"
  }

  private mutating func keep(_ cells: [String]) {
    let key = cells.prefix(3).joined(separator: ",")
    if runs[key] == nil { order.append(key) }
    runs[key] = cells
  }

  private mutating func record(_ cells: [String]) throws {
    keep(cells)
    let header =
      "method,network,seed,best_1_ms,best_16_ms,best_64_ms,best_256_ms,working_16,working_64,"
      + "abstained,cpu_seconds,curve\n"
    let text =
      header
      + order.compactMap { runs[$0]?.joined(separator: ",") }
      .map { $0 + "\n" }.joined()
    try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
    try simulations.save()
    FileHandle.standardOutput.write(Data((cells.prefix(9).joined(separator: ",") + "\n").utf8))
  }

  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private mutating func run(_ method: String, seed: UInt64) async throws {
    let pending = Self.networks.filter { runs[Self.key(method, $0, seed)] == nil }
    guard !pending.isEmpty else { return }
    switch method {
    case "evolution":
      for network in pending { try await evolve(network, seed) }
    case "random":
      for network in pending { try await draw(network, seed) }
    case "multi", "prime-multi":
      try propose(method, pending, trainedOn: Self.networks, called: "all", seed)
    default:
      for network in pending {
        let others = Self.networks.filter { $0 != network }
        let isZeroShot = method == "zero-shot"
        try propose(
          method, [network], trainedOn: isZeroShot ? others : [network],
          called: isZeroShot ? "without-\(network)" : network, seed)
      }
    }
  }

  // MARK: Without simulations

  private mutating func propose(
    _ method: String, _ targets: [String], trainedOn networks: [String], called name: String,
    _ seed: UInt64
  ) throws {
    var question = OfflineStudy.Question()
    question.limits = [MetricLimit("area_mm2", .atMost, setting.areaLimit)]
    let study = try OfflineStudy(
      log: try setting.log(of: networks, called: name), question: question)
    let limited = try study.under(question.limits)
    let own = try OfflineStudy(
      log: try setting.log(of: Self.networks, called: "all"), question: question
    )
    .under(question.limits)
    let start = Self.processorSeconds()
    var model: OfflineModel?
    var prime: PrimeModel?
    if method.hasPrefix("prime") {
      var options = PrimeOptions()
      options.seed = Seed(seed)
      options.threadCount = threadCount
      prime = try PrimeModel(training: limited, options: options) { _ in }
    } else {
      var options = CommitteeOptions()
      options.seed = Seed(seed)
      options.threadCount = threadCount
      model = try OfflineModel(training: study, options: options) { _ in }
    }
    let trained = (Self.processorSeconds() - start) / Double(targets.count)
    for target in targets {
      guard let context = own.offline.designs.contexts.first(where: { $0.name == target }) else {
        throw BenchmarkProblem("no features of \(target)")
      }
      let begin = Self.processorSeconds()
      let points: [Point]
      var hasAbstained = false
      let logged = own.designs(of: target)
      if let prime {
        points = try prime.propose(
          count: 64, for: context, leavingOut: Set(logged), seed: Seed(seed)
        ).entries.map(\.point)
      } else if let model {
        var options = ProposalOptions()
        options.count = 64
        let proposal = try OfflineProposal(
          asking: model, about: limited, for: context, proposals: options, seed: Seed(seed),
          isForced: true
        ) { _ in }
        hasAbstained = proposal.trust != .supported
        // A new workload's own log was not seen; its designs would be found by luck, and do not count.
        let known = Set(logged)
        points = proposal.designs.map(\.point).filter { !known.contains($0) }
      } else {
        continue
      }
      let seconds = trained + Self.processorSeconds() - begin
      let latencies = try simulations.latencies(of: points, on: target, threadCount: threadCount)
      try record(
        [method, target, "\(seed)"] + Self.bests(latencies, Self.counts) + [""]
          + [16, 64].map { count in
            let first = latencies.prefix(count)
            return Self.digits(Double(first.count { $0 != nil }) / Double(max(1, first.count)))
          } + ["\(hasAbstained)", Self.digits(seconds), ""])
    }
  }

  // MARK: With simulations

  private mutating func evolve(_ network: String, _ seed: UInt64) async throws {
    let problem = try Problem(
      name: network, space: simulations.space, metrics: [Metric("latency_ms")],
      objectives: [Objective(.minimize, "latency_ms")])
    var designer = EvolutionDesigner(problem)
    let start = Self.processorSeconds()
    let count = setting.networks.first { $0.name == network }?.rowCount ?? 1000
    let simulations = simulations
    let result = try await runSearch(
      of: problem, with: &designer, budget: SearchBudget(evaluationCount: count),
      seed: Seed(seed), origin: Trial.Origin(evaluator: "benchmark")
    ) { point, _ in
      guard let latency = try simulations.latency(of: point, on: network) else {
        return .infeasible(Infeasibility(.hidden("")))
      }
      return .measured([latency])
    }
    try recordSearch("evolution", network, seed, result.trials, problem, since: start)
  }

  private mutating func draw(_ network: String, _ seed: UInt64) async throws {
    let problem = try Problem(
      name: network, space: simulations.space, metrics: [Metric("latency_ms")],
      objectives: [Objective(.minimize, "latency_ms")])
    var designer = RandomDesigner(problem)
    let start = Self.processorSeconds()
    let simulations = simulations
    let result = try await runSearch(
      of: problem, with: &designer, budget: SearchBudget(evaluationCount: 256), seed: Seed(seed),
      origin: Trial.Origin(evaluator: "benchmark")
    ) { point, _ in
      guard let latency = try simulations.latency(of: point, on: network) else {
        return .infeasible(Infeasibility(.hidden("")))
      }
      return .measured([latency])
    }
    try recordSearch("random", network, seed, result.trials, problem, since: start)
  }

  private mutating func recordSearch(
    _ method: String, _ network: String, _ seed: UInt64, _ trials: [Trial], _ problem: Problem,
    since start: Double
  ) throws {
    let latencies = trials.map { problem.cost(of: $0.outcome) }
    var curve: [String] = []
    var best = Double.infinity
    for (index, latency) in latencies.enumerated() {
      if let latency, latency < best {
        best = latency
        curve.append("\(index + 1):\(latency)")
      }
    }
    try record(
      [method, network, "\(seed)"] + Self.bests(latencies, Self.evolutionCounts)
        + ["", "", "false", Self.digits(Self.processorSeconds() - start)]
        + [curve.joined(separator: " ")])
  }

  private static func bests(_ latencies: [Double?], _ counts: [Int]) -> [String] {
    counts.map { count in
      latencies.prefix(count).compactMap { $0 }.min().map { "\($0)" } ?? "inf"
    }
  }

  static func digits(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
