import DesignSpace
import Execution
import Foundation
import Study

@testable import Surrogate

/// Small problems with known answers.
enum SurrogateProblems {
  /// Every kind of parameter, a condition and a constraint.
  static func mixedSpace() throws -> SearchSpace {
    try SearchSpace(
      parameters: [
        .integer("pe", 1...8), .levels("buffer", [4, 8, 16, 64]),
        .categories("flow", ["ws", "os", "rs"]), .boolean("sparse"),
        .integer("group", 1...4).active(when: "sparse", isOneOf: [true]),
        .real("clock", 0.5...2), .real("skew", -1...1),
        .integer("words", 16...100_000),
        .permutation("order", of: ["K", "C", "P"]),
      ], constraints: ["pe * buffer <= 256"])
  }

  static func problem(_ space: SearchSpace, goal: Objective.Goal = .minimize) throws -> Problem {
    try Problem(
      name: "test", space: space, metrics: [Metric("latency"), Metric("area")],
      objectives: [Objective(goal, "latency")])
  }

  /// Four parameters of six values.
  static func grid() throws -> SearchSpace {
    try SearchSpace(parameters: (0..<4).map { try .integer("p\($0)", 0...5) })
  }

  /// A bowl with its lowest point at 2, 2, 2, 2; the area is the sum of the coordinates.
  static func bowl(_ point: Point, scale: Double = 1) -> [Double] {
    let finite = point.coordinates.filter(\.isFinite)
    return [
      scale * (1 + finite.reduce(0) { $0 + ($1 - 2) * ($1 - 2) }), finite.reduce(0, +),
    ]
  }

  static func trial(_ id: Int, _ point: Point, _ outcome: Outcome, _ context: String = "") -> Trial
  {
    Trial(
      id: id, point: point, context: context, outcome: outcome, origin: .init(evaluator: "test"))
  }

  /// Random designs of the grid; where the first coordinate is 5 nothing works.
  static func bowlTrials(
    _ count: Int, seed: UInt64, contexts: [String] = [""], hasInfeasible: Bool = true
  ) throws -> [Trial] {
    let space = try grid()
    var generator = Seed(seed).generator()
    return try (0..<count).map { id in
      let point = try space.sampler.sample(using: &generator)
      let fails = hasInfeasible && point.coordinates[0] == 5
      let context = id % contexts.count
      return trial(
        id, point,
        fails
          ? .infeasible(Infeasibility(.hidden("")))
          : .measured(bowl(point, scale: Double(context + 1))), contexts[context])
    }
  }

  static func bowlData(_ count: Int = 300, seed: UInt64 = 1, hasInfeasible: Bool = true) throws
    -> SurrogateData
  {
    try SurrogateData(
      problem: problem(grid()),
      trials: bowlTrials(count, seed: seed, hasInfeasible: hasInfeasible))
  }

  /// A network that trains in a second.
  static func smallPerceptron(_ data: SurrogateData, expertCount: Int = 1)
    -> NetworkArchitecture
  {
    .perceptron(
      blockWidths: data.encoding.blockWidths, contextWidth: data.contexts.width,
      hiddenWidths: [16, 16], expertCount: expertCount)
  }

  static func smallAttention(_ data: SurrogateData) -> NetworkArchitecture {
    var shape = AttentionShape()
    shape.width = 8
    shape.headCount = 1
    shape.hiddenCount = 12
    shape.layerCount = 1
    return NetworkArchitecture(
      blockWidths: data.encoding.blockWidths, contextWidth: data.contexts.width,
      trunk: .attention(shape), hiddenWidths: [16], expertCount: 2)
  }

  static func quickOptions(_ steps: Int) -> TrainingOptions {
    var options = TrainingOptions()
    options.stepCount = steps
    options.learningRate = 6e-3
    options.batchCount = 32
    options.infeasibleCount = 16
    options.validationInterval = 20
    var swarm = NegativeMining.SwarmOptions()
    swarm.count = 8
    options.mining = .firefly(swarm)
    return options
  }
}
