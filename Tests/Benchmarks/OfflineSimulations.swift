import Accelerator
import CostModel
import DesignSpace
import Execution
import Foundation
import Quantities
import Study
import Synchronization
import Workflows

/// Simulations of designs, kept in a file so that none is made twice.
final class OfflineSimulations: Sendable {
  private let evaluator: TemplateEvaluator
  private let workloads: [String: ResolvedWorkload]
  private let areaLimit: Double
  private let known: Mutex<[String: Double]>
  private let file: String

  /// - Parameter networks: Workload files by name.
  init(template: String, networks: [String: String], areaLimit: Double, file: String) throws {
    let template = try ArchitectureTemplate(readingFile: template)
    workloads = try networks.mapValues { try Workflows.readWorkload(path: $0).0 }
    evaluator = TemplateEvaluator(template, workloads: Array(workloads.values))
    self.areaLimit = areaLimit
    self.file = file
    var known: [String: Double] = [:]
    if let text = try? String(contentsOfFile: file, encoding: .utf8) {
      for line in text.split(separator: "\n") {
        let cells = line.split(separator: ",")
        guard cells.count == 2, let value = Double(cells[1]) else { continue }
        known[String(cells[0])] = value
      }
    }
    self.known = Mutex(known)
  }

  /// The designs.
  var space: SearchSpace { evaluator.template.space }

  /// The latency of a design on a network in ms; `nil` where it does not work or is too large.
  ///
  /// A design over the area limit needs no mapping to be judged; it counts as a simulation all the same.
  func latency(of point: Point, on network: String) throws -> Double? {
    let key = network + point.coordinates.map { ";\(Int($0))" }.joined()
    if let value = known.withLock({ $0[key] }) { return value.isFinite ? value : nil }
    var value = Double.infinity
    if let machine = try? evaluator.template.machine(at: point),
      AreaModel(of: machine.architecture).total.squareMillimeters <= areaLimit,
      let workload = workloads[network],
      case .measured(let values) = try evaluator.outcome(of: point, on: workload)
    {
      value = values[0]
    }
    known.withLock { $0[key] = value }
    return value.isFinite ? value : nil
  }

  /// The latencies of many designs, several at once.
  func latencies(of points: [Point], on network: String, threadCount: Int) throws -> [Double?] {
    var result = [Double?](repeating: nil, count: points.count)
    try concurrentJobs(count: points.count, threadCount: threadCount) { index in
      Result { try self.latency(of: points[index], on: network) }
    } receive: { index, value in
      result[index] = try value.get()
    }
    return result
  }

  /// Writes everything that is known.
  func save() throws {
    let text = known.withLock { known in
      known.keys.sorted().map { "\($0),\(known[$0] ?? .infinity)\n" }.joined()
    }
    try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
  }
}
