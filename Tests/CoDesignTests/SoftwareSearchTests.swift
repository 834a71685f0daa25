import Accelerator
import CoDesign
import Execution
import Foundation
import MappingSearch
import Study
import Testing

@Suite struct SoftwareSearchTests {
  static func options(_ method: SoftwareSearch.Method, trials: Int = 60) -> SoftwareSearch.Options {
    var options = SoftwareSearch.Options()
    options.method = method
    options.trialCount = trials
    options.warmUpCount = 15
    options.poolCount = 40
    return options
  }

  static func estimate(_ space: MapSpace) -> (Mapping) throws -> MappingCost? {
    EmbeddedEstimator().estimate(of: space.layer, on: space.architecture, zeroShare: nil)
  }

  @Test(arguments: SoftwareSearch.Method.allCases)
  func keepsToTheBudgetAndIsTheSameTwice(method: SoftwareSearch.Method) throws {
    let space = try Machines.space()
    let estimate = Self.estimate(space)
    var askedCount = 0
    let search = SoftwareSearch(Self.options(method))
    let first = try search.run(in: space, seed: Seed(1)) { mapping in
      askedCount += 1
      return try estimate(mapping)
    }
    let second = try search.run(in: space, seed: Seed(1), estimate: estimate)
    #expect(first.evaluationCount == 60)
    #expect(askedCount + first.illegalCount >= 60)
    #expect(first.trace == second.trace)
    #expect(first.mapping == second.mapping)
    #expect(first.trace.count == 60)
    #expect(zip(first.trace, first.trace.dropFirst()).allSatisfy { $0 >= $1 })
    let cost = try #require(first.cost)
    #expect(first.trace.last == cost.energyDelayProduct)
    let again = try estimate(try #require(first.mapping))
    #expect(again == cost)
    if method != .unconstrained && method != .relaxed { #expect(first.illegalCount == 0) }
  }

  /// Geometric mean over six seeds of the best of 100 evaluations.
  private func mean(_ options: SoftwareSearch.Options) throws -> Double {
    let space = try Machines.space()
    let estimate = Self.estimate(space)
    let sum = try (0..<6).reduce(0.0) { sum, seed in
      let result = try SoftwareSearch(options).run(
        in: space, seed: Seed(UInt64(seed)), estimate: estimate)
      return sum + log(try #require(result.cost).energyDelayProduct)
    }
    return exp(sum / 6)
  }

  @Test func theModelBeatsChance() throws {
    // The pool of the published settings.
    var options = Self.options(.bayesian, trials: 100)
    options.poolCount = 150
    let model = try mean(options)
    let chance = try mean(Self.options(.random, trials: 100))
    #expect(model < 0.9 * chance)
  }

  @Test func interruptedSearchesGoOnAsIfNothingHadHappened() throws {
    let space = try Machines.space()
    let estimate = Self.estimate(space)
    struct Killed: Error {}
    for method in SoftwareSearch.Method.allCases {
      let search = SoftwareSearch(Self.options(method))
      let whole = try search.run(in: space, seed: Seed(5), estimate: estimate)
      var answers: [SoftwareSearch.Answer] = []
      #expect(throws: Killed.self) {
        try search.run(in: space, seed: Seed(5), estimate: estimate) { answer in
          if answers.count == 37 { throw Killed() }
          answers.append(answer)
        }
      }
      var newCount = 0
      let resumed = try search.run(
        in: space, seed: Seed(5), estimate: estimate, recorded: answers
      ) { _ in newCount += 1 }
      #expect(newCount == 60 - 37)
      #expect(resumed.trace == whole.trace)
      #expect(resumed.mapping == whole.mapping)
    }
  }

  @Test func aSlowEstimatorIsAskedOncePerEvaluation() throws {
    let space = try Machines.space()
    let estimate = Self.estimate(space)
    let start = Date()
    var askedCount = 0
    let result = try SoftwareSearch(Self.options(.bayesian, trials: 30)).run(
      in: space, seed: Seed(1)
    ) { mapping in
      askedCount += 1
      Thread.sleep(forTimeInterval: 0.005)
      return try estimate(mapping)
    }
    #expect(askedCount == 30)
    #expect(result.evaluationCount == 30)
    #expect(Date().timeIntervalSince(start) >= 0.15)
  }

  @Test func failuresAreCountedAndNotLearned() throws {
    let space = try Machines.space()
    let estimate = Self.estimate(space)
    var askedCount = 0
    let result = try SoftwareSearch(Self.options(.bayesian)).run(in: space, seed: Seed(1)) {
      mapping in
      askedCount += 1
      if askedCount % 3 == 0 { throw EvaluationFailure(.crash, "exit status 139") }
      return try estimate(mapping)
    }
    #expect(askedCount == 60)
    #expect(result.evaluationCount == 60)
    #expect(result.cost != nil)
  }

  @Test func anEstimatorThatIsDeadEndsTheSearch() throws {
    let space = try Machines.space()
    var askedCount = 0
    #expect(throws: EvaluationFailure(.crash, "exit status 139")) {
      try SoftwareSearch(Self.options(.bayesian)).run(in: space, seed: Seed(1)) { _ in
        askedCount += 1
        throw EvaluationFailure(.crash, "exit status 139")
      }
    }
    #expect(askedCount == 20)
  }

  @Test func warmStartsBeginWithWhatWasFound() throws {
    let space = try Machines.space()
    let search = SoftwareSearch(Self.options(.bayesian))
    let first = try search.run(in: space, seed: Seed(1), estimate: Self.estimate(space))
    var memory = LayerMemory()
    memory.add(first.memory)
    let wide = try Machines.space(Machines.small(columns: 8, rows: 2))
    let warm = try search.run(
      in: wide, memory: memory, seed: Seed(2), estimate: Self.estimate(wide))
    let cold = try search.run(in: wide, seed: Seed(2), estimate: Self.estimate(wide))
    let early = try #require(warm.trace.first)
    #expect(early < cold.trace[0])
    let data = try JSONEncoder().encode(memory)
    #expect(try JSONDecoder().decode(LayerMemory.self, from: data) == memory)
  }

  @Test func nothingLegalIsNoResult() throws {
    let space = try Machines.space(Machines.small(registers: 2))
    let result = try SoftwareSearch(Self.options(.bayesian)).run(
      in: space, seed: Seed(1), estimate: Self.estimate(space))
    #expect(result.mapping == nil)
    #expect(result.evaluationCount == 0)
  }

  @Test func theForestWorksToo() throws {
    let space = try Machines.space()
    var options = Self.options(.bayesian, trials: 40)
    options.surrogate = .forest
    options.features = .traffic
    options.acquisition = .expectedImprovement
    let search = SoftwareSearch(options)
    let first = try search.run(in: space, seed: Seed(1), estimate: Self.estimate(space))
    let second = try search.run(in: space, seed: Seed(1), estimate: Self.estimate(space))
    #expect(first.trace == second.trace)
    #expect(first.evaluationCount == 40)
  }
}
