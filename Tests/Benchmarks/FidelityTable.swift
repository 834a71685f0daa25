import BayesianOptimization
import DesignSpace
import Execution
import Foundation
import Interchange
import Study
import Workflows

/// What ZigZag says of every design of a space, and problems that ask about it.
struct FidelityTable {
  enum Failure: Error, CustomStringConvertible {
    case unknownDesign, noFeasibleDesign, unknownProblem(String), wrongOption(String, String)

    var description: String {
      switch self {
      case .unknownDesign: "the table has no such design"
      case .noFeasibleDesign: "the table has no feasible design"
      case .unknownProblem(let name): "unknown problem \"\(name)\""
      case .wrongOption(let name, let value):
        "multi-fidelity: got \(name) \(value), expected --out FILE, --seeds or --evaluations from 1"
      }
    }
  }

  /// The problems by name: what is made small under which limit.
  static let problems: [(name: String, objective: String, limit: String?)] = [
    ("latency", "latency_ms", nil), ("energy-under-latency", "energy_mj", "latency_ms <= 25"),
    ("latency-under-energy", "latency_ms", "energy_mj <= 3"),
  ]
  /// Square micrometers, roughly, as in Configs/studies/explore-zigzag.yaml.
  private static let area =
    "array_rows * array_columns * (500 + 8 * register_bytes) + sram_kib * 4000 <= 1500000"

  let problem: Problem
  let outcomes: [Point: Outcome]
  /// The lowest cost of a design within area and limits.
  let optimum: Double

  /// Reads the table for one problem, from the repository's root.
  init(_ name: String) throws {
    guard let asked = Self.problems.first(where: { $0.name == name }) else {
      throw Failure.unknownProblem(name)
    }
    let file = try SpaceFile(readingFile: "Configs/spaces/zigzag.yaml").resolve()
    let space = try SearchSpace(
      parameters: file.parameters, constraints: file.constraints.map(\.text) + [Self.area])
    let problem = try Problem(
      name: name, space: space, metrics: [Metric("latency_ms"), Metric("energy_mj")],
      objectives: [Objective(.minimize, asked.objective)],
      limits: try asked.limit.map { [try MetricLimit(parsing: $0)] } ?? [])
    var outcomes: [Point: Outcome] = [:]
    let width = space.parameters.count
    for line in try Self.lines("Tests/Benchmarks/Tables/zigzag-resnet18.csv.gz").dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let point = try space.point(
        zip(space.parameters, cells).map { $0.value(parsing: $1) })
      if let latency = Double(cells[width]), let energy = Double(cells[width + 1]) {
        outcomes[point] = problem.outcome(values: [latency, energy])
      } else {
        outcomes[point] = .infeasible(Infeasibility(.hidden(cells[width + 2])))
      }
    }
    let costs = outcomes.compactMap { point, outcome in
      space.isLegal(point) ? problem.cost(of: outcome) : nil
    }
    guard let optimum = costs.min() else { throw Failure.noFeasibleDesign }
    self.problem = problem
    self.outcomes = outcomes
    self.optimum = optimum
  }

  /// The embedded model as a prior, and the same with its answers dealt to other designs.
  func priors() throws -> (embedded: CheapModel, misleading: CheapModel) {
    let entry = EmbeddedPrior.Entry(
      template: "Configs/templates/zigzag.yaml",
      workload: "Tests/Benchmarks/Tables/resnet18-three-layers.yaml")
    let prior = try EmbeddedPrior(entry, for: problem, at: "benchmark").model
    let points = outcomes.keys.sorted {
      $0.coordinates.lexicographicallyPrecedes($1.coordinates)
    }
    var dealt = points
    var generator = Seed(7).child("misleading").generator()
    for place in dealt.indices {
      dealt.swapAt(place, place + generator.index(below: dealt.count - place))
    }
    let other = Dictionary(uniqueKeysWithValues: zip(points, dealt))
    let answers = prior.answers
    return (prior, CheapModel { points in answers(points.map { other[$0] ?? $0 }) })
  }

  private static func lines(_ path: String) throws -> [Substring] {
    let input = try InputBytes(file: path)
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try piece.withUnsafeMutableBytes { try input.read(into: $0) }
      if count == 0 { break }
      bytes += piece[..<count]
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
  }
}
