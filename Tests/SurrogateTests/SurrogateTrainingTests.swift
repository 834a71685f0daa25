import DesignSpace
import Execution
import Foundation
import Study
import Testing

@testable import Surrogate

@Suite(.serialized) struct SurrogateTrainingTests {
  private func train(
    _ data: SurrogateData, _ options: TrainingOptions, seed: UInt64 = 1,
    architecture: NetworkArchitecture? = nil
  ) throws -> SurrogateTraining {
    var training = try SurrogateTraining(
      data, architecture: architecture ?? SurrogateProblems.smallPerceptron(data),
      options: options, seed: Seed(seed))
    try training.run()
    return training
  }

  private func meanPrediction(_ network: SurrogateNetwork, _ data: SurrogateData, _ rows: [Int])
    -> Double
  {
    let inputs = rows.flatMap { data.encoding.row(of: data.points[$0]) }
    let predictions = network.predictions(of: inputs)
    return predictions.reduce(0.0) { $0 + Double($1) } / Double(max(1, rows.count))
  }

  @Test func smallSetsAreLearnedByHeart() throws {
    let data = try SurrogateProblems.bowlData(24, hasInfeasible: false)
    var options = SurrogateProblems.quickOptions(250)
    options.loss = .regression
    options.holdOut = .none
    for architecture in [
      SurrogateProblems.smallPerceptron(data, expertCount: 2),
      SurrogateProblems.smallAttention(data),
    ] {
      var quiet = architecture
      if case .attention(var shape) = quiet.trunk {
        shape.dropoutRate = 0
        quiet.trunk = .attention(shape)
      }
      let training = try train(data, options, architecture: quiet)
      let predictions = training.network.predictions(of: data.inputs)
      let error = zip(predictions, data.targets).reduce(0.0) {
        $0 + pow(Double($1.0) - Double($1.1), 2)
      }
      #expect(error / 24 < 0.02, "\(error / 24)")
    }
  }

  @Test func heldOutRowsAreRankedAndTheBestWeightsKept() throws {
    let data = try SurrogateProblems.bowlData(400)
    var options = SurrogateProblems.quickOptions(200)
    options.holdOut = .random(share: 0.2)
    var reports: [SurrogateTraining.Validation] = []
    var training = try SurrogateTraining(
      data, architecture: SurrogateProblems.smallPerceptron(data), options: options, seed: Seed(3))
    try training.run { reports.append($0) }
    #expect(reports == training.validations)
    #expect(reports.map(\.step) == Array(stride(from: 20, through: 200, by: 20)))
    let best = try #require(reports.map(\.score).max())
    #expect(best > 0.7)
    let rows = training.heldOutRows
    let predictions = training.network.predictions(
      of: rows.flatMap { data.encoding.row(of: data.points[$0]) })
    let again = RankCorrelation(predictions.map(Double.init), rows.map { Double(data.targets[$0]) })
    #expect(abs(try #require(again.tauB) - best) < 1e-12)
    #expect(Set(training.trainingRows).isDisjoint(with: rows))
  }

  @Test func patienceEndsTraining() throws {
    let data = try SurrogateProblems.bowlData(100)
    var options = SurrogateProblems.quickOptions(10_000)
    options.validationInterval = 5
    options.patience = 4
    let training = try train(data, options)
    #expect(training.isFinished)
    #expect(training.step < 3_000)
    let best = try #require(training.validations.max { $0.score < $1.score })
    #expect(training.validations.filter { $0.step > best.step }.count >= 4)
  }

  /// Mined negatives end higher than without the term, and so do infeasible designs.
  @Test func bothTermsRaiseWhatTheyAreAbout() throws {
    let data = try SurrogateProblems.bowlData(200)
    let infeasible = try data.pools().infeasible
    for mining in [
      SurrogateProblems.quickOptions(1).mining,
      .gradient(NegativeMining.GradientOptions()),
    ] {
      var plain = SurrogateProblems.quickOptions(80)
      plain.loss = .regression
      plain.holdOut = .none
      plain.mining = mining
      var conservative = plain
      conservative.loss.negativeWeight = 1
      let without = try train(data, plain)
      let with = try train(data, conservative)
      // The designs each model likes best, of a fifth of the space.
      var all: [[Float]] = []
      for index in stride(from: 0, to: 1_296, by: 5) {
        let coordinates = [216, 36, 6, 1].map { Double(index / $0 % 6) }
        all.append(
          data.encoding.row(of: try #require(data.problem.space.point(coordinates: coordinates))))
      }
      func lowest(_ training: SurrogateTraining) -> Double {
        let sorted = training.network.predictions(of: all.flatMap { $0 }).sorted()
        return sorted.prefix(8).reduce(0.0) { $0 + Double($1) } / 8
      }
      #expect(lowest(with) > lowest(without) + 0.2)
      var careful = plain
      careful.loss.infeasibleWeight = 0.5
      careful.loss.highestInfeasibleMean = 5
      let raised = meanPrediction(try train(data, careful).network, data, infeasible)
      #expect(raised > meanPrediction(without.network, data, infeasible) + 0.3)
    }
  }

  @Test func limitsMoveRowsAndNothingElse() throws {
    let data = try SurrogateProblems.bowlData(300)
    let all = try data.pools()
    let limited = try data.pools(under: [MetricLimit("area", .atMost, 9)])
    #expect(all.feasible.count + all.infeasible.count == 300)
    #expect(Set(limited.feasible).isSubset(of: all.feasible))
    for row in all.feasible {
      let isOver = data.points[row].coordinates.reduce(0, +) > 9
      #expect(limited.infeasible.contains(row) == isOver)
    }
    let error = #expect(throws: SurrogateError.self) {
      try data.pools(under: [MetricLimit("areas", .atMost, 9)])
    }
    #expect(
      error?.description
        == "limits: got limit: unknown metric \"areas\"\n"
        + "hint: did you mean \"area\"? known: latency, area, expected limits on metrics")
    let nothing = #expect(throws: SurrogateError.self) {
      try SurrogateTraining(
        data, architecture: SurrogateProblems.smallPerceptron(data),
        options: SurrogateProblems.quickOptions(1), seed: Seed(1),
        limits: [MetricLimit("area", .atMost, -1)])
    }
    #expect(
      nothing?.description
        == "training: got no feasible design of 300, expected at least one\n"
        + "hint: loosen the limits, or log more simulations")
  }

  /// Rows that were logged as over a limit have targets, so a looser limit brings them back.
  @Test func loosenedLimitsBringRowsBack() throws {
    let problem = try SurrogateProblems.problem(SurrogateProblems.grid())
    let limited = try Problem(
      name: "test", space: problem.space, metrics: problem.metrics,
      objectives: problem.objectives, limits: [MetricLimit("area", .atMost, 9)])
    let trials = try SurrogateProblems.bowlTrials(100, seed: 5, hasInfeasible: false).map {
      SurrogateProblems.trial($0.id, $0.point, limited.judging($0.outcome))
    }
    let data = try SurrogateData(problem: limited, trials: trials)
    #expect(try data.pools().infeasible.count > 20)
    #expect(try data.pools(under: []).infeasible.isEmpty)
    let free = try SurrogateData(
      problem: problem, trials: SurrogateProblems.bowlTrials(100, seed: 5, hasInfeasible: false))
    #expect(free.targets == data.targets)
  }

  @Test func warmStartsBeginWhereAnotherTrainingEnded() throws {
    let data = try SurrogateProblems.bowlData(300)
    let first = try train(data, SurrogateProblems.quickOptions(120))
    let architecture = SurrogateProblems.smallPerceptron(data)
    var warm = try SurrogateTraining(
      data, architecture: architecture, options: SurrogateProblems.quickOptions(20),
      seed: Seed(2), limits: [MetricLimit("area", .atMost, 9)], from: first.network)
    #expect(warm.latestNetwork.weights == first.network.weights)
    try warm.run()
    var cold = try SurrogateTraining(
      data, architecture: architecture, options: SurrogateProblems.quickOptions(20),
      seed: Seed(2), limits: [MetricLimit("area", .atMost, 9)])
    try cold.run()
    #expect(try #require(warm.validations.last).score > #require(cold.validations.last).score)
    var other = architecture
    other.hiddenWidths = [8]
    #expect(
      throws: SurrogateError.architecture(
        size: "network to begin with", got: "another architecture", expected: "the same")
    ) {
      try SurrogateTraining(
        data, architecture: other, options: SurrogateProblems.quickOptions(1), seed: Seed(1),
        from: first.network)
    }
  }

  @Test func contextsAreLearnedApartAndNewOnesCanBeAsked() throws {
    let names = ["a", "b", "c"]
    let contexts = names.enumerated().map { Context(id: $1, features: [Double($0 + 1), 5]) }
    let data = try SurrogateData(
      problem: SurrogateProblems.problem(SurrogateProblems.grid()),
      trials: SurrogateProblems.bowlTrials(300, seed: 4, contexts: names), contexts: contexts)
    #expect(data.contexts.width == 3)
    for architecture in [
      SurrogateProblems.smallPerceptron(data, expertCount: 2),
      SurrogateProblems.smallAttention(data),
    ] {
      let training = try train(
        data, SurrogateProblems.quickOptions(80), architecture: architecture)
      #expect(try #require(training.validations.map(\.score).max()) > 0.5)
      let ensemble = try SurrogateEnsemble(count: 1, seed: Seed(1)) { _ in training }
      let surrogate = ConservativeSurrogate(ensemble)
      let point = data.points[0]
      let new = try surrogate.predictions(of: [point], in: Context(id: "new", features: [2.5, 5]))
      #expect(new[0].standardized.isFinite)
      let b = try surrogate.predictions(of: data.points, in: contexts[1])
      let a = try surrogate.predictions(of: data.points, in: contexts[0])
      // Costs of b are twice those of a.
      #expect(
        zip(a, b).map { $1.cost - $0.cost }.reduce(0, +) > 0)
    }
    let error = #expect(throws: SurrogateError.self) {
      try data.contexts.row(of: Context(id: "x", features: [1]))
    }
    #expect(error?.description == "context \"x\": got 1 features, expected 2")
    let plain = try ContextTable(fitting: names.map { Context(id: $0) })
    #expect(plain.rows == [1, 0, 0, 0, 1, 0, 0, 0, 1])
    let unknown = #expect(throws: SurrogateError.self) { try plain.row(of: Context(id: "x")) }
    #expect(
      unknown?.description
        == "context \"x\": got a context that was not trained on, expected one of a, b, c\n"
        + "hint: a model of other contexts needs features of every context")
  }

  /// A level nobody logged is answered with about the mean over the levels, and named.
  @Test func unknownValuesMeanAnyOfTheKnownOnes() throws {
    let space = try SearchSpace(
      parameters: [.categories("flow", ["slow", "fast"]), .integer("pe", 1...4)])
    var trials: [Trial] = []
    for id in 0..<80 {
      let coordinates = [Double(id % 2), Double(id / 2 % 4)]
      let point = try #require(space.point(coordinates: coordinates))
      trials.append(
        SurrogateProblems.trial(id, point, .measured([coordinates[0] == 0 ? 1 : -1, 0])))
    }
    var choice = SurrogateData.Options()
    choice.hasUnknown = true
    let data = try SurrogateData(
      problem: SurrogateProblems.problem(space), trials: trials, options: choice)
    var options = SurrogateProblems.quickOptions(200)
    options.loss = .regression
    options.holdOut = .none
    options.unknownShare = 0.2
    let training = try train(data, options)
    let surrogate = ConservativeSurrogate(
      try SurrogateEnsemble(count: 1, seed: Seed(1)) { _ in training })
    let (predictions, unknown) = try surrogate.predictions(ofValues: [
      ["slow", 2], ["fast", 2], ["quick", 2],
    ])
    #expect(unknown.map(\.count) == [0, 0, 1])
    #expect(abs(predictions[0].cost - 1) < 0.4)
    #expect(abs(predictions[1].cost + 1) < 0.4)
    #expect(abs(predictions[2].cost) < 0.6)
  }

  @Test func equalSeedsGiveEqualWeights() throws {
    let data = try SurrogateProblems.bowlData(200)
    for architecture in [
      SurrogateProblems.smallPerceptron(data), SurrogateProblems.smallAttention(data),
    ] {
      let options = SurrogateProblems.quickOptions(8)
      let first = try train(data, options, seed: 7, architecture: architecture)
      let second = try train(data, options, seed: 7, architecture: architecture)
      let other = try train(data, options, seed: 8, architecture: architecture)
      #expect(first.latestNetwork.weights == second.latestNetwork.weights)
      #expect(first.latestNetwork.weights != other.latestNetwork.weights)
    }
  }

  @Test func metricsToMaximizeAreCostsTheOtherWayRound() throws {
    let trials = try SurrogateProblems.bowlTrials(60, seed: 1, hasInfeasible: false)
    var options = SurrogateData.Options()
    options.scale = .raw
    let low = try SurrogateData(
      problem: SurrogateProblems.problem(SurrogateProblems.grid()), trials: trials,
      options: options)
    let high = try SurrogateData(
      problem: SurrogateProblems.problem(SurrogateProblems.grid(), goal: .maximize),
      trials: trials, options: options)
    for (a, b) in zip(low.targets, high.targets) { #expect(abs(a + b) < 1e-5) }
  }

  @Test func badLogsAreAnsweredSanely() throws {
    let problem = try SurrogateProblems.problem(SurrogateProblems.grid())
    let trials = try SurrogateProblems.bowlTrials(60, seed: 2, hasInfeasible: false)
    func data(_ outcome: (Trial) -> Outcome) throws -> SurrogateData {
      try SurrogateData(
        problem: problem,
        trials: trials.map { SurrogateProblems.trial($0.id, $0.point, outcome($0)) })
    }
    // Nothing works.
    let none = #expect(throws: SurrogateError.self) {
      try data { _ in .infeasible(Infeasibility(.hidden(""))) }
    }
    #expect(
      none?.description
        == "targets: got no feasible design, expected at least one\n"
        + "hint: loosen the limits, or log more simulations")
    // Constant targets, huge outliers, contradictory duplicates.
    let cases: [SurrogateData] = [
      try data { _ in .measured([3, 1]) },
      try data { .measured([$0.id == 7 ? 1e12 : Double($0.id % 5 + 1), 1]) },
      try data { .measured([Double($0.id), -1e300]) },
      try SurrogateData(
        problem: problem,
        trials: (0..<60).map {
          SurrogateProblems.trial($0, trials[0].point, .measured([Double($0), 0]))
        }),
      try SurrogateData(problem: problem, trials: Array(trials.prefix(5))),
      try SurrogateData(problem: problem, trials: Array(trials.prefix(1))),
    ]
    for data in cases {
      #expect(data.targets.allSatisfy { $0.isFinite })
      let training = try train(data, SurrogateProblems.quickOptions(20))
      let predictions = training.network.predictions(of: data.inputs)
      #expect(predictions.allSatisfy { $0.isFinite })
    }
    // Failures are no data; other contexts and spaces are errors.
    let failed = try data {
      $0.id < 50 ? .failed(EvaluationFailure(.crash, "")) : .measured([1, Double($0.id)])
    }
    #expect(failed.rowCount == 10)
    let context = #expect(throws: SurrogateError.self) {
      try SurrogateData(
        problem: problem,
        trials: [SurrogateProblems.trial(3, trials[0].point, .measured([1, 1]), "x")])
    }
    #expect(context?.description == "trial 3: got context \"x\", expected one of ")
    let other = try SearchSpace(parameters: [.boolean("b")])
    let space = #expect(throws: SurrogateError.self) {
      try SurrogateData(
        problem: problem,
        trials: [
          SurrogateProblems.trial(0, try other.point(["b": true]), .measured([1, 1]))
        ])
    }
    #expect(
      space?.description == "trial 0: got a design of another space, expected a design of \"test\"")
  }

  @Test func holdOutsHideWhatTheySay() throws {
    var generator = Seed(3).generator()
    let targets = (0..<100).map { _ in Float(generator.index(below: 30)) }
    let contexts = (0..<100).map { Int32($0 % 3) }
    let rows = Array(0..<90)
    for share in [0.0, 0.2, 0.9] {
      for holdOut in [HoldOut.random(share: share), .best(share: share)] {
        let (training, heldOut) = try holdOut.split(
          rows, targets: targets, contexts: contexts, seed: Seed(1))
        #expect((training + heldOut).sorted() == rows)
        for context in 0..<3 as Range<Int32> {
          let kept = training.filter { contexts[$0] == context }.map { targets[$0] }
          let hidden = heldOut.filter { contexts[$0] == context }.map { targets[$0] }
          #expect(!kept.isEmpty)
          if case .best = holdOut, let worst = hidden.max(), let best = kept.min() {
            // At 0.9 all that is left may be tied with the worst hidden row.
            #expect(share < 0.5 ? worst < best : worst <= best)
            #expect(hidden.count >= Int(share * 30))
          } else if case .random = holdOut {
            #expect(hidden.count == Int(share * 30))
          }
        }
      }
    }
    #expect(
      throws: SurrogateError.option(
        name: "held-out share", got: "0.95", expected: "a number in 0...0.9")
    ) {
      try HoldOut.best(share: 0.95).split(rows, targets: targets, contexts: contexts, seed: Seed(1))
    }
    #expect(
      try HoldOut.none.split([2, 1], targets: targets, contexts: contexts, seed: Seed(1)).training
        == [1, 2])
  }
}
