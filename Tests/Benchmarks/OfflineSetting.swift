import DesignSpace
import Foundation
import SimulationLog
import Study
import Workflows
import Workload

/// The offline benchmark's logs: the worse half of the shipped designs within the area limit, as the committed split says.
struct OfflineSetting {
  /// A network of the split.
  struct Network {
    var name: String
    /// No feasible row of the log is faster.
    var leastLatency: Double
    var poolBest: Double
    /// Rows of the log, feasible or not.
    var rowCount = 0
    /// The latency of the best row of the log within the limit.
    var bestLogged = Double.infinity
  }

  let areaLimit: Double
  private(set) var networks: [Network]
  /// Where logs are made, one a name.
  let folder: String
  private let trials: [LoggedTrial]
  private let catalog: LogCatalog

  /// Reads split and shipped log.
  ///
  /// - Throws: `BenchmarkProblem` where the log is not the one the split was made for.
  init(splitFile: String, shipped: String, folder: String) throws {
    self.folder = folder
    let lines = try String(contentsOfFile: splitFile, encoding: .utf8).split(separator: "\n")
    let cells = lines.dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }.filter { !$0[1].isEmpty }
    areaLimit = Double(cells[0][1]) ?? .nan
    networks = cells.map {
      Network(name: $0[0], leastLatency: Double($0[2]) ?? .nan, poolBest: Double($0[6]) ?? .nan)
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let whole = "\(folder)/shipped.sqlite"
    if !FileManager.default.fileExists(atPath: whole) {
      _ = try LogImport(inputs: [shipped], roles: LogRoles()).run(out: whole) { _ in }
    }
    let log = try TrialLog.open(file: whole)
    catalog = try log.catalog()
    var kept: [LoggedTrial] = []
    let names = catalog.contexts.map(\.name)
    var places: [Int: Int] = [:]
    for (place, network) in networks.enumerated() {
      guard let index = names.firstIndex(of: network.name) else {
        throw BenchmarkProblem("\(shipped): no workload \(network.name)")
      }
      places[index] = place
    }
    var own = networks
    let limit = areaLimit
    try log.forEachTrial { trial in
      guard let context = trial.context, let place = places[context] else { return true }
      let latency = trial.metrics[0]
      guard !trial.isFeasible || latency >= own[place].leastLatency else { return true }
      kept.append(trial)
      own[place].rowCount += 1
      if trial.isFeasible, trial.metrics[2] <= limit {
        own[place].bestLogged = min(own[place].bestLogged, latency)
      }
      return true
    }
    for (network, row) in zip(own, cells)
    where "\(network.rowCount)" != row[3] || network.bestLogged != network.leastLatency {
      throw BenchmarkProblem("\(network.name): the log is not the one the split was made for")
    }
    networks = own
    trials = kept
  }

  /// The log of some networks, made where it is not there yet.
  func log(of names: [String], called name: String) throws -> String {
    let file = "\(folder)/\(name).sqlite"
    guard !FileManager.default.fileExists(atPath: file) else { return file }
    var own = catalog
    own.contexts = catalog.contexts.filter { names.contains($0.name) }
    own.imports = []
    let known = own.contexts.map(\.name)
    let log = try TrialLog.create(file: file, catalog: own)
    try log.write { writer in
      for trial in trials {
        guard let context = trial.context,
          let place = known.firstIndex(of: catalog.contexts[context].name)
        else { continue }
        var copy = trial
        copy.context = place
        copy.id = 0
        _ = try writer.append(copy)
      }
    }
    return file
  }
}

/// Why a benchmark cannot run.
struct BenchmarkProblem: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
