import BayesianOptimization
import DesignSpace
import Execution
import Foundation
import Search
import Study

/// How many evaluations of ZigZag a search needs without a prior, with the embedded model as one, and with a misleading one.
///
///     multi-fidelity [--out FILE] [--seeds 5] [--evaluations 60]
///
/// ZigZag's answers are looked up in a table of all designs. Rows: problem, prior, seed, n, and the best feasible value after n
/// evaluations as a multiple of the table's best one (empty while nothing is feasible); all evaluations count. Runs that the file
/// holds already are not played again; the script builds the programs first. On stderr: evaluations until within 1 % of the best.
enum FidelityBenchmark {
  static let priors = ["none", "embedded", "misleading"]
  /// What counts as found: a multiple of the best value.
  static let close = 1.01

  static func run(_ arguments: [String]) throws {
    var out = "Tests/Benchmarks/Results/multi-fidelity.csv"
    var seeds = 5
    var evaluations = 60
    var rest = arguments[...]
    while let option = rest.popFirst() {
      let value = rest.popFirst() ?? ""
      switch (option, Int(value)) {
      case ("--out", _) where !value.isEmpty: out = value
      case ("--seeds", let count?) where count >= 1: seeds = count
      case ("--evaluations", let count?) where count >= 1: evaluations = count
      default: throw FidelityTable.Failure.wrongOption(option, value)
      }
    }
    let url = URL(fileURLWithPath: out)
    var known = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    if known.isEmpty {
      known = "problem,prior,seed,n,multiple\n"
      try Data(known.utf8).write(to: url)
    }
    let file = try FileHandle(forWritingTo: url)
    try file.seekToEnd()
    for name in FidelityTable.problems.map(\.name) {
      let table = try FidelityTable(name)
      let (embedded, misleading) = try table.priors()
      for prior in priors {
        var found: [Int] = []
        for seed in 0..<seeds {
          let key = "\(name),\(prior),\(seed)"
          let earlier = multiples(key, in: known)
          if earlier.count >= evaluations {
            found.append(within(earlier, evaluations))
            continue
          }
          let cheap = prior == "none" ? nil : prior == "embedded" ? embedded : misleading
          let curve = try play(table, cheap, seed: seed, evaluations: evaluations)
          found.append(within(curve, evaluations))
          // A shorter run that is there is a beginning of this one.
          let lines = curve.enumerated().dropFirst(earlier.count).map { index, multiple in
            "\(key),\(index + 1),\(multiple.isFinite ? String(format: "%.5f", multiple) : "")\n"
          }
          try file.write(contentsOf: Data(lines.joined().utf8))
        }
        FileHandle.standardError.write(Data("\(name) \(prior): within 1 % at \(found)\n".utf8))
      }
    }
  }

  /// The values of a run that the file holds, by evaluation.
  private static func multiples(_ key: String, in known: String) -> [Double] {
    known.split(separator: "\n").filter { $0.hasPrefix("\(key),") }.map {
      $0.split(separator: ",", omittingEmptySubsequences: false).last.flatMap { Double($0) }
        ?? .infinity
    }
  }

  /// The first evaluation close to the best; one more than all if never.
  private static func within(_ curve: [Double], _ evaluations: Int) -> Int {
    (curve.prefix(evaluations).firstIndex { $0 <= close } ?? evaluations) + 1
  }

  private static func play(
    _ table: FidelityTable, _ cheap: CheapModel?, seed: Int, evaluations: Int
  ) throws -> [Double] {
    let root = Seed(UInt64(seed))
    var designer = BayesianDesigner(table.problem, cheap: cheap, seed: root)
    var best = Double.infinity
    var curve: [Double] = []
    while curve.count < evaluations {
      var generator = root.child("request", curve.count).generator()
      guard let point = try designer.suggest(count: 1, using: &generator).first else { break }
      guard let outcome = table.outcomes[point] else { throw FidelityTable.Failure.unknownDesign }
      if let cost = table.problem.cost(of: outcome) { best = min(best, cost / table.optimum) }
      designer.observe([
        Trial(id: curve.count, point: point, outcome: outcome, origin: .init(evaluator: "table"))
      ])
      curve.append(best)
    }
    return curve
  }
}
