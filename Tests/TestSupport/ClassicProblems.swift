public import DesignSpace
import Foundation
public import Study

/// A problem with its evaluator and optimum.
public struct ClassicProblem: Sendable {
  /// What is searched; one metric, minimized.
  public var problem: Problem
  /// The evaluator.
  public var evaluate: @Sendable (Point) -> Outcome
  /// The smallest value.
  public var optimum: Double

  private init(
    _ name: String, _ space: SearchSpace, optimum: Double,
    _ evaluate: @escaping @Sendable (SearchSpace, Point) -> Outcome
  ) throws {
    problem = try Problem(
      name: name, space: space, metrics: [Metric("value")],
      objectives: [Objective(.minimize, "value")])
    self.evaluate = { evaluate(space, $0) }
    self.optimum = optimum
  }

  /// A bowl over six integers of 21 values, lowest away from the center.
  public static func bowl() throws -> ClassicProblem {
    let space = try SearchSpace(parameters: (0..<6).map { try .integer("x\($0)", 0...20) })
    return try ClassicProblem("bowl", space, optimum: 0) { _, point in
      let targets: [Double] = [3, 17, 8, 12, 5, 14]
      let value = zip(point.coordinates, targets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return .measured([value])
    }
  }

  /// Compute and memory under a known area constraint, with hidden failures of three designs in ten.
  ///
  /// Larger arrays are faster until the area is used up; the optimum is on the constraint, found by enumeration.
  public static func constrained() throws -> ClassicProblem {
    let space = try SearchSpace(
      parameters: [
        .integer("pe_x", 1...16), .integer("pe_y", 1...16), .levels("lanes", [1, 2, 4, 8, 16, 32]),
        .levels("memory", [16, 32, 64, 128, 256, 512, 1_024]),
        .categories("flow", ["weight", "output", "row"]),
      ],
      constraints: [
        "pe_x * pe_y * (lanes * 0.02 + 0.05) + memory * 0.01 <= 20", "pe_x <= 2 * pe_y",
      ])
    return try ClassicProblem("constrained", space, optimum: 0) { space, point in
      let values = space.parameters.indices.map { index -> Double in
        if case .number(let value) = space.value(of: index, at: point) { return value }
        return point.coordinates[index]
      }
      let (x, y, lanes, memory, flow) = (values[0], values[1], values[2], values[3], values[4])
      // A rule of the evaluator that nobody wrote down.
      if (x * 7 + y * 3 + lanes).truncatingRemainder(dividingBy: 10) < 3 {
        return .infeasible(Infeasibility(.hidden("no mapping")))
      }
      let waste = (128 / x).rounded(.up) * (96 / y).rounded(.up) * (64 / lanes).rounded(.up)
      let traffic = 40_000 / memory * (flow == 1 ? 1 : flow == 2 ? 1.3 : 1.7)
      return .measured([waste + traffic])
    }
  }

  /// Ackley's function over three nominal parameters of 17 labels in shuffled order and two real ones.
  ///
  /// - SeeAlso: Ackley 1987, "A connectionist machine for genetic hillclimbing".
  public static func ackley5() throws -> ClassicProblem {
    let labels = (0..<17).map { "v\($0)" }
    let space = try SearchSpace(
      parameters: (1...3).map { try .categories("c\($0)", labels) }
        + (1...2).map { try .real("r\($0)", -1...1) })
    return try ClassicProblem("ackley5", space, optimum: 0) { _, point in
      let x = point.coordinates.enumerated().map { index, coordinate in
        index < 3
          ? -32.768 + 4.096 * Double((7 * Int(coordinate) + 3) % 17) : coordinate
      }
      let squares = x.reduce(0) { $0 + $1 * $1 } / 5
      let cosines = x.reduce(0) { $0 + cos(2 * Double.pi * $1) } / 5
      let value = -20 * exp(-0.2 * squares.squareRoot()) - exp(cosines) + 20 + exp(1)
      return .measured([value])
    }
  }
}
