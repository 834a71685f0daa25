import DesignSpace
import Execution
import Foundation
import Study
import Testing

@testable import BayesianOptimization

@Suite struct ScoreDemandTests {
  /// Whoever leaves out what is not needed keeps the best of every group above its floor.
  @Test(arguments: 0..<40) func leavingOutKeepsTheBest(seed: Int) {
    var generator = Seed(UInt64(seed)).generator()
    let groupCount = 1 + seed % 4
    let bounds = (0..<200).map { _ in 6 * generator.unitInterval() - 3 }
    let scores = bounds.map { $0 - 2 * generator.unitInterval() }
    let groups = bounds.map { _ in generator.index(below: groupCount) }
    let floors = (0..<groupCount).map { _ in 2 * generator.unitInterval() - 1.5 }
    var demand = ScoreDemand(bestOfGroups: groups, above: floors)
    demand.count = 1 + seed % 3
    var known = DemandedScores(demand)
    var answered: [Int] = []
    for index in bounds.indices.sorted(by: { bounds[$0] > bounds[$1] })
    where known.mayNeed(index, bounds[index]) {
      known.know(index, scores[index])
      answered.append(index)
    }
    #expect(answered.count < bounds.count)
    for group in 0..<groupCount {
      func best(_ all: [Int]) -> [Double] {
        let wanted = all.filter { groups[$0] == group && scores[$0] > floors[group] }
        return Array(wanted.map { scores[$0] }.sorted(by: >).prefix(demand.count))
      }
      #expect(best(answered) == best(Array(bounds.indices)))
    }
  }

  /// Models with limits and hidden failures tell the same best designs whether few are asked for or all.
  @Test(arguments: 0..<6) func fewScoresAreThoseOfAll(seed: Int) throws {
    let levels = (0..<6).map(Double.init)
    let space = try SearchSpace(parameters: (0..<4).map { try .levels("p\($0)", levels) })
    let problem = try Problem(
      name: "few", space: space, metrics: [Metric("cost"), Metric("area")],
      objectives: [Objective(.minimize, "cost")], limits: [MetricLimit("area", .atMost, 11)])
    var record = DesignRecord(problem)
    var generator = Seed(UInt64(seed)).generator()
    func draw() throws -> Point { try space.sampler.sample(using: &generator) }
    for id in 0..<30 {
      let point = try draw()
      let x = point.coordinates
      let cost = 3 + (x[0] - 2) * (x[0] - 2) + 2 * abs(x[1] - 4) + sin(x[2])
      let area = x.reduce(0, +)
      let outcome =
        x[0] + x[3] > 7
        ? Outcome.infeasible(Infeasibility(.hidden("no"), values: [nil, area]))
        : problem.outcome(values: [cost, area])
      record.observe([
        Trial(id: id, point: point, outcome: outcome, origin: .init(evaluator: "test"))
      ])
    }
    let models = (
      cost: record.costs[0].model(using: { _ in true }),
      area: record.limits[0].model(using: { _ in true })
    )
    let cost = try #require(models.cost)
    let area = try #require(models.area)
    let best = try #require(record.front.first)
    var designs = DesignModels(
      features: record.features, acquisition: .logExpectedImprovement, costs: [cost],
      target: .best(cost.warped(best.costs[0])), limits: [],
      success: record.failureForest({ _ in true }))
    designs.limits = [.init(place: 0, model: area, bound: area.warped(11), sign: 1)]
    let points = try (0..<300).map { _ in try draw() }
    var none: SeededGenerator?
    let all = designs.scores(
      of: points, ScoreDemand(best: points.count, of: points.count), drawingFrom: &none)
    let isKnown = all.allSatisfy { $0.isFinite }
    #expect(isKnown)
    let few = designs.scores(of: points, ScoreDemand(best: 5, of: points.count), drawingFrom: &none)
    #expect(few.contains(-.infinity))
    let wanted = all.sorted(by: >).prefix(5)
    for (own, other) in zip(few.sorted(by: >), wanted) { #expect(abs(own - other) < 1e-9) }
  }
}
