import DesignSpace
import Foundation
import Study

/// A cheap problem to compare designers on; everything is minimized.
struct SearchProblem {
  let problem: Problem
  let evaluate: (Point) throws -> Outcome

  /// The names of the classic problems.
  static let classics = ["gardner2", "gramacy", "vessel", "reducer", "beam", "ackley5"]

  /// A classic problem; `nil` for an unknown name.
  static func classic(_ name: String) throws -> SearchProblem? {
    switch name {
    case "gardner2": try gardner()
    case "gramacy": try gramacy()
    case "vessel": try vessel()
    case "reducer": try reducer()
    case "beam": try beam()
    case "ackley5": try ackley()
    default: nil
    }
  }

  private init(
    _ name: String, _ parameters: [Parameter], constraintCount: Int,
    _ values: @escaping ([Double]) -> (Double, [Double])
  ) throws {
    let space = try SearchSpace(parameters: parameters)
    let names = (0..<constraintCount).map { "g\($0 + 1)" }
    let problem = try Problem(
      name: name, space: space, metrics: [Metric("cost")] + names.map { Metric($0) },
      objectives: [Objective(.minimize, "cost")],
      limits: names.map { MetricLimit($0, .atMost, 1e-9) })
    self.problem = problem
    evaluate = { point in
      let numbers = space.parameters.indices.map { index -> Double in
        guard case .number(let value)? = space.value(of: index, at: point) else {
          return point.coordinates[index]
        }
        return value
      }
      let (cost, constraints) = values(numbers)
      return problem.outcome(values: [cost] + constraints)
    }
  }

  init(_ problem: Problem, _ evaluate: @escaping (Point) throws -> Outcome) {
    self.problem = problem
    self.evaluate = evaluate
  }

  /// Simulation 2 of Gardner and others 2014, "Bayesian Optimization with Inequality Constraints"; optimum 0.2532.
  private static func gardner() throws -> SearchProblem {
    try SearchProblem(
      "gardner2", [.real("x", 0...6), .real("y", 0...6)], constraintCount: 1
    ) { v in
      (sin(v[0]) + v[1], [sin(v[0]) * sin(v[1]) + 0.95])
    }
  }

  /// The toy problem of Gramacy and others 2016, "Modeling an Augmented Lagrangian for Blackbox Constrained Optimization",
  /// section 1; optimum 0.5998.
  private static func gramacy() throws -> SearchProblem {
    try SearchProblem(
      "gramacy", [.real("x1", 0...1), .real("x2", 0...1)], constraintCount: 2
    ) { v in
      let wave = sin(2 * Double.pi * (v[0] * v[0] - 2 * v[1]))
      return (v[0] + v[1], [1.5 - v[0] - 2 * v[1] - 0.5 * wave, v[0] * v[0] + v[1] * v[1] - 1.5])
    }
  }

  /// The pressure vessel, thicknesses in sixteenths of an inch (Kannan and Kramer 1994); optimum 6059.714.
  private static func vessel() throws -> SearchProblem {
    try SearchProblem(
      "vessel",
      [.integer("n1", 1...99), .integer("n2", 1...99), .real("r", 10...200), .real("l", 10...200)],
      constraintCount: 3
    ) { v in
      let (shell, head, r, l) = (0.0625 * v[0], 0.0625 * v[1], v[2], v[3])
      let plates = 0.6224 * shell * r * l + 1.7781 * head * r * r
      let welds = 3.1661 * shell * shell * l + 19.84 * shell * shell * r
      let volume = Double.pi * r * r * l + 4 / 3.0 * Double.pi * r * r * r
      return (
        plates + welds, [0.0193 * r - shell, 0.00954 * r - head, 1 - volume / 1_296_000]
      )
    }
  }

  /// The speed reducer (Golinski 1973) with gear width bounds of Coello 2000; optimum 2994.471.
  private static func reducer() throws -> SearchProblem {
    try SearchProblem(
      "reducer",
      [
        .real("x1", 2.6...3.6), .real("x2", 0.7...0.8), .integer("x3", 17...28),
        .real("x4", 7.3...8.3), .real("x5", 7.3...8.3), .real("x6", 2.9...3.9),
        .real("x7", 5.0...5.5),
      ], constraintCount: 11
    ) { v in
      let (face, module, teeth, l1, l2, d1, d2) = (v[0], v[1], v[2], v[3], v[4], v[5], v[6])
      let square = module * module
      let gears =
        0.7854 * face * square * (3.3333 * teeth * teeth + 14.9334 * teeth - 43.0934)
      let bores = 1.508 * face * (d1 * d1 + d2 * d2)
      let shafts = 7.4777 * (d1 * d1 * d1 + d2 * d2 * d2)
      let lengths = 0.7854 * (l1 * d1 * d1 + l2 * d2 * d2)
      func stress(_ length: Double, _ torque: Double) -> Double {
        let bending = 745 * length / (module * teeth)
        return (bending * bending + torque).squareRoot()
      }
      let volume = face * square * teeth
      return (
        gears - bores + shafts + lengths,
        [
          27 / volume - 1, 397.5 / (volume * teeth) - 1,
          1.93 * l1 * l1 * l1 / (module * teeth * pow(d1, 4)) - 1,
          1.93 * l2 * l2 * l2 / (module * teeth * pow(d2, 4)) - 1,
          stress(l1, 16.9e6) / (110 * d1 * d1 * d1) - 1,
          stress(l2, 157.5e6) / (85 * d2 * d2 * d2) - 1, module * teeth / 40 - 1,
          5 * module / face - 1, face / (12 * module) - 1, (1.5 * d1 + 1.9) / l1 - 1,
          (1.1 * d2 + 1.9) / l2 - 1,
        ]
      )
    }
  }

  /// The welded beam (Ragsdell and Phillips 1976) with the constraints of Deb 2000; optimum 1.724852.
  private static func beam() throws -> SearchProblem {
    try SearchProblem(
      "beam",
      [.real("h", 0.1...2), .real("l", 0.1...10), .real("t", 0.1...10), .real("b", 0.1...2)],
      constraintCount: 6
    ) { v in
      let (h, l, t, b) = (v[0], v[1], v[2], v[3])
      let (load, span, elasticity, shear) = (6_000.0, 14.0, 30e6, 12e6)
      let direct = load / (2.0.squareRoot() * h * l)
      let arm = l * l / 4 + (h + t) * (h + t) / 4
      let polar = 2 * 2.0.squareRoot() * h * l * (l * l / 12 + (h + t) * (h + t) / 4)
      let twist = load * (span + l / 2) * arm.squareRoot() / polar
      let cross = direct * twist * l / arm.squareRoot()
      let tau = (direct * direct + cross + twist * twist).squareRoot()
      let sigma = 6 * load * span / (b * t * t)
      let bend = 4 * load * span * span * span / (elasticity * t * t * t * b)
      let slender = 1 - t / (2 * span) * (elasticity / (4 * shear)).squareRoot()
      let buckling = 4.013 * elasticity * t * b * b * b / (6 * span * span) * slender
      return (
        1.10471 * h * h * l + 0.04811 * t * b * (14 + l),
        [
          tau / 13_600 - 1, sigma / 30_000 - 1, h - b, 0.125 - h, bend / 0.25 - 1,
          1 - buckling / load,
        ]
      )
    }
  }

  /// Ackley's function (Ackley 1987) over three nominal parameters of 17 labels in shuffled order and two reals; optimum
  /// 0.
  private static func ackley() throws -> SearchProblem {
    let labels = (0..<17).map { "v\($0)" }
    return try SearchProblem(
      "ackley5",
      (1...3).map { try .categories("c\($0)", labels) }
        + (1...2).map { try .real("r\($0)", -1...1) },
      constraintCount: 0
    ) { v in
      let x = v.enumerated().map { index, value in
        index < 3 ? -32.768 + 4.096 * Double((7 * Int(value) + 3) % 17) : value
      }
      let squares = x.reduce(0) { $0 + $1 * $1 } / 5
      let cosines = x.reduce(0) { $0 + cos(2 * Double.pi * $1) } / 5
      return (-20 * exp(-0.2 * squares.squareRoot()) - exp(cosines) + 20 + exp(1), [])
    }
  }
}
