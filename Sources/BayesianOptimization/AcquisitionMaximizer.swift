import DesignSpace
import Execution
import Foundation

/// Finds the fresh legal design of highest score: many starts, then exact search along one and two coordinates.
///
/// Designs are never relaxed to real numbers: every score is that of a design of the space, so conditions, categories
/// and known constraints hold throughout. Scores are asked for in batches, a sweep of all climbers at a time.
struct AcquisitionMaximizer {
  struct Options: Hashable, Sendable {
    /// Uniform legal designs among the starts.
    var uniformCount = 300
    /// Mutations of known good designs among the starts.
    var mutationCount = 300
    /// Starts that are climbed from.
    var climberCount = 5
    /// Sweeps of all climbers at most.
    var sweepLimit = 12
    /// Sweeps after which climbers far behind the best one are given up.
    var patientSweepCount = 2
    /// How far behind is too far, in units of the score.
    var tolerance = 2.0
    /// Most values of one parameter that a sweep tries.
    var valueLimit = 40
    /// Pairs of changes tried around the best design.
    var pairCount = 500
  }

  let space: SearchSpace
  let options: Options
  /// Parameters that keep the values of a design; `nil` where all may move.
  var held: (parameters: [Int], anchor: Point)?
  let isFresh: (Point) -> Bool
  /// The scores of designs, as far as they are asked for.
  let score: ([Point], ScoreDemand) -> [Double]

  private struct Climber {
    var point: Point
    var score: Double
    var isDone = false
  }

  /// The best design.
  ///
  /// - Parameter elites: Known good designs, best first; they and their neighborhoods are starts.
  /// - Returns: `nil` when no start is fresh.
  func best(from elites: [Point], using generator: inout SeededGenerator) -> Point? {
    var seen: Set<Point> = []
    var pool: [Point] = []
    func add(_ free: Point) {
      guard let point = holding(free) else { return }
      if isFresh(point), seen.insert(point).inserted { pool.append(point) }
    }
    for elite in elites.prefix(3) { space.neighbors(of: elite).forEach(add) }
    if !elites.isEmpty {
      for _ in 0..<options.mutationCount {
        // Better elites more often; one to three changes.
        let rank = min(generator.index(below: elites.count), generator.index(below: elites.count))
        var point: Point? = elites[rank]
        for _ in 0...generator.index(below: 3) {
          point = point.flatMap { space.mutated($0, using: &generator) } ?? point
        }
        if let point { add(point) }
      }
    }
    for _ in 0..<options.uniformCount {
      guard let point = try? space.sampler.sample(using: &generator) else { break }
      add(point)
    }
    guard !pool.isEmpty else { return nil }
    let scores = score(pool, ScoreDemand(best: options.climberCount, of: pool.count))
    let order = pool.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    var climbers = order.prefix(options.climberCount).map {
      Climber(point: pool[$0], score: scores[$0])
    }
    climb(&climbers, &seen, using: &generator)
    guard var best = climbers.max(by: { $0.score < $1.score }) else { return nil }
    for _ in 0..<3 {
      let pairs = pairChanges(of: best.point, using: &generator)
      guard improve(&best, pairs) else { break }
      best.isDone = false
      var one = [best]
      climb(&one, &seen, using: &generator)
      best = one[0]
    }
    return best.point
  }

  /// The design with the held parameters put back; `nil` where that is no legal design.
  private func holding(_ point: Point) -> Point? {
    guard let held else { return point }
    var coordinates = point.coordinates
    for index in held.parameters { coordinates[index] = held.anchor.coordinates[index] }
    guard coordinates != point.coordinates else { return point }
    return space.point(coordinates: coordinates).flatMap { space.isLegal($0) ? $0 : nil }
  }

  private func isHeld(_ parameter: Int) -> Bool { held?.parameters.contains(parameter) ?? false }

  private func climb(
    _ climbers: inout [Climber], _ seen: inout Set<Point>, using generator: inout SeededGenerator
  ) {
    for sweep in 0..<options.sweepLimit {
      var batch: [Point] = []
      var owners: [Int] = []
      for index in climbers.indices where !climbers[index].isDone {
        let changes = changes(of: climbers[index].point, sweep: sweep, using: &generator)
        batch += changes
        owners += [Int](repeating: index, count: changes.count)
      }
      guard !batch.isEmpty else { return }
      let scores = score(
        batch, ScoreDemand(bestOfGroups: owners, above: climbers.map(\.score)))
      var best = climbers.map { (score: $0.score, point: $0.point) }
      for (place, owner) in owners.enumerated() where scores[place] > best[owner].score {
        best[owner] = (scores[place], batch[place])
      }
      for index in climbers.indices where !climbers[index].isDone {
        let gain = best[index].score - climbers[index].score
        climbers[index].point = best[index].point
        climbers[index].score = best[index].score
        climbers[index].isDone = !(gain > 1e-3)
      }
      let leading = climbers.map(\.score).max() ?? 0
      // Climbers that met go on as one.
      for index in climbers.indices {
        if sweep + 1 >= options.patientSweepCount,
          climbers[index].score < leading - options.tolerance
        {
          climbers[index].isDone = true
        }
        let isMet = climbers[..<index].contains { $0.point == climbers[index].point }
        if isMet { climbers[index].isDone = true }
      }
    }
  }

  private func improve(_ climber: inout Climber, _ points: [Point]) -> Bool {
    let floor = climber.score + 1e-3
    let scores = score(points, ScoreDemand(best: 1, of: points.count, above: floor))
    var isImproved = false
    for (point, score) in zip(points, scores) where score > climber.score + 1e-3 {
      climber.point = point
      climber.score = score
      isImproved = true
    }
    return isImproved
  }

  /// Fresh legal designs that differ in one parameter, and in all real ones by small steps together.
  private func changes(of point: Point, sweep: Int, using generator: inout SeededGenerator)
    -> [Point]
  {
    var result: [Point] = []
    var reals: [Int] = []
    for index in space.parameters.indices
    where point.isActive(index) && !isHeld(index) {
      if space.parameters[index].valueCount == nil { reals.append(index) }
      for coordinate in values(of: index, from: point.coordinates[index], using: &generator) {
        var coordinates = point.coordinates
        coordinates[index] = coordinate
        if let changed = legal(coordinates, using: &generator) { result.append(changed) }
      }
    }
    guard reals.count >= 2 else { return result }
    for _ in 0..<(12 * reals.count) {
      let step = exp(log(0.3) + generator.unitInterval() * log(1e-3 / 0.3))
      var coordinates = point.coordinates
      for index in reals {
        let position = space.position(of: coordinates[index], parameter: index)
        coordinates[index] = space.coordinate(
          atPosition: position + step * generator.normal(), parameter: index)
      }
      if let changed = legal(coordinates, using: &generator) { result.append(changed) }
    }
    return result
  }

  private func pairChanges(of point: Point, using generator: inout SeededGenerator) -> [Point] {
    let movable = space.parameters.indices.filter {
      point.isActive($0) && space.parameters[$0].valueCount != 1 && !isHeld($0)
    }
    guard movable.count >= 2 else { return [] }
    var result: [Point] = []
    for _ in 0..<options.pairCount {
      let first = generator.index(below: movable.count)
      let second = (first + 1 + generator.index(below: movable.count - 1)) % movable.count
      var coordinates = point.coordinates
      for index in [movable[first], movable[second]] {
        let values = values(of: index, from: coordinates[index], using: &generator)
        guard !values.isEmpty else { continue }
        coordinates[index] = values[generator.index(below: values.count)]
      }
      if let changed = legal(coordinates, using: &generator) { result.append(changed) }
    }
    return result
  }

  /// Other coordinates of a parameter: all of them, or a ladder of steps and a few draws where there are too many.
  private func values(
    of parameter: Int, from coordinate: Double, using generator: inout SeededGenerator
  ) -> [Double] {
    let kind = space.parameters[parameter]
    if let count = kind.valueCount, count <= options.valueLimit {
      return (0..<count).map(Double.init).filter { $0 != coordinate }
    }
    var result: [Double] = []
    switch kind.domain {
    case .categories, .permutations, .boolean:
      result = space.neighborCoordinates(of: parameter, from: coordinate)
      while result.count > options.valueLimit {
        result.remove(at: generator.index(below: result.count))
      }
    case .integers, .levels, .reals:
      let position = space.position(of: coordinate, parameter: parameter)
      for step in [0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003] {
        for side in [-step, step] where position + side >= 0 && position + side <= 1 {
          result.append(space.coordinate(atPosition: position + side, parameter: parameter))
        }
      }
      for end in [0.0, 1.0] {
        result.append(space.coordinate(atPosition: end, parameter: parameter))
      }
      for _ in 0..<6 {
        result.append(
          space.coordinate(atPosition: generator.unitInterval(), parameter: parameter))
      }
      if kind.valueCount != nil {
        result += space.neighborCoordinates(of: parameter, from: coordinate)
      }
    }
    var distinct: Set<Double> = [coordinate]
    return result.filter { distinct.insert($0).inserted }
  }

  /// The design with these coordinates if it is legal and fresh; parameters that woke up get a drawn value.
  private func legal(_ coordinates: [Double], using generator: inout SeededGenerator) -> Point? {
    let completed = space.completed(coordinates, using: &generator)
    guard let point = space.point(coordinates: completed), space.isLegal(point), isFresh(point)
    else { return nil }
    return point
  }
}
