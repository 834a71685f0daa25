public import DesignSpace
public import Execution
import Foundation
public import Study

/// Fireflies: designs of a swarm are drawn to better ones and away from worse ones, the nearer the stronger.
///
/// A swarm of designs takes turns. The one whose turn it is proposes a move: for every other one, each parameter moves
/// by `gravity * exp(-visibility * 10 * d^2)` of the difference to a better one, or by `negativeGravity` away from a
/// worse one, where `d^2` is the mean squared distance over the parameters; then all are perturbed at random. A move that
/// is better replaces the design, one that is not shrinks its perturbation, and a design whose perturbation has
/// shrunk away is replaced by a uniform one, unless it is the best (the eagle strategy: global flights between local
/// searches). Infeasible moves count as not better.
///
/// Categories have no direction: they are taken over from a better design with the force as probability. The defaults
/// are those published with google/vizier's eagle strategy.
///
/// Differs from the source: discrete perturbation is in steps of the parameter, categorical perturbation a tenth of
/// factor times perturbation as a probability, since the units of the published factors are not stated; permutations
/// behave as categories whose perturbation is a swap; the code and its order of draws are our own.
/// - SeeAlso: Yang and Deb 2010, "Eagle strategy using Levy walk and firefly algorithms for stochastic optimization";
///   google/vizier, eagle strategy designer (Apache-2.0), for the defaults.
public struct FireflyDesigner: Designer {
  /// The settings of the swarm; the defaults are google/vizier's.
  public struct Options: Hashable, Sendable {
    /// Pull of better designs.
    public var gravity = 1.0
    /// Push of worse designs.
    public var negativeGravity = 0.02
    /// How fast forces fall with distance, for real parameters.
    public var visibility = 3.0
    /// The same for categories, booleans and permutations.
    public var categoricalVisibility = 0.2
    /// The same for integers and levels.
    public var discreteVisibility = 1.0
    /// First size of random moves, as a share of the range of a real parameter.
    public var perturbation = 0.1
    /// Where a design is given up.
    public var smallestPerturbation = 1e-3
    /// Factor on the perturbation for categories, see the type.
    public var categoricalFactor = 25.0
    /// Factor on the perturbation for integers and levels, in steps.
    public var discreteFactor = 10.0
    /// Factor on the perturbation of a design whose move was not better.
    public var penalty = 0.9
    /// Designs in the swarm; `nil` for `min(1000, 10 + round((d^1.2 + d) / 2))` with `d` parameters.
    public var swarmCount: Int?

    /// Creates options with their defaults.
    public init() {}
  }

  private struct Firefly: Sendable {
    var point: Point
    var cost: Double
    var perturbation: Double
  }

  /// The name in the origin of trials.
  public let name = "firefly"
  private let problem: Problem
  var options: Options
  private let swarmCount: Int
  private var ledger: SuggestionLedger
  private var swarm: [Firefly?] = []
  private var turn = 0
  /// Which place of the swarm an outstanding move belongs to; settled by `observe`.
  private var moves: [Point: Int] = [:]
  private var starts = QuasiStart()

  /// Creates a designer.
  public init(_ problem: Problem, options: Options = Options()) {
    self.problem = problem
    self.options = options
    let d = Double(problem.space.parameters.count)
    let standard = min(1_000, 10 + Int(((pow(d, 1.2) + d) / 2).rounded()))
    swarmCount = max(2, options.swarmCount ?? standard)
    ledger = SuggestionLedger(problem.space)
  }

  /// Proposes evenly spread designs until the swarm is full of measured ones, then moves of its members in turn.
  public mutating func suggest(count: Int, using generator: inout SeededGenerator) throws
    -> [Point]
  {
    var points: [Point] = []
    while points.count < count {
      guard let point = try next(using: &generator) else { break }
      ledger.suggest(point)
      points.append(point)
    }
    return points
  }

  /// Moves the members whose proposals were better, shrinks the perturbation of the others, fills the swarm.
  public mutating func observe(_ trials: [Trial]) {
    ledger.settle(trials)
    for trial in trials {
      let place = moves.removeValue(forKey: trial.point)
      let outcome = problem.judging(trial.outcome)
      if case .failed = outcome { continue }
      let cost = problem.cost(of: outcome)
      if let place, let member = swarm[place] {
        if let cost, cost < member.cost {
          swarm[place] = Firefly(
            point: trial.point, cost: cost, perturbation: options.perturbation)
        } else {
          shrink(place)
        }
      } else if let cost {
        join(trial.point, cost)
      }
    }
  }

  /// Takes designs that somebody else asked for as outstanding.
  public mutating func reserve(_ points: [Point]) { points.forEach { ledger.suggest($0) } }

  private mutating func next(using generator: inout SeededGenerator) throws -> Point? {
    let members = swarm.indices.filter { swarm[$0] != nil }
    guard members.count >= min(swarmCount, 2), members.count + starts.count >= swarmCount else {
      starts.count += 1
      return try start(using: &generator)
    }
    turn = (turn + 1) % swarm.count
    guard let member = swarm[turn] else { return try start(using: &generator) }
    for attempt in 0..<20 {
      // Larger steps when everything around is known.
      let size = member.perturbation * pow(1.3, Double(attempt))
      guard let move = move(of: member, size: size, using: &generator) else { continue }
      if ledger.isFresh(move) {
        moves[move] = turn
        return move
      }
    }
    shrink(turn)
    return try start(using: &generator)
  }

  /// An evenly spread design for a new member.
  private mutating func start(using generator: inout SeededGenerator) throws -> Point? {
    let sampler = problem.space.sampler
    if starts.sequence == nil {
      starts.sequence = HaltonSequence(
        dimension: problem.space.parameters.count, scrambledBy: Seed(generator.next()))
    }
    for _ in 0..<50 {
      starts.index += 1
      guard let quantiles = starts.sequence?.point(starts.index),
        let point = sampler.point(atQuantiles: quantiles), ledger.isFresh(point)
      else { continue }
      return point
    }
    return try ledger.freshDesign(using: &generator)
  }

  private mutating func join(_ point: Point, _ cost: Double) {
    let member = Firefly(point: point, cost: cost, perturbation: options.perturbation)
    if let empty = swarm.firstIndex(where: { $0 == nil }) {
      swarm[empty] = member
    } else if swarm.count < swarmCount {
      swarm.append(member)
    } else if let worst = swarm.indices.max(by: { costOf($0) < costOf($1) }),
      cost < costOf(worst)
    {
      swarm[worst] = member
    }
  }

  private func costOf(_ place: Int) -> Double { swarm[place]?.cost ?? .infinity }

  /// Less perturbation for a member; one that has used it up makes room, unless it is the best.
  private mutating func shrink(_ place: Int) {
    guard var member = swarm[place] else { return }
    member.perturbation *= options.penalty
    let isBest = swarm.indices.allSatisfy { costOf($0) >= member.cost }
    if member.perturbation < options.smallestPerturbation {
      member.perturbation = options.perturbation
      swarm[place] = isBest ? member : nil
    } else {
      swarm[place] = member
    }
  }

  // MARK: Moves

  private func move(
    of member: Firefly, size: Double, using generator: inout SeededGenerator
  ) -> Point? {
    let space = problem.space
    var coordinates = member.point.coordinates
    let kinds = space.parameters.map(\.isOrdered)
    var positions = space.parameters.indices.map { index in
      member.point.isActive(index)
        ? space.position(of: coordinates[index], parameter: index) : 0
    }
    for place in swarm.indices {
      guard let other = swarm[place], other.point != member.point else { continue }
      let isBetter = other.cost < member.cost
      let distance = squaredDistance(member.point, other.point)
      for index in kinds.indices
      where member.point.isActive(index) && other.point.isActive(index) {
        let reach = exp(-visibility(of: index) * 10 * distance)
        let force = isBetter ? options.gravity * reach : -options.negativeGravity * reach
        if kinds[index] {
          let target = space.position(of: other.point.coordinates[index], parameter: index)
          positions[index] += force * (target - positions[index])
        } else if generator.unitInterval() < force {
          coordinates[index] = other.point.coordinates[index]
        }
      }
    }
    for index in kinds.indices where member.point.isActive(index) {
      if kinds[index] {
        let noise = 2 * generator.unitInterval() - 1
        let unit = space.parameters[index].valueCount.map {
          options.discreteFactor / Double(max(1, $0 - 1))
        }
        let position = positions[index] + noise * size * max(1, unit ?? 1)
        coordinates[index] = space.coordinate(atPosition: position, parameter: index)
      } else if generator.unitInterval() < options.categoricalFactor * size / 10 {
        let moved = space.neighborCoordinates(of: index, from: coordinates[index])
        if !moved.isEmpty { coordinates[index] = moved[generator.index(below: moved.count)] }
      }
    }
    return space.point(coordinates: space.completed(coordinates, using: &generator))
      .flatMap {
        space.isLegal($0) ? $0 : size > options.perturbation * 3 ? space.repaired($0) : nil
      }
  }

  private func visibility(of index: Int) -> Double {
    switch problem.space.parameters[index].domain {
    case .reals: options.visibility
    case .integers, .levels: options.discreteVisibility
    case .categories, .boolean, .permutations: options.categoricalVisibility
    }
  }

  /// The mean over the parameters of squared differences of positions, 1 for different categories.
  private func squaredDistance(_ a: Point, _ b: Point) -> Double {
    let space = problem.space
    var sum = 0.0
    for (index, parameter) in space.parameters.enumerated() {
      let (x, y) = (a.coordinates[index], b.coordinates[index])
      guard x != y else { continue }
      guard parameter.isOrdered, a.isActive(index), b.isActive(index) else {
        sum += 1
        continue
      }
      let difference =
        space.position(of: x, parameter: index) - space.position(of: y, parameter: index)
      sum += difference * difference
    }
    return sum / Double(space.parameters.count)
  }
}

/// Where a swarm's evenly spread designs come from.
private struct QuasiStart: Sendable {
  var sequence: HaltonSequence?
  var index = 0
  var count = 0
}
