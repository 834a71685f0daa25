import Foundation

/// What the runs of the offline benchmark say: ratios, geometric means over networks, medians over seeds.
struct OfflineSummary {
  private let runs: [[String]]
  private let setting: OfflineSetting

  init(runs: [String: [String]], setting: OfflineSetting) {
    self.runs = runs.keys.sorted().compactMap { runs[$0] }
    self.setting = setting
  }

  private func values(_ method: String, _ network: String, column: Int) -> [Double] {
    runs.filter { $0[0] == method && $0[1] == network }.compactMap { Double($0[column]) }
  }

  private static func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1
      ? sorted[middle] : (sorted[middle - 1] * sorted[middle]).squareRoot()
  }

  private static func mean(_ ratios: [Double]) -> Double {
    exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
  }

  /// Simulations after which evolution is as good as a latency, of each seed; infinite where it never is.
  private func simulations(_ network: String, toReach latency: Double) -> [Double] {
    runs.filter { $0[0] == "evolution" && $0[1] == network }.map { cells in
      for step in cells[11].split(separator: " ") {
        let parts = step.split(separator: ":")
        if let value = Double(parts[1]), value <= latency, let count = Double(parts[0]) {
          return count
        }
      }
      return .infinity
    }
  }

  /// The latency evolution has reached after some simulations, the median over seeds.
  private func evolved(_ network: String, _ count: Int) -> Double {
    Self.median(
      runs.filter { $0[0] == "evolution" && $0[1] == network }.map { cells in
        var best = Double.infinity
        for step in cells[11].split(separator: " ") {
          let parts = step.split(separator: ":")
          if let at = Int(parts[0]), at <= count, let value = Double(parts[1]) { best = value }
        }
        return best
      })
  }

  /// Ratios as cells, and the share of evolution's simulations that a check of the proposals does without.
  ///
  /// The last ratio is the number of simulations after which evolution is as good.
  private static func cells(_ ratios: [Double], _ count: Int) -> String {
    let saved = 1 - Double(count) / (ratios.last ?? .nan)
    return (ratios + [saved]).map(OfflineBenchmark.digits).joined(separator: ",")
  }

  /// Writes `offline-summary.csv` and prints it.
  func write() throws {
    var lines = [
      "method,proposals,network,median_ms,over_best_logged,worst_seed_over_best_logged,"
        + "over_evolution_256,over_evolution_equal,over_pool_best,evolution_simulations_to_match,"
        + "simulations_saved"
    ]
    let methods = ["single", "multi", "zero-shot", "prime", "prime-multi", "evolution", "random"]
    for method in methods {
      let columns =
        method == "evolution" || method == "random" ? [(256, 6)] : [(1, 3), (16, 4), (64, 5)]
      for (count, column) in columns {
        var ratios: [[Double]] = []
        for network in setting.networks {
          let own = values(method, network.name, column: column)
          guard !own.isEmpty else { continue }
          let latency = Self.median(own)
          // Where no proposal works, evolution is as good before its first simulation.
          let match =
            latency.isFinite ? Self.median(simulations(network.name, toReach: latency)) : 0
          let row = [
            network.bestLogged / latency, network.bestLogged / (own.max() ?? .nan),
            evolved(network.name, 256) / latency,
            evolved(network.name, network.rowCount) / latency, network.poolBest / latency, match,
          ]
          ratios.append(row)
          lines.append(
            "\(method),\(count),\(network.name),\(latency),\(Self.cells(row, count))")
        }
        guard ratios.count == setting.networks.count else { continue }
        let means = (0..<6).map { place in Self.mean(ratios.map { $0[place] }) }
        lines.append("\(method),\(count),geometric mean,,\(Self.cells(means, count))")
        let without = (0..<6).map { place in
          Self.mean(Array(ratios.map { $0[place] }.sorted().dropLast(2)))
        }
        lines.append(
          "\(method),\(count),without the two most favourable,,\(Self.cells(without, count))")
      }
    }
    let text = lines.joined(separator: "\n") + "\n"
    try Data(text.utf8).write(
      to: URL(fileURLWithPath: "\(OfflineBenchmark.results)/offline-summary.csv"),
      options: .atomic)
    print(text, terminator: "")
  }
}
