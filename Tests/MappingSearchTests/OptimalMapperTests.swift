import Accelerator
import CostModel
import MappingSearch
import TestSupport
import Testing
import Workload

/// A random machine for a random layer, small enough to try every mapping.
struct SmallMachine {
  let layer: Layer
  let architecture: Architecture
  var keeps: [[Bool]]

  /// Takes a drawn problem's layer and machine, makes its buffers small, and its keep sets the machine's own.
  init?(_ drawn: RandomProblem, _ generator: inout SplitMix64) {
    layer = drawn.layer
    var levels = drawn.architecture.levels
    var keeps: [[Bool]] = []
    for index in levels.indices {
      let kept =
        index == 0 ? drawn.layer.operands.map { _ in true } : drawn.mapping.nests[index].keeps
      keeps.append(kept)
      levels[index].keptByDefault = zip(drawn.layer.operands, kept).filter(\.1).map(\.0.name)
      if index > 0, generator.chance(0.7) {
        levels[index].capacityWords = generator.pick(1...40)
      }
    }
    self.keeps = keeps
    guard
      let machine = try? Architecture(
        name: "small", levels: levels, compute: drawn.architecture.compute,
        effects: drawn.architecture.effects)
    else { return nil }
    architecture = machine
  }

  /// Least value over all mappings that fit; `nil` when there are too many.
  func exhaustive(
    _ model: LoopNestCostModel, limit: Int, _ value: (Double, Double) -> Double
  ) -> (best: Double, nests: [LoopNest], count: Int)? {
    let evaluator = MappingEvaluator(model)
    var best = Double.infinity
    var bestNests: [LoopNest] = []
    var count = 0
    let search = ExhaustiveSearch(
      layer: layer, architecture: architecture, keeps: keeps,
      ordersSpatialLoops: architecture.levels.contains {
        $0.network.energyPerHop > 0 || $0.network.routerEnergy > 0
      })
    let isComplete = search.forEach(limit: limit) { nests in
      count += 1
      guard let mapping = try? Mapping(nests: nests, for: layer, on: architecture),
        let totals = evaluator.totals(of: mapping), totals.verdict.isLegal
      else { return }
      let value = value(totals.energy, Double(totals.cycles))
      if value < best {
        best = value
        bestNests = nests
      }
    }
    return isComplete ? (best, bestNests, count) : nil
  }
}

func text(_ nests: [LoopNest]) -> String {
  nests.map { nest in
    "t\(nest.temporal.map { "\($0.dimension):\($0.factor)" }) y\(nest.spatialY.map { "\($0.dimension):\($0.factor)" }) x\(nest.spatialX.map { "\($0.dimension):\($0.factor)" })"
  }.joined(separator: " | ")
}

@Suite struct OptimalMapperTests {
  @Test(arguments: [
    (RandomProblems.Emphasis.none, 48), (.sliding, 36), (.sharing, 36),
  ])
  func certifiedValueEqualsExhaustiveEnumeration(_ emphasis: RandomProblems.Emphasis, _ size: Int) {
    var generator = SplitMix64(seed: 5)
    var compared = 0
    for (index, drawn) in RandomProblems(
      seed: 11, count: 400, raggedness: .none, emphasis: emphasis, largestIterations: size
    ).enumerated() {
      guard compared < 110 else { break }
      guard let problem = SmallMachine(drawn, &generator) else { continue }
      var terms = index % 2 == 0 ? CostTerms.asDescribed : .countingOnly
      terms.slidingRestartCredit = index % 3 != 0
      let model = LoopNestCostModel(
        layer: problem.layer, architecture: problem.architecture, terms: terms)
      let objectives: [MappingObjective] = [
        .energyDelayProduct, .energy, .latency, .custom { $0 * $1 * $1 },
      ]
      let objective = objectives[index % 4]
      guard
        let (expected, nests, _) = problem.exhaustive(
          model, limit: 3_000, { objective.value(energy: $0, cycles: $1) })
      else { continue }
      var mapper = OptimalMapper()
      mapper.objective = objective
      let found = mapper.mapping(for: model)
      compared += 1
      guard let found else {
        #expect(expected == .infinity, "\(drawn)")
        continue
      }
      let value = found.certificate.value
      #expect(
        abs(value - expected) <= 1e-9 * expected,
        "\(index) \(value) \(expected) \(text(nests)) instead of \(text(found.mapped.mapping.nests)) \(problem.architecture.levels.map { "\($0.mesh) \($0.network.energyPerHop) \($0.network.routerEnergy) \($0.leakagePerCycle) \($0.capacityWords ?? 0) \($0.energy) \($0.blockSize) \($0.kind)" }.joined(separator: "\n")) \(drawn)"
      )
      #expect(found.certificate.isOptimal)
      let again = MappingEvaluator(model).totals(of: found.mapped.mapping)
      #expect(again == found.mapped.totals)
    }
    #expect(compared >= 100)
  }

  /// A limit along one axis must also hold for the layout that is chosen for its hops.
  @Test func constrainedValueEqualsEnumerationOfTheConstrainedSpace() throws {
    var generator = SplitMix64(seed: 9)
    var compared = 0
    for (index, drawn) in RandomProblems(
      seed: 23, count: 300, raggedness: .none, emphasis: .sharing, largestIterations: 30
    ).enumerated() {
      guard compared < 60 else { break }
      guard let problem = SmallMachine(drawn, &generator) else { continue }
      let model = LoopNestCostModel(layer: problem.layer, architecture: problem.architecture)
      var constraints = MapSpaceConstraints()
      constraints.freesKeepSets = index % 5 == 0 && problem.keeps.count < 3
      constraints.levels = problem.architecture.levels.indices.map { level in
        var rules = MapSpaceConstraints.LevelRules(level: .index(level))
        if index % 2 == 0 { rules.largestX = 1 } else { rules.largestY = 1 }
        if index % 3 == 0 { rules.innermostLoops = [problem.layer.dimensions[0].name] }
        return rules
      }
      let space = try MapSpace(for: model, constraints: constraints)
      let listed = MapSpaceEnumerator(space, model: model)
        .best(for: .energyDelayProduct, limit: 3_000)
      let found = OptimalMapper().mapping(for: model, in: space)
      guard let listed, let found else { continue }
      compared += 1
      #expect(space.violations(of: found.mapped.mapping).isEmpty, "\(index) \(drawn)")
      let expected = listed.totals.energyDelayProduct
      let value = found.certificate.value
      #expect(abs(value - expected) <= 1e-9 * expected, "\(index) \(value) \(expected) \(drawn)")
      #expect(found.certificate.isOptimal)
    }
    #expect(compared >= 50)
  }
}
