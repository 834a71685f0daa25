import BayesianOptimization
import DesignSpace
import Execution
import Study
import Testing

@testable import Workflows

@Suite struct ImportanceTests {
  /// A bowl with its lowest value of 10 at (3, 5).
  private func cost(_ a: Int, _ b: Int) -> Double {
    let (x, y) = (a - 3, b - 5)
    return Double(x * x + y * y + 10)
  }

  /// Half of the designs of the toy problem, with values by a function.
  private func trials(_ sample: StudyProblem, _ values: (Int, Int) -> [Double]) throws -> [Trial] {
    try (0..<50).map { index in
      let (a, b) = (index / 5, 2 * (index % 5) + index / 5 % 2)
      return try sample.trial(index, a, b, values(a, b))
    }
  }

  /// Reference: the cost depends on a alone, the area on b alone.
  @Test func whatMattersIsFound() throws {
    let sample = try StudyProblem(limit: 4)
    defer { sample.remove() }
    let trials = try trials(sample) { a, b in [Double(a * a + 1), Double(b)] }
    let importance = try #require(
      try ParameterImportance(trials, of: sample.problem, seed: Seed(1)))
    let objective = try #require(importance.objective)
    #expect(objective.shares[0] > 0.95 && objective.shares[1] < 0.02 && objective.fit > 0.9)
    let feasibility = try #require(importance.feasibility)
    #expect(feasibility.shares[1] > 0.9 && feasibility.shares[0] < 0.05 && feasibility.fit > 0.8)
    #expect(importance.parameters == ["a", "b"])
  }

  @Test func tooLittleOrNothingToLearnSaysNothing() throws {
    let sample = try StudyProblem()
    defer { sample.remove() }
    let constant = try trials(sample) { _, _ in [3, 1] }
    #expect(try ParameterImportance(constant, of: sample.problem, seed: Seed(1)) == nil)
    let few = try trials(sample) { a, _ in [Double(a), 1] }.prefix(9)
    #expect(try ParameterImportance(Array(few), of: sample.problem, seed: Seed(1)) == nil)
    let failed = try (0..<30).map { try sample.trial($0, $0 / 10, $0 % 10, nil) }
    #expect(try ParameterImportance(failed, of: sample.problem, seed: Seed(1)) == nil)
    // Ranges that square to infinity do no harm.
    let wide = try trials(sample) { a, b in [a > 4 ? 1e300 : -1e300, Double(b)] }
    let view = try ParameterImportance(wide, of: sample.problem, seed: Seed(1))?.objective
    #expect(view.map { $0.shares[0] > 0.9 } ?? true)
  }

  /// Reference: a smooth bowl; its values are known everywhere.
  @Test func forecastsAgreeWithASmoothFunction() throws {
    let sample = try StudyProblem(limit: 12)
    defer { sample.remove() }
    var predictor = StudyPredictor(sample.problem)
    predictor.observe(try trials(sample) { a, b in [cost(a, b), Double(a + b)] })
    let unseen = [(3, 4), (2, 5), (5, 6), (8, 9)]
    let forecasts = predictor.forecasts(of: try unseen.map { try sample.point($0.0, $0.1) })
    for ((a, b), forecast) in zip(unseen, forecasts) {
      let value = try #require(forecast.value)
      let interval = try #require(forecast.interval)
      let error = abs(value - cost(a, b)) / cost(a, b)
      #expect(error < 0.05, "\(a) \(b)")
      #expect(interval.contains(value))
      let isRight = a + b <= 12 ? forecast.feasibility > 0.9 : forecast.feasibility < 0.1
      #expect(isRight, "\(a) \(b) \(forecast.feasibility)")
    }
    var empty = StudyPredictor(sample.problem)
    let nothing = empty.forecasts(of: [try sample.point(1, 1)])
    #expect(nothing.count == 1 && nothing[0].value == nil && nothing[0].feasibility == 1)
    let unknown = empty.expectedImprovement(seed: Seed(1))
    #expect(unknown == nil)
  }

  @Test func improvementIsExhaustedAtTheOptimumOnly() throws {
    let sample = try StudyProblem()
    defer { sample.remove() }
    let all = try trials(sample) { a, b in [cost(a, b), 0] }
    var far = StudyPredictor(sample.problem)
    far.observe(all.filter { $0.point.coordinates[0] > 5 })
    let promised = far.expectedImprovement(seed: Seed(1)) ?? 0
    #expect(promised > 0.05)
    var near = StudyPredictor(sample.problem)
    near.observe(all)
    let left = near.expectedImprovement(seed: Seed(1)) ?? 1
    #expect(left < 1e-3 && left >= 0)
  }

  @Test func theRuleEndsASearchAfterThreeLowChecks() throws {
    let sample = try StudyProblem()
    defer { sample.remove() }
    let all = try trials(sample) { a, b in [cost(a, b), 0] }
    var never = ImprovementRule(nil, sample.problem, seed: Seed(1))
    let isNeverMet = !never.isMet(by: all)
    #expect(isNeverMet)
    // The same however many trials come at a time.
    for step in [1, 7, 50] {
      var rule = ImprovementRule(1e-3, sample.problem, seed: Seed(1))
      var count = 0
      while count < 50, !rule.isMet(by: Array(all.prefix(count))) { count += step }
      #expect(count >= ImprovementRule.firstCount + 2 * ImprovementRule.interval && count <= 50)
    }
    var tiny = ImprovementRule(1e-12, sample.problem, seed: Seed(1))
    let isTooEarly = !tiny.isMet(by: Array(all.prefix(25)))
    #expect(isTooEarly)
  }
}
