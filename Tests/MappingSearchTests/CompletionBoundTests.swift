import Accelerator
import CostModel
import Execution
import TestSupport
import Testing
import Workload

@testable import MappingSearch

/// Tries to break every bound the certified search prunes with.
@Suite struct CompletionBoundTests {
  /// A small problem with everything the bounds need.
  private struct Case {
    let problem: SmallMachine
    let model: LoopNestCostModel
    let plan: SearchPlan
    let rules: SpaceRules
    let drawn: RandomProblem
  }

  private func cases(_ emphasis: RandomProblems.Emphasis, seed: UInt64, count: Int) -> [Case] {
    var generator = SplitMix64(seed: seed)
    var found: [Case] = []
    for (index, drawn) in RandomProblems(
      seed: seed, count: 200, raggedness: .none, emphasis: emphasis, largestIterations: 24
    ).enumerated() where found.count < count {
      guard let problem = SmallMachine(drawn, &generator) else { continue }
      var terms = CostTerms.asDescribed
      terms.slidingRestartCredit = index % 2 == 0
      terms.unusedLeakage = index % 3 == 0
      let model = LoopNestCostModel(
        layer: problem.layer, architecture: problem.architecture, terms: terms)
      guard let space = try? MapSpace(for: model) else { continue }
      let rules = SpaceRules(space)
      guard let keeps = rules.keepSets(limit: 1).sets.first,
        let plan = SearchPlan(model, keeps: keeps, rules: rules, shapeLimit: 10_000)
      else { continue }
      found.append(Case(problem: problem, model: model, plan: plan, rules: rules, drawn: drawn))
    }
    return found
  }

  /// Bounds with a price on a port, of which every price and port must hold.
  private func bounds(
    _ plan: SearchPlan, _ objective: SearchObjective, near known: OptimalSearch.Best? = nil,
    price: Double, port: Int, below limit: Double? = nil,
    laneCount: Int = PromisingShapes.laneCount
  ) -> ObjectiveBounds {
    let classes = BoundaryClasses(plan, near: known, objective: objective)
    let promising = limit.map {
      PromisingShapes(
        plan,
        classes: BoundaryClasses(plan, near: known, objective: objective, laneCount: laneCount),
        objective: objective, below: $0)
    }
    let tables = CompletionBounds(
      plan, classes: classes, promising: promising, rates: plan.rates)
    let levels = plan.model.architecture.levels
    let ports = PrefixEvaluator(plan.model).ports.filter { levels[$0.level].mesh.count == 1 }
    var priced: ObjectiveBounds.Priced?
    if !ports.isEmpty {
      priced = ObjectiveBounds.Priced(
        tables, promising: promising, price: price, port: ports[port % ports.count])
    }
    return ObjectiveBounds(plan, tables, priced: priced, objective: objective)
  }

  /// A random mapping, said to be better or worse than it is: what classes are told must not matter to what they prove.
  private func pretended(_ item: Case, _ factor: Double, seed: Int) -> OptimalSearch.Best? {
    var generator = Seed(UInt64(seed)).generator()
    guard let space = try? MapSpace(for: item.model),
      let mapping = ConstructiveSampler(space).next(using: &generator),
      let totals = MappingEvaluator(item.model).totals(of: mapping), totals.verdict.isLegal
    else { return nil }
    var batch = PackedMappings(
      levelCount: item.plan.levelCount, loopCapacity: Mapping.largestLoopCount)
    batch.append(mapping)
    return OptimalSearch.Best(
      value: totals.energyDelayProduct * factor, totals: totals, record: batch.words)
  }

  @Test(arguments: [RandomProblems.Emphasis.none, .sliding, .sharing])
  func rootBoundsAreBelowEveryMappingAndNothingPrunesTheBest(_ emphasis: RandomProblems.Emphasis) {
    var generator = SplitMix64(seed: 3)
    var compared = 0
    for (index, item) in cases(emphasis, seed: 41, count: 60).enumerated() {
      let objectives: [(SearchObjective, (Double, Double) -> Double)] = [
        (.energyDelayProduct, { $0 * $1 }), (.energy, { energy, _ in energy }),
        (.cycles, { _, cycles in cycles }), (.energyDelayProduct, { $0 * $1 }),
      ]
      let (objective, value) = objectives[index % 4]
      guard
        let (expected, nests, _) = item.problem.exhaustive(item.model, limit: 800, value),
        expected < .infinity, expected > 0
      else { continue }
      compared += 1
      // From traffic for nothing to energy for nothing.
      let price = [0.001, 0.1, 1, 10, 1_000][generator.pick(0...4)]
      let factor = [0, 1e-3, 0.5, 1, 2, 1e6][index % 6]
      let known = factor == 0 ? nil : pretended(item, factor, seed: index)
      let bounds = bounds(
        item.plan, objective, near: known, price: price, port: generator.pick(0...5))
      let search = OptimalSearch(bounds, rules: item.rules)
      #expect(
        search.rootBound() <= expected * (1 + 1e-9), "\(index) \(text(nests)) \(item.drawn)")
      // With a limit just above the best, a bound that is a little too high would lose it.
      search.run(below: expected * (1 + 1e-6))
      let found = search.best?.value ?? .infinity
      #expect(
        abs(found - expected) <= 1e-9 * expected,
        "\(index) price \(price) \(found) \(expected) \(text(nests)) \(item.drawn)")
    }
    #expect(compared >= 25)
  }

  /// With a limit hardly above the best value, or at it, leaving out a shape or calling an energy too much loses the best
  /// mapping when a bound is a little too high; a limit just below it must leave nothing better.
  @Test(arguments: [RandomProblems.Emphasis.none, .sliding, .sharing])
  func shapesOfTheBestMappingArePromising(_ emphasis: RandomProblems.Emphasis) {
    var generator = SplitMix64(seed: 5)
    var compared = 0
    var left = 0
    var fitting = 0
    for (index, item) in cases(emphasis, seed: 91, count: 60).enumerated() {
      let objectives: [(SearchObjective, (Double, Double) -> Double)] = [
        (.energyDelayProduct, { $0 * $1 }), (.energy, { energy, _ in energy }),
        (.cycles, { _, cycles in cycles }), (.other { $0 * $0 * $1 }, { $0 * $0 * $1 }),
      ]
      let (objective, value) = objectives[index % 4]
      guard
        let (expected, nests, _) = item.problem.exhaustive(item.model, limit: 800, value),
        expected < .infinity, expected > 0
      else { continue }
      compared += 1
      let known = pretended(item, [1e-3, 1, 1e6][index % 3], seed: index)
      let limit = expected * [1, 1 + 1e-7, 1.01, 2][index % 4]
      let price = [0.001, 1, 1_000][generator.pick(0...2)]
      let bounds = bounds(
        item.plan, objective, near: known, price: price, port: generator.pick(0...5), below: limit,
        laneCount: [1, 8, 64][index % 3])
      let search = OptimalSearch(bounds, rules: item.rules)
      #expect(
        search.rootBound() <= expected * (1 + 1e-8), "\(index) \(text(nests)) \(item.drawn)")
      search.run(below: expected * (1 + 1e-6))
      let found = search.best?.value ?? .infinity
      #expect(
        abs(found - expected) <= 1e-9 * expected,
        "\(index) limit \(limit) \(found) \(expected) \(text(nests)) \(item.drawn)")
      let promising = PromisingShapes(
        item.plan, classes: BoundaryClasses(item.plan, near: known, objective: objective),
        objective: objective, below: limit)
      for level in 0..<item.plan.levelCount {
        for shape in 0..<item.plan.shapes.count where item.plan.fits[level][shape] {
          fitting += 1
          if promising.tiles[level][shape] { left += 1 }
        }
      }
    }
    #expect(compared >= 25)
    // It must leave something out, too.
    #expect(left < fitting * 9 / 10, "\(left) of \(fitting)")
  }

  /// What bounds count on whatever the order: a level that keeps an operand moves each of its elements at least once, also
  /// where a restart is credited or a stride passes over elements.
  @Test(arguments: [RandomProblems.Emphasis.none, .sliding, .sharing])
  func everyElementMovesAtLeastOnce(_ emphasis: RandomProblems.Emphasis) {
    var generator = Seed(12).generator()
    var compared = 0
    for item in cases(emphasis, seed: 77, count: 80) {
      guard let space = try? MapSpace(for: item.model) else { continue }
      let sampler = ConstructiveSampler(space)
      for _ in 0..<30 {
        guard let mapping = sampler.next(using: &generator),
          case .legal(let cost) = item.model.cost(of: mapping)
        else { continue }
        for level in cost.levels {
          for (t, traffic) in level.tensors.enumerated() {
            guard let traffic else { continue }
            let isResult = t == item.plan.rates.result
            let moved = isResult ? [traffic.updates] : [traffic.reads]
            for count in moved {
              compared += 1
              #expect(
                Double(count) >= item.plan.distinct[t],
                "\(level.name) \(t) \(text(mapping.nests)) \(item.drawn)")
            }
            // What comes from outside is written here first; the outermost level holds it from the start.
            guard !isResult, level.name != cost.levels[0].name else { continue }
            #expect(
              Double(traffic.fills) >= item.plan.distinct[t],
              "\(level.name) \(t) \(text(mapping.nests)) \(item.drawn)")
          }
        }
      }
    }
    #expect(compared >= 1_000)
  }

  /// Counted by hand: a window of three over five positions reaches seven elements, every second one of them with stride two
  /// and no window.
  @Test func elementsThatStridesPassOverAreNotNeeded() throws {
    var shape = Layer.ConvolutionShape(
      inputChannels: 2, outputChannels: 3, kernel: (3, 1), output: (5, 1))
    for (stride, kernel, elements) in [(1, 3, 7), (2, 3, 11), (3, 3, 15), (2, 1, 5), (4, 2, 10)] {
      shape.stride = (stride, 1)
      shape.kernel = (kernel, 1)
      let layer = try Layer.convolution(name: "layer", shape)
      let machine = try Architecture(
        name: "machine",
        levels: [
          MemoryLevel(
            name: "memory", kind: .dram, mesh: Mesh(x: 1, y: 1), capacityWords: nil, wordBits: 16,
            energy: AccessEnergy(read: 1, fill: 1, update: 1))
        ],
        compute: ComputeArray(
          name: "MAC", mesh: Mesh(x: 1, y: 1), wordBits: 16, energyPerOperation: 1))
      let model = LoopNestCostModel(layer: layer, architecture: machine)
      let rules = SpaceRules(try MapSpace(for: model))
      let keeps = try #require(rules.keepSets(limit: 1).sets.first)
      let plan = try #require(
        SearchPlan(model, keeps: keeps, rules: rules, shapeLimit: 10_000))
      let operand = try #require(layer.operands.firstIndex { $0.name == "Inputs" })
      let expected = Double(2 * elements)
      #expect(abs(plan.distinct[operand] - expected) <= 1e-6 * expected, "stride \(stride)")
    }
  }

  /// The class that stands for a split's sharing must allow at least that sharing, and its units as many.
  @Test func classesStandForEveryPathOfSplits() {
    var generator = SplitMix64(seed: 8)
    for (index, item) in cases(.sharing, seed: 17, count: 60).enumerated() {
      let factor = [0, 1e-3, 0.5, 1, 2, 1e6][index % 6]
      let known = factor == 0 ? nil : pretended(item, factor, seed: index)
      let objectives = [SearchObjective.energyDelayProduct, .energy, .cycles]
      let classes = BoundaryClasses(item.plan, near: known, objective: objectives[index % 3])
      for _ in 0..<20 {
        var sharing = [Double](repeating: 1, count: classes.width)
        var class0 = 0
        for level in 0..<(item.plan.levelCount - 1) {
          let spatial = item.plan.spatial[level]
          guard spatial.count > 0 else { continue }
          let choice = generator.pick(0...(spatial.count - 1))
          class0 = classes.innerClass[level][choice * classes.classCount[level] + class0]
          var inner = sharing
          classes.advance(level, choice, sharing, &inner)
          sharing = inner
          for index in [class0, classes.cover(level + 1, sharing)] {
            let vector = classes.vector(level + 1, index)
            for entry in 0..<classes.width {
              #expect(vector[entry] >= sharing[entry] * (1 - 1e-9), "\(item.drawn)")
            }
          }
        }
        var units = 1.0
        var place = 0
        for level in stride(from: item.plan.levelCount - 1, through: 0, by: -1) {
          let spatial = item.plan.spatial[level]
          let isLast = level == item.plan.levelCount - 1
          let insideCount = isLast ? 1 : classes.unitCount[level + 1]
          let choice = generator.pick(0...(spatial.count - 1))
          let next = units * spatial.used[choice]
          // Splits that no tile has need not have a class.
          guard next <= classes.edges[level][0] else { break }
          units = next
          place = classes.outerUnit[level][choice * insideCount + (isLast ? 0 : place)]
          #expect(classes.edges[level][place] >= units, "\(item.drawn)")
          #expect(classes.fewest[level][place] <= units, "\(item.drawn)")
        }
      }
    }
  }

  /// Children of a split window that have the same tile, counted one by one for every extent of a child.
  @Test func copiesAlongWindowsAreNeverMore() {
    for stride in 1...3 {
      for (a, b) in [(2, 2), (2, 3), (4, 3), (7, 3), (4, 5), (1, 3)] {
        let (boundA, boundB) = (a * 4, b * 2)
        var known: [[Int]: Double] = [:]
        let copies = SpatialChoices.copies(
          alongWindow: [(a, boundA, stride), (b, boundB, 1)], &known)
        for first in [1, 2, 4] {
          for second in [1, 2] {
            var members: [Int: Int] = [:]
            for i in 0..<a {
              for j in 0..<b { members[i * first * stride + j * second, default: 0] += 1 }
            }
            #expect(Double(a * b) / Double(members.count) <= copies)
          }
        }
      }
    }
  }

  /// A window's tiles, delivered one after the other in every order of two loops; only the innermost loop slides.
  @Test func slidesAreNeverMoreThanARunAllows() throws {
    var shape = Layer.ConvolutionShape(
      inputChannels: 2, outputChannels: 2, kernel: (3, 1), output: (8, 1))
    for stride in 1...2 {
      shape.stride = (stride, 1)
      let layer = try Layer.convolution(name: "layer", shape)
      let level = { (name: String) in
        MemoryLevel(
          name: name, kind: .sram, mesh: Mesh(x: 1, y: 1), capacityWords: nil, wordBits: 16,
          energy: AccessEnergy(read: 1, fill: 1, update: 1))
      }
      let machine = try Architecture(
        name: "machine", levels: [level("outer"), level("inner")],
        compute: ComputeArray(
          name: "MAC", mesh: Mesh(x: 1, y: 1), wordBits: 16, energyPerOperation: 1))
      var terms = CostTerms.countingOnly
      terms.slidingRestartCredit = false
      let model = LoopNestCostModel(layer: layer, architecture: machine, terms: terms)
      let space = try MapSpace(for: model)
      let rules = SpaceRules(space)
      let keeps = try #require(rules.keepSets(limit: 1).sets.first)
      let plan = try #require(
        SearchPlan(model, keeps: keeps, rules: rules, shapeLimit: 10_000))
      let operand = try #require(layer.operands.firstIndex { $0.name == "Inputs" })
      let tables = SlideTable.tables(for: operand, plan)
      #expect(tables.count == 1)
      for z in 0..<plan.shapes.count {
        for last in plan.shapes.dimensions.indices where plan.axis[operand][last] >= 0 {
          let steps = plan.bounds[last] / plan.shapes.extent(z, last)
          guard steps > 1 else { continue }
          var reach = 1
          for d in plan.shapes.dimensions.indices where plan.axis[operand][d] >= 0 {
            reach += plan.coefficient[operand][d] * (plan.shapes.extent(z, d) - 1)
          }
          let step = plan.coefficient[operand][last] * plan.shapes.extent(z, last)
          let words = reach + (steps - 1) * min(reach, step)
          let share = Double(words) / Double(reach * steps)
          #expect(tables[0].share(plan.shapes, z, z) <= share + 1e-12)
        }
      }
    }
  }

  /// A 4 x 4 weight-stationary array whose DRAM needs longer than its MACs.
  private func arrayModel(rows: Int, bandwidth: Double) throws -> LoopNestCostModel {
    let layer = try Layer.matrixProduct(name: "product", rows: rows, columns: 8, inner: 8)
    let names = layer.operands.map(\.name)
    let result = layer.operands.firstIndex { $0.role == .result } ?? 0
    let weights = result == 0 ? 1 : 0
    let streamed = names.indices.filter { $0 != weights }.map { names[$0] }
    var levels: [MemoryLevel] = []
    for (name, mesh, capacity, energy, keeps) in [
      ("DRAM", Mesh(x: 1, y: 1), nil, 160.0, names),
      ("buffer", Mesh(x: 1, y: 1), 1 << 12, 0.32, streamed),
      ("sums", Mesh(x: 4, y: 1), 64, 2.6, [names[result]]),
      ("weights", Mesh(x: 4, y: 4), 2, 0.05, [names[weights]]),
    ] {
      var level = MemoryLevel(
        name: name, kind: name == "DRAM" ? .dram : .sram, mesh: mesh, capacityWords: capacity,
        wordBits: 8, energy: AccessEnergy(read: energy, fill: energy, update: energy))
      level.keptByDefault = keeps
      if name == "DRAM" { level.bandwidth.shared = bandwidth }
      levels.append(level)
    }
    let machine = try Architecture(
      name: "array", levels: levels,
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 4, y: 4), wordBits: 8, energyPerOperation: 0.15))
    return LoopNestCostModel(layer: layer, architecture: machine)
  }

  /// By hand: 12 x 8 and 8 x 8 words are read and 12 x 8 written, 256 words at 3 a cycle: 85.3 cycles.
  @Test func cyclesAreWhole() throws {
    let model = try arrayModel(rows: 12, bandwidth: 3)
    var mapper = OptimalMapper()
    mapper.objective = .latency
    let found = try #require(mapper.mapping(for: model))
    #expect(found.certificate.isOptimal)
    #expect(found.certificate.value == 86)
  }

  /// Where every operand depends on every dimension, nothing ever rests.
  @Test func elementwiseLayersAreCertifiedToo() throws {
    let axes = [
      Operand.Axis(terms: [Operand.Term(dimension: 0)]),
      Operand.Axis(terms: [Operand.Term(dimension: 1)]),
    ]
    let layer = try Layer(
      name: "sum",
      dimensions: [LoopDimension(name: "A", bound: 4), LoopDimension(name: "B", bound: 6)],
      operands: [
        Operand(name: "Left", axes: axes, role: .input),
        Operand(name: "Right", axes: axes, role: .input),
        Operand(name: "Sum", axes: axes, role: .result),
      ])
    let level = { (name: String, capacity: Int?) -> MemoryLevel in
      MemoryLevel(
        name: name, kind: .sram, mesh: Mesh(x: 1, y: 1), capacityWords: capacity, wordBits: 16,
        energy: AccessEnergy(read: 2, fill: 1, update: 3))
    }
    let machine = try Architecture(
      name: "machine", levels: [level("outer", nil), level("middle", 30), level("inner", 6)],
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 1, y: 1), wordBits: 16, energyPerOperation: 1))
    let model = LoopNestCostModel(layer: layer, architecture: machine)
    let space = try MapSpace(for: model)
    let listed = try #require(
      MapSpaceEnumerator(space, model: model).best(for: .energyDelayProduct, limit: 100_000))
    var mapper = OptimalMapper()
    mapper.startEvaluations = 0
    let found = try #require(mapper.mapping(for: model, in: space))
    #expect(found.certificate.isOptimal)
    #expect(found.mapped.totals.energyDelayProduct == listed.totals.energyDelayProduct)
  }

  /// A matrix product on three levels and four MACs.
  private func productModel() throws -> LoopNestCostModel {
    let layer = try Layer.matrixProduct(name: "product", rows: 24, columns: 24, inner: 24)
    var levels: [MemoryLevel] = []
    for (index, name) in ["DRAM", "buffer", "registers"].enumerated() {
      var level = MemoryLevel(
        name: name, kind: index == 0 ? .dram : .sram,
        mesh: Mesh(x: index == 2 ? 4 : 1, y: 1), capacityWords: [nil, 400, 8][index],
        wordBits: 16,
        energy: AccessEnergy(read: [200, 6, 1][index], fill: 1, update: 1))
      level.bandwidth.shared = index == 0 ? 2 : nil
      levels.append(level)
    }
    let machine = try Architecture(
      name: "machine", levels: levels,
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 4, y: 1), wordBits: 16, energyPerOperation: 1))
    return LoopNestCostModel(layer: layer, architecture: machine)
  }

  /// Where the proof does not come to its end, plain annealing and the heuristic for a tenth of the nodes are no better.
  @Test func openProofsAreNoWorseThanAnnealing() throws {
    let model = try productModel()
    let space = try MapSpace(for: model)
    var open = 0
    for nodes in [100, 400, 1_000, 2_000] {
      var mapper = OptimalMapper()
      mapper.startEvaluations = 1
      mapper.nodeLimit = nodes
      let found = try #require(mapper.mapping(for: model, in: space))
      guard !found.certificate.isOptimal else { continue }
      open += 1
      #expect(found.certificate.lowerBound < found.certificate.value)
      for starts in [1, 16] {
        var other = HeuristicMapper()
        other.startLimit = starts
        other.evaluationLimit = found.certificate.counts.nodes / 10
        let value = try #require(other.mapping(for: model, in: space)).totals.energyDelayProduct
        #expect(found.certificate.value <= value, "\(nodes) nodes, \(starts) starts")
      }
    }
    #expect(open > 0)
  }

  /// A search that is told to stop says what it has proven, which must be true.
  @Test func stoppedSearchesAreTruthful() throws {
    let model = try productModel()
    let whole = try #require(OptimalMapper().mapping(for: model))
    #expect(whole.certificate.isOptimal)
    var sawGap = false
    for calls in [0, 1, 10, 100, 200, 300, 400, 600, 1_000, 10_000] {
      let counter = CallCounter()
      var mapper = OptimalMapper()
      mapper.startEvaluations = 40
      mapper.shouldStop = { counter.next() > calls }
      let stopped = try #require(mapper.mapping(for: model))
      #expect(stopped.certificate.value >= whole.certificate.value * (1 - 1e-9))
      #expect(stopped.certificate.lowerBound <= whole.certificate.value * (1 + 1e-9))
      #expect(stopped.certificate.gap >= 0)
      sawGap = sawGap || !stopped.certificate.isOptimal
    }
    #expect(sawGap)
  }
}

/// Counts how often it was asked.
private final class CallCounter: @unchecked Sendable {
  private var count = 0
  func next() -> Int {
    count += 1
    return count
  }
}
