import Accelerator
import CostModel
import TestSupport
import Testing
import Workload

@testable import MappingSearch

/// Bounds of keep sets, and the search that skips what they exclude, against the enumeration of every mapping of every keep
/// set.
@Suite struct KeepSetBoundTests {
  /// A layer and machine with every mapping's least value by keep sets.
  private struct Case {
    var model: LoopNestCostModel
    var space: MapSpace
    var objective: MappingObjective
    /// Infinite where nothing fits.
    var least: [[UInt32]: Double]
  }

  private func cases(seed: UInt64, count: Int, _ emphasis: RandomProblems.Emphasis) -> [Case] {
    var generator = SplitMix64(seed: seed)
    var cases: [Case] = []
    for (index, drawn) in RandomProblems(
      seed: seed, count: 60 * count, raggedness: .none, emphasis: emphasis, largestIterations: 16
    ).enumerated() where cases.count < count {
      guard let problem = SmallMachine(drawn, &generator) else { continue }
      let model = LoopNestCostModel(
        layer: problem.layer, architecture: problem.architecture,
        terms: index % 2 == 0 ? .asDescribed : .countingOnly)
      var constraints = MapSpaceConstraints()
      constraints.freesKeepSets = true
      guard let space = try? MapSpace(for: model, constraints: constraints) else { continue }
      let objectives: [MappingObjective] = [
        .energyDelayProduct, .energy, .latency, .custom { $0 * $1 * $1 },
      ]
      let objective = objectives[index % 4]
      let combinations = SpaceRules(space).keepSets(limit: 4_096).sets
      guard combinations.count > 1, combinations.count <= 64 else { continue }
      var least: [[UInt32]: Double] = [:]
      var isComplete = true
      for keeps in combinations where isComplete {
        var other = problem
        other.keeps = keeps.map { bits in
          problem.layer.operands.indices.map { bits >> UInt32(24 + $0) & 1 == 1 }
        }
        guard
          let found = other.exhaustive(
            model, limit: 120, { objective.value(energy: $0, cycles: $1) })
        else {
          isComplete = false
          break
        }
        least[keeps] = found.best
      }
      if isComplete {
        cases.append(Case(model: model, space: space, objective: objective, least: least))
      }
    }
    return cases
  }

  /// By tables, and by what an operand needs at least.
  @Test(
    arguments: [RandomProblems.Emphasis.none, .sliding, .sharing], [KeepSetBounds.pairLimit, 0])
  func boundsAreNeverAboveAnyMapping(_ emphasis: RandomProblems.Emphasis, _ pairLimit: Double)
    throws
  {
    var tight = 0
    var compared = 0
    for item in cases(seed: 23, count: 6, emphasis) {
      let found = KeepSetBounds(
        item.model, SpaceRules(item.space), objective: SearchObjective(item.objective),
        shapeLimit: 10_000, pairLimit: pairLimit, shouldStop: { false })
      let bounds = try #require(found)
      #expect(bounds.candidates.count == item.least.count)
      #expect(bounds.boundOfOthers == .infinity)
      for (a, b) in zip(bounds.candidates, bounds.candidates.dropFirst()) {
        #expect(a.bound <= b.bound)
      }
      for candidate in bounds.candidates {
        let least = try #require(item.least[candidate.keeps])
        #expect(candidate.bound <= least * (1 + 1e-12), "\(candidate) \(least)")
        guard least < .infinity else { continue }
        compared += 1
        if candidate.bound > 0.5 * least { tight += 1 }
      }
    }
    #expect(compared > 30)
    // Bounds that say nothing would pass, too; what is needed at least says less than tables.
    let expected = pairLimit > 0 ? compared / 3 : compared / 8
    #expect(tight > expected, "\(tight) of \(compared)")
  }

  @Test(arguments: [RandomProblems.Emphasis.none, .sliding, .sharing])
  func freeKeepSetsAreProvenLikeEnumeration(_ emphasis: RandomProblems.Emphasis) throws {
    var skipped = 0
    var open = 0
    for item in cases(seed: 29, count: 6, emphasis) {
      let expected = item.least.values.min() ?? .infinity
      var mapper = OptimalMapper()
      mapper.objective = item.objective
      guard let found = mapper.mapping(for: item.model, in: item.space) else {
        #expect(expected == .infinity)
        continue
      }
      let certificate = found.certificate
      #expect(abs(certificate.value - expected) <= 1e-9 * expected)
      #expect(certificate.isOptimal)
      #expect(certificate.counts.keepSets == item.least.count)
      skipped += item.least.count - certificate.counts.searchedKeepSets
      // With work for one combination, and nothing to start from, what is left open is bounded.
      mapper.keepSetWorkLimit = 0
      mapper.startEvaluations = 0
      guard let first = mapper.mapping(for: item.model, in: item.space)?.certificate else {
        continue
      }
      #expect(first.counts.searchedKeepSets <= 1)
      #expect(first.value >= expected * (1 - 1e-9))
      #expect(first.lowerBound <= expected * (1 + 1e-12))
      if !first.isOptimal {
        open += 1
        #expect(first.lowerBound > 0)
      }
    }
    #expect(skipped > 5)
    #expect(open > 0)
  }

  /// However few partial mappings are kept at a time, the search ends with a proof.
  @Test func shortFrontiersGiveTheSameProof() {
    var compared = 0
    var generator = SplitMix64(seed: 41)
    for drawn in RandomProblems(
      seed: 41, count: 16, raggedness: .none, emphasis: .sharing, largestIterations: 36)
    {
      guard let problem = SmallMachine(drawn, &generator) else { continue }
      let model = LoopNestCostModel(layer: problem.layer, architecture: problem.architecture)
      var mapper = OptimalMapper()
      // A bad start leaves the search something to do.
      mapper.startEvaluations = 0
      guard let whole = mapper.mapping(for: model) else { continue }
      for limit in [0, 5] {
        mapper.stateLimit = limit
        guard let parts = mapper.mapping(for: model) else {
          Issue.record("nothing with \(limit) partial mappings: \(drawn)")
          continue
        }
        #expect(parts.certificate.isOptimal)
        #expect(
          abs(parts.certificate.value - whole.certificate.value)
            <= 1e-9 * whole.certificate.value)
      }
      compared += 1
    }
    #expect(compared > 8)
  }
}
