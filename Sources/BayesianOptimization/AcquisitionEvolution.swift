import DesignSpace
import Execution

/// Finds a fresh legal design of high score by evolution: tournaments, crossover and mutation over a few generations.
///
/// What models that jump (trees) say of a design cannot be climbed; a population on the scores can cross flat parts.
struct AcquisitionEvolution {
  /// Designs that live at a time, generations, and designs of a tournament.
  static let populationCount = 60
  static let generationCount = 12
  static let tournamentCount = 4

  let space: SearchSpace
  let isFresh: (Point) -> Bool
  let score: ([Point]) -> [Double]

  /// The best fresh design seen.
  ///
  /// - Parameter elites: Known good designs; they are parents at first, and never the answer unless fresh.
  /// - Returns: `nil` when no fresh design was met.
  func best(from elites: [Point], using generator: inout SeededGenerator) -> Point? {
    var seen: Set<Point> = []
    var newcomers: [Point] = []
    func add(_ point: Point) {
      if seen.insert(point).inserted { newcomers.append(point) }
    }
    elites.forEach(add)
    for elite in elites.prefix(3) { space.neighbors(of: elite).forEach(add) }
    for _ in 0..<Self.populationCount * 2 {
      guard let point = try? space.sampler.sample(using: &generator) else { break }
      add(point)
    }
    var population: [(point: Point, score: Double)] = []
    var best: (point: Point, score: Double)?
    for generation in 0...Self.generationCount {
      for (point, value) in zip(newcomers, score(newcomers)) {
        population.append((point, value))
        if isFresh(point), best.map({ value > $0.score }) ?? true { best = (point, value) }
      }
      guard generation < Self.generationCount, population.count >= 2 else { break }
      let order = population.indices.sorted {
        (population[$1].score, $0) < (population[$0].score, $1)
      }
      population = order.prefix(Self.populationCount).map { population[$0] }
      newcomers = []
      for _ in 0..<Self.populationCount {
        var child = winner(of: population, using: &generator)
        if generator.unitInterval() < 0.5 {
          let crossed = space.crossed(
            child, winner(of: population, using: &generator), using: &generator)
          if space.isLegal(crossed) { child = crossed }
        }
        for _ in 0...generator.index(below: 2) {
          child = space.mutated(child, using: &generator) ?? child
        }
        add(child)
      }
    }
    return best?.point
  }

  /// The population is in the order of scores: the first of those drawn wins.
  private func winner(
    of population: [(point: Point, score: Double)], using generator: inout SeededGenerator
  ) -> Point {
    var place = population.count - 1
    for _ in 0..<Self.tournamentCount {
      place = min(place, generator.index(below: population.count))
    }
    return population[place].point
  }
}
