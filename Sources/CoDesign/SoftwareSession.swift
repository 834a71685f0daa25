import Accelerator
import Execution
import Foundation
import LinearAlgebra
import MappingSearch
import Regression

/// A search under way: proposes a mapping, then is told what came of it.
struct SoftwareSession {
  private(set) var result = SoftwareSearch.Result()
  private let options: SoftwareSearch.Options
  private let workbench: MappingWorkbench
  private let features: MappingFeatures
  private var generator: SeededGenerator
  private let seed: Seed
  private var model: LinearGaussianModel
  private let memory: LayerMemory
  private var seen: Set<[Int]> = []
  /// Evaluated mappings with their targets, `nil` values being those that could not run.
  private var rows: [[Double]] = []
  private var targets: [Double] = []
  private var images: [[Int]] = []
  private var forest: RandomForest?
  private var queue: [[Int]] = []
  private var pool: [(row: [Double], image: [Int])] = []
  private var best = Double.infinity
  private var worst = -Double.infinity
  private var proposed: (row: [Double], image: [Int])?

  /// One in this many candidates is drawn anew for every suggestion; drawing takes most of the time.
  private static let renewedPart = 3
  /// Evaluations between two forests.
  private static let forestInterval = 10
  /// Mappings that boosted trees choose at a time.
  private static let batchCount = 16

  init(
    _ space: MapSpace, options: SoftwareSearch.Options, memory: LayerMemory, seed: Seed
  ) {
    self.options = options
    self.seed = seed
    self.memory = options.startsWarm ? memory : LayerMemory()
    workbench = MappingWorkbench(space)
    features = MappingFeatures(space, kind: options.features)
    generator = seed.generator()
    let dimension =
      options.method == .relaxed ? workbench.relaxedCount : features.count
    let prior = options.method == .bayesian ? self.memory.moments : nil
    model = LinearGaussianModel(
      dimension: dimension, prior: prior?.cross.count == dimension ? prior : nil)
  }

  // MARK: Proposing

  /// The next mapping; inside `nil` for a factorization that breaks a limit, outside `nil` when there is no legal mapping.
  mutating func propose() -> Mapping?? {
    switch options.method {
    case .bayesian, .random:
      guard proposeLegal() else { return nil }
    case .unconstrained: proposeScattered()
    case .relaxed: proposeRelaxed()
    case .boostedTrees:
      guard proposeRanked() else { return nil }
    case .evolution:
      guard proposeEvolved() else { return nil }
    }
    if options.method == .unconstrained || options.method == .relaxed {
      return .some(workbench.isLegal ? workbench.mapping() : nil)
    }
    return .some(workbench.mapping())
  }

  private mutating func proposeLegal() -> Bool {
    let index = result.evaluationCount
    if options.method == .bayesian, index < memory.elites.count,
      index < options.warmUpCount,
      let mapping = memory.elites[index].mapping(in: workbench.space),
      workbench.adopt(mapping, using: &generator)
    {
      hold(features.values(of: workbench))
      return true
    }
    guard options.method == .bayesian, index >= options.warmUpCount, best < .infinity else {
      guard draw(index) else { return false }
      hold(options.method == .random ? [] : features.values(of: workbench))
      return true
    }
    return choose { $0.draw($1) }
  }

  /// Draws a legal mapping; every other one fills the array.
  private mutating func draw(_ number: Int) -> Bool {
    workbench.draw(fillsArray: number & 1 == 1, using: &generator)
  }

  private mutating func proposeScattered() {
    guard result.evaluationCount >= options.warmUpCount, best < .infinity else {
      workbench.scatter(using: &generator)
      hold(features.values(of: workbench))
      return
    }
    _ = choose { session, _ in
      session.workbench.scatter(using: &session.generator)
      return true
    }
  }

  private mutating func proposeRelaxed() {
    let count = workbench.relaxedCount
    var chosen = (0..<count).map { _ in generator.unitInterval() }
    if result.evaluationCount >= options.warmUpCount, best < .infinity {
      let fit = model.fitted()
      var highest = -Double.infinity
      for _ in 0..<options.poolCount {
        let candidate = (0..<count).map { _ in generator.unitInterval() }
        let (mean, deviation) = fit.prediction(at: candidate)
        let value = options.acquisition.value(mean: mean, deviation: deviation, best: best)
        if value > highest { (highest, chosen) = (value, candidate) }
      }
    }
    workbench.round(chosen, using: &generator)
    proposed = (chosen, [])
  }

  /// Renews a third of the pool and holds its most promising mapping that was not evaluated yet.
  private mutating func choose(_ make: (inout Self, Int) -> Bool) -> Bool {
    let freshCount =
      pool.isEmpty ? options.poolCount : max(1, options.poolCount / Self.renewedPart)
    pool.removeFirst(max(0, min(pool.count, pool.count + freshCount - options.poolCount)))
    for number in 0..<freshCount {
      guard make(&self, number) else { return false }
      pool.append((features.values(of: workbench), workbench.image()))
    }
    let chosen: Int?
    if options.surrogate == .linear {
      let fit = model.fitted()
      chosen = mostPromising { fit.prediction(at: $0) }
    } else {
      chosen = chooseByForest()
    }
    // Of an exhausted space the last one drawn is evaluated again.
    let taken = pool.remove(at: chosen ?? pool.count - 1)
    workbench.restore(taken.image)
    proposed = taken
    return true
  }

  private func mostPromising(_ predict: ([Double]) -> (mean: Double, deviation: Double)) -> Int? {
    var chosen: Int?
    var highest = -Double.infinity
    for (index, candidate) in pool.enumerated() {
      let (mean, deviation) = predict(candidate.row)
      let value = options.acquisition.value(mean: mean, deviation: deviation, best: best)
      if value > highest, !seen.contains(candidate.image) { (highest, chosen) = (value, index) }
    }
    return chosen
  }

  private mutating func chooseByForest() -> Int? {
    if forest == nil || result.evaluationCount % Self.forestInterval == 0 {
      var settings = RandomForest.Options()
      settings.treeCount = 30
      settings.leafRowCount = 2
      forest = try? RandomForest(
        points: Matrix(rows: rows), targets: targets, options: settings,
        seed: seed.child("forest", result.evaluationCount))
    }
    guard let forest else { return nil }
    let predictions = forest.treePredictions(at: Matrix(rows: pool.map(\.row)))
    var index = -1
    return mostPromising { _ in
      index += 1
      let values = predictions.row(index)
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return (mean, variance.squareRoot())
    }
  }

  /// Batches that boosted trees rank highest among mutations of the best and random mappings; one in twenty is random.
  private mutating func proposeRanked() -> Bool {
    if queue.isEmpty {
      let warm = max(options.warmUpCount, Self.batchCount)
      if result.evaluationCount < warm {
        guard draw(result.evaluationCount) else { return false }
        hold(features.values(of: workbench))
        return true
      }
      guard refillQueue() else { return false }
    }
    workbench.restore(queue.removeFirst())
    hold(features.values(of: workbench))
    return true
  }

  private mutating func refillQueue() -> Bool {
    var settings = GradientBoostedTrees.Options()
    settings.roundCount = 40
    settings.depthLimit = 4
    settings.learningRate = 0.3
    guard
      let trees = try? GradientBoostedTrees(
        points: Matrix(rows: rows), targets: targets, options: settings,
        seed: seed.child("trees", result.evaluationCount))
    else { return false }
    let parents = targets.indices.sorted { (targets[$0], $0) < (targets[$1], $1) }
      .prefix(Self.batchCount).map { images[$0] }
    var population = parents
    while population.count < options.poolCount {
      guard draw(population.count) else { return false }
      population.append(workbench.image())
    }
    var pool: [[Int]: (score: Double, order: Int)] = [:]
    var order = 0
    for _ in 0..<4 {
      var matrix: [[Double]] = []
      for image in population {
        workbench.restore(image)
        matrix.append(features.values(of: workbench))
      }
      let scores = trees.predictions(at: Matrix(rows: matrix))
      for (image, score) in zip(population, scores) where pool[image] == nil {
        pool[image] = (score, order)
        order += 1
      }
      let ranked = pool.sorted {
        ($0.value.score, $0.value.order) < ($1.value.score, $1.value.order)
      }
      let elite = ranked.prefix(max(1, options.poolCount / 4)).map(\.key)
      population = []
      for index in 0..<options.poolCount {
        workbench.restore(elite[index % elite.count])
        for _ in 0..<(1 + generator.index(below: 3)) { _ = workbench.mutate(using: &generator) }
        population.append(workbench.image())
      }
    }
    let fresh = pool.filter { !seen.contains($0.key) }
      .sorted { ($0.value.score, $0.value.order) < ($1.value.score, $1.value.order) }
    queue = fresh.prefix(Self.batchCount).map(\.key)
    for index in queue.indices where generator.index(below: 20) == 0 {
      guard draw(index) else { return false }
      queue[index] = workbench.image()
    }
    if queue.isEmpty {
      guard draw(0) else { return false }
      queue = [workbench.image()]
    }
    return true
  }

  private mutating func proposeEvolved() -> Bool {
    let population = 25
    if result.evaluationCount < population || targets.isEmpty {
      guard draw(result.evaluationCount) else { return false }
    } else {
      // The youngest compete; the winner of eight is mutated.
      let start = max(0, targets.count - 4 * population)
      var winner = start + generator.index(below: targets.count - start)
      for _ in 0..<7 {
        let other = start + generator.index(below: targets.count - start)
        if targets[other] < targets[winner] { winner = other }
      }
      for _ in 0..<10 {
        workbench.restore(images[winner])
        for _ in 0..<(1 + generator.index(below: 2)) { _ = workbench.mutate(using: &generator) }
        if !seen.contains(workbench.image()) { break }
      }
    }
    hold([])
    return true
  }

  private mutating func hold(_ row: [Double]) { proposed = (row, workbench.image()) }

  // MARK: Learning

  mutating func observe(_ answer: SoftwareSearch.Answer, _ mapping: Mapping?) {
    result.evaluationCount += 1
    defer { result.trace.append(result.cost?.energyDelayProduct ?? .infinity) }
    guard let proposed else { return }
    if !proposed.image.isEmpty { seen.insert(proposed.image) }
    switch answer {
    case .measured(let cost):
      let target = log(cost.energyDelayProduct)
      worst = max(worst, target)
      learn(proposed.row, proposed.image, target)
      if target < best {
        best = target
        result.cost = cost
        result.mapping = mapping
      }
    case .illegal:
      result.illegalCount += 1
      // What cannot run is as bad as the worst known; before anything ran it says nothing.
      if options.method == .unconstrained || options.method == .relaxed, worst > -.infinity {
        learn(proposed.row, proposed.image, worst)
      }
    case .failed: break
    }
  }

  private mutating func learn(_ row: [Double], _ image: [Int], _ target: Double) {
    switch options.method {
    case .random: break
    case .bayesian, .unconstrained, .relaxed:
      if options.surrogate == .linear {
        model.observe(row, target: target)
      } else {
        rows.append(row)
        targets.append(target)
      }
    case .boostedTrees, .evolution:
      rows.append(row)
      targets.append(target)
      images.append(image)
    }
  }

  /// The result with what it leaves to later searches.
  func finished() -> SoftwareSearch.Result {
    var result = result
    if options.method == .bayesian {
      if options.surrogate == .linear { result.memory.moments = model.moments }
      if let mapping = result.mapping {
        result.memory.elites = [LayerMemory.Sketch(mapping, value: best)]
      }
    }
    return result
  }
}
