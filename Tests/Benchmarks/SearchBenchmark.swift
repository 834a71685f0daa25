import BayesianOptimization
import DesignSpace
import Dispatch
import Execution
import Foundation
import Search
import Study

/// Plays problems with designers and writes the best feasible value after so many evaluations, all of which count.
///
///     search --out FILE [--seeds 10] [--problems a,b] [--designers a,b] [--batches 1,8] [--evaluations 100]
///            [--service PROGRAM]
///
/// `--problems prime` are those of `SearchTemplate`. A designer named `bayesian+limits`, `bayesian+workload` or
/// `bayesian+misleading` begins with earlier studies (`SearchTransfer`); `bayesian-exploring` and `bayesian-sharing` are
/// variants that are not the default.
///
/// Rows: problem, designer, batch, seed, n, best (empty while nothing is feasible). Runs that the file holds already are
/// not played again, so an interrupted benchmark goes on. On stderr: processor time of a suggestion, refits included.
enum SearchBenchmark {
  static let checkpoints = [10, 20, 25, 30, 50, 75, 100, 150, 200, 300, 500]

  private struct Setting {
    var out = "search.csv"
    var seeds = 10
    var problems = SearchProblem.classics
    var designers = ["random", "evolution", "bayesian"]
    var batches = [1]
    var evaluations = 100
    var service: String?

    init(_ arguments: [String]) throws {
      var rest = arguments[...]
      while let option = rest.popFirst(), let value = rest.popFirst() {
        let list = value.split(separator: ",").map(String.init)
        switch option {
        case "--out": out = value
        case "--seeds": seeds = Int(value) ?? seeds
        case "--problems": problems = list == ["prime"] ? SearchTemplate.names : list
        case "--designers": designers = list
        case "--batches": batches = list.compactMap { Int($0) }
        case "--evaluations": evaluations = Int(value) ?? evaluations
        case "--service": service = value
        default: throw SearchService.Failure.answer("unknown option \(option)")
        }
      }
    }
  }

  static func run(_ arguments: [String]) throws {
    let setting = try Setting(arguments)
    let url = URL(fileURLWithPath: setting.out)
    let known = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    var done: Set<String> = []
    for line in known.split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      if cells.count == 6, cells[4] == "\(setting.evaluations)" {
        done.insert(cells[..<4].joined(separator: ","))
      }
    }
    if known.isEmpty {
      try Data("problem,designer,batch,seed,n,best\n".utf8).write(to: url)
    }
    let file = try FileHandle(forWritingTo: url)
    try file.seekToEnd()
    for name in setting.problems {
      for designer in setting.designers {
        for batch in setting.batches {
          var finals: [Double] = []
          var seconds = 0.0
          for seed in 0..<setting.seeds {
            let key = "\(name),\(designer),\(batch),\(seed)"
            guard !done.contains(key) else { continue }
            let searched = try problem(name, setting)
            let kinds = designer.split(separator: "+", maxSplits: 1).map(String.init)
            let transfer = try kinds.dropFirst().first.flatMap { SearchTransfer.Kind(rawValue: $0) }
              .map { kind in
                try SearchTransfer(kind: kind, service: setting.service ?? "")
                  .studies(for: name, problem: searched.problem, seed: seed)
              }
            let (curve, time) = try play(
              searched, kinds[0], transfer ?? TransferredStudies([]), batch: batch, seed: seed,
              evaluations: setting.evaluations)
            seconds += time
            finals.append(curve.last ?? .infinity)
            var text = ""
            for n in Set(checkpoints + [setting.evaluations]).sorted() where n <= curve.count {
              let best = curve[n - 1]
              text += "\(key),\(n),\(best.isFinite ? "\(best)" : "")\n"
            }
            try file.write(contentsOf: Data(text.utf8))
          }
          guard !finals.isEmpty else { continue }
          let time = seconds / Double(finals.count * setting.evaluations) * 1_000
          FileHandle.standardError.write(
            Data(
              "\(name) \(designer) batch \(batch): \(Int(time.rounded())) ms a suggestion, best \(finals.sorted().map { String(format: "%.4g", $0) }.joined(separator: " "))\n"
                .utf8))
        }
      }
    }
  }

  private static func problem(_ name: String, _ setting: Setting) throws -> SearchProblem {
    if let classic = try SearchProblem.classic(name) { return classic }
    if let template = try SearchTemplate.problem(name) { return template }
    guard let service = setting.service else {
      throw SearchService.Failure.answer("unknown problem \(name); pass --service PROGRAM")
    }
    return try SearchService.problem(name, of: service)
  }

  /// The best value after every evaluation, and seconds of processor time for all suggestions.
  private static func play(
    _ searched: SearchProblem, _ kind: String, _ transfer: TransferredStudies, batch: Int,
    seed: Int, evaluations: Int
  ) throws -> (curve: [Double], seconds: Double) {
    let problem = searched.problem
    let root = Seed(UInt64(seed))
    guard var designer = designer(kind, problem, transfer, root) else {
      throw SearchService.Failure.answer("unknown designer \(kind)")
    }
    var curve: [Double] = []
    var best = Double.infinity
    var ticks = 0
    while curve.count < evaluations {
      var generator = root.child("request", curve.count).generator()
      let start = clock()
      let points = try designer.suggest(
        count: min(batch, evaluations - curve.count), using: &generator)
      ticks += clock() - start
      guard !points.isEmpty else { break }
      var trials: [Trial] = []
      for point in points {
        let outcome = try searched.evaluate(point)
        if let cost = problem.cost(of: outcome) { best = min(best, cost) }
        trials.append(
          Trial(id: curve.count, point: point, outcome: outcome, origin: .init(evaluator: kind)))
        curve.append(best)
      }
      let told = clock()
      try designer.observe(trials)
      ticks += clock() - told
    }
    if let counts = (designer as? BayesianDesigner)?.transferCounts, counts.offered > 0 {
      FileHandle.standardError.write(
        Data("transfer used in \(counts.used) of \(counts.offered) models\n".utf8))
    }
    return (curve, Double(ticks) / Double(CLOCKS_PER_SEC))
  }

  /// Variants that are not the default: UCB-PE for batches, and a context kernel for transfer.
  private static func bayesian(
    _ kind: String, _ problem: Problem, _ transfer: TransferredStudies, _ seed: Seed
  ) -> BayesianDesigner {
    var options = BayesianDesigner.Options()
    if kind == "bayesian-exploring" { options.batchRule = .pureExploration }
    if kind == "bayesian-sharing" { options.sharesProcesses = true }
    return BayesianDesigner(problem, options: options, transfer: transfer, seed: seed)
  }

  private static func designer(
    _ kind: String, _ problem: Problem, _ transfer: TransferredStudies, _ seed: Seed
  ) -> (any Designer)? {
    switch kind {
    case "random": RandomDesigner(problem)
    case "quasirandom": QuasiRandomDesigner(problem, seed: seed)
    case "evolution": EvolutionDesigner(problem)
    case "firefly": FireflyDesigner(problem)
    case "bayesian": BayesianDesigner(problem, transfer: transfer, seed: seed)
    case "bayesian-exploring", "bayesian-sharing": bayesian(kind, problem, transfer, seed)
    case "evolution-started":
      WarmStartDesigner(
        EvolutionDesigner(problem), of: problem,
        startingWith: transfer.elites(for: problem, total: 10))
    case "model-based": ModelBasedDesigner(problem, seed: seed)
    case "portfolio": PortfolioDesigner.standard(problem, seed: seed)
    case "adaptive": PortfolioDesigner.standard(problem, isAdaptive: true, seed: seed)
    default: nil
    }
  }
}
