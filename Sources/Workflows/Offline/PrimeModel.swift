public import DesignSpace
public import Execution
import Foundation
import LinearAlgebra
public import OfflineDesign
import Search
import SimulationLog
public import Study
import Surrogate

/// How PRIME's network is trained for the offline commands.
public struct PrimeOptions: Hashable, Sendable, Codable {
  /// How the parameters of a design meet in the network.
  public enum Variant: String, Hashable, Sendable, Codable, CaseIterable {
    /// A token a parameter and two transformer layers, as published.
    case attention
    /// A plain multilayer perceptron.
    case mlp
  }

  /// How designs are found that the current network believes in.
  public enum Mining: String, Hashable, Sendable, Codable, CaseIterable {
    /// A firefly swarm that follows the network, as published.
    case firefly
    /// Designs of the batch, each parameter moved with the probability that the network's gradient gives it.
    case gradient
  }

  /// The network.
  public var variant = Variant.mlp
  /// Where the negatives are from.
  public var mining = Mining.firefly
  /// The weight of negatives that the current model finds, `alpha`; see `ConservativeLoss.negativeWeight`.
  public var alpha = 0.01
  /// The weight of infeasible designs, `beta`; see `ConservativeLoss.infeasibleWeight`.
  public var beta = 0.01
  /// The weight of the order of pairs; see `ConservativeLoss.rankingWeight`.
  public var rankingWeight = 0.0
  /// Experts that vote.
  public var expertCount = 1
  /// Networks from different seeds, whose mean orders designs.
  public var memberCount = 1
  /// Steps of training.
  public var stepCount = 4_000
  /// Whether the weights that rank held-out rows best are kept, not the last ones.
  public var isSelected = true
  /// The root of every draw.
  public var seed = Seed(0)
  /// A file to go on from where it is, and to write what was learned to now and then; not written to files.
  ///
  /// Members after the first have files of this name with `.1`, `.2` and so on.
  public var checkpoint: String?
  /// Members that are trained at once; does not change any result, and is not written to files.
  public var threadCount = 1

  /// Creates options with defaults.
  public init() {}

  private enum CodingKeys: String, CodingKey {
    case variant, mining, alpha, beta, rankingWeight, expertCount, memberCount, stepCount
    case isSelected, seed
  }

  /// Reads options.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    variant = try container.decode(Variant.self, forKey: .variant)
    // Files of earlier versions have no such choice.
    mining = try container.decodeIfPresent(Mining.self, forKey: .mining) ?? mining
    rankingWeight =
      try container.decodeIfPresent(Double.self, forKey: .rankingWeight) ?? rankingWeight
    alpha = try container.decode(Double.self, forKey: .alpha)
    beta = try container.decode(Double.self, forKey: .beta)
    expertCount = try container.decode(Int.self, forKey: .expertCount)
    memberCount = try container.decode(Int.self, forKey: .memberCount)
    stepCount = try container.decode(Int.self, forKey: .stepCount)
    isSelected = try container.decode(Bool.self, forKey: .isSelected)
    seed = Seed(try container.decode(UInt64.self, forKey: .seed))
  }

  /// Writes options.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(variant, forKey: .variant)
    try container.encode(mining, forKey: .mining)
    try container.encode(rankingWeight, forKey: .rankingWeight)
    try container.encode(alpha, forKey: .alpha)
    try container.encode(beta, forKey: .beta)
    try container.encode(expertCount, forKey: .expertCount)
    try container.encode(memberCount, forKey: .memberCount)
    try container.encode(stepCount, forKey: .stepCount)
    try container.encode(isSelected, forKey: .isSelected)
    try container.encode(seed.value, forKey: .seed)
  }
}

/// PRIME as published: a network trained to be pessimistic about designs that only look good, searched by fireflies.
///
/// Limits act by relabelling: rows over them are infeasible ones of the loss. So they are those of the training.
/// Weights are those that ranked held-out feasible rows best.
///
/// - SeeAlso: Kumar, Yazdanbakhsh, Hashemi, Swersky, Levine 2022, "Data-Driven Offline Optimization for Architecting
///   Hardware Accelerators", arXiv 2110.11346, section 4.
public struct PrimeModel: Sendable {
  /// The designs it proposes, best first, with the predicted objective's cost.
  public typealias Entry = (point: Point, cost: Double)

  /// What was asked for.
  public let options: PrimeOptions
  /// The mean rank correlation on held-out rows, tau-b, of the best weights of each member.
  public let rankCorrelations: [Double]
  /// The 80 % quantile of the error on held-out rows: of `ln` of positive costs, else of the cost.
  public let errorQuantile: Double
  /// The limits it was trained under.
  public let limits: [MetricLimit]
  /// Rows that are learned from at most, drawn by the seed; see `LoggedDesigns.drawnRows(limit:seed:)`.
  ///
  /// As many as a committee learns from: a training sees each of 100,000 rows about ten times in its 4,000 steps.
  public static let rowLimit = 100_000
  private let problem: Problem
  private let surrogate: ConservativeSurrogate
  private let contexts: [Context]
  private let isRatioScale: Bool

  /// Trains networks on a study's rows under its limits.
  ///
  /// - Throws: `SurrogateError` for rows nothing can be learned from, `CancellationError`.
  /// - Complexity: O(*members x steps x batch x weights*).
  public init(
    training study: OfflineStudy, options: PrimeOptions, progress: (String) -> Void
  ) throws {
    self.options = options
    let (problem, trials, contexts) = try Self.trials(of: study, seed: options.seed)
    self.problem = problem
    self.contexts = contexts
    let data = try SurrogateData(problem: problem, trials: trials, contexts: contexts)
    var training = TrainingOptions()
    training.stepCount = options.stepCount
    training.validationInterval = max(1, min(250, options.stepCount / 8))
    training.holdOut = options.isSelected ? training.holdOut : .none
    training.loss.negativeWeight = Float(options.alpha)
    training.loss.infeasibleWeight = Float(options.beta)
    training.loss.rankingWeight = Float(options.rankingWeight)
    if options.mining == .gradient { training.mining = .gradient(NegativeMining.GradientOptions()) }
    let chosen = training
    let architecture = Self.architecture(options, data)
    var ensemble = try SurrogateEnsemble(count: options.memberCount, seed: options.seed) {
      try SurrogateTraining(data, architecture: architecture, options: chosen, seed: $0)
    }
    let files = options.checkpoint.map { file in
      (0..<options.memberCount).map { $0 == 0 ? file : "\(file).\($0)" }
    }
    for (index, file) in (files ?? []).enumerated()
    where FileManager.default.fileExists(atPath: file) {
      try ensemble.resume(member: index, from: file)
    }
    try ensemble.run(threadCount: options.threadCount) { ensemble in
      for (file, member) in zip(files ?? [], ensemble.members) { try member.write(to: file) }
      try Task.checkCancellation()
      let step = ensemble.members.map(\.step).min() ?? 0
      progress("training: \(step) of \(options.stepCount) steps")
    }
    surrogate = ConservativeSurrogate(ensemble)
    rankCorrelations = ensemble.members.map { $0.validations.map(\.score).max() ?? .nan }
    limits = study.offline.limits
    isRatioScale = study.offline.designs.isRatioScale
    errorQuantile = try Self.errorQuantile(
      surrogate, data, heldOut: ensemble.members[0].heldOutRows, contexts: contexts,
      isRatioScale: isRatioScale)
  }

  /// How far predictions of held-out rows are off.
  private static func errorQuantile(
    _ surrogate: ConservativeSurrogate, _ data: SurrogateData, heldOut: [Int],
    contexts: [Context], isRatioScale: Bool
  ) throws -> Double {
    var errors: [Double] = []
    for (index, context) in contexts.enumerated() {
      let rows = heldOut.filter { Int(data.contextIndices[$0]) == index }
      guard !rows.isEmpty else { continue }
      let predictions = try surrogate.predictions(of: rows.map { data.points[$0] }, in: context)
      for (row, prediction) in zip(rows, predictions) {
        let actual = data.scale(ofContext: index).cost(of: Double(data.targets[row]))
        let error = isRatioScale ? log(prediction.cost / actual) : prediction.cost - actual
        if error.isFinite { errors.append(abs(error)) }
      }
    }
    errors.sort()
    guard !errors.isEmpty else { return .nan }
    return errors[min(errors.count - 1, Int((0.8 * Double(errors.count)).rounded(.up)))]
  }

  /// Reads what `record` wrote, with the study it was trained on.
  ///
  /// - Throws: `SurrogateError` for networks of other data.
  init(_ record: Record, study: OfflineStudy) throws {
    options = record.options
    rankCorrelations = record.rankCorrelations
    errorQuantile = record.errorQuantile
    let limits = try record.limits.map { try MetricLimit(parsing: $0) }
    self.limits = limits
    let limited = try study.under(limits)
    let (problem, trials, contexts) = try Self.trials(of: limited, seed: options.seed)
    self.problem = problem
    self.contexts = contexts
    isRatioScale = limited.offline.designs.isRatioScale
    let data = try SurrogateData(problem: problem, trials: trials, contexts: contexts)
    let architecture = Self.architecture(options, data)
    surrogate = try ConservativeSurrogate(
      networks: record.weights.map { packed in
        try SurrogateNetwork(
          architecture, weights: packed.values.map { Float(bitPattern: UInt32(bitPattern: $0)) })
      }, data: data)
  }

  /// What a file keeps beside the study.
  struct Record: Codable {
    var options: PrimeOptions
    var limits: [String]
    var rankCorrelations: [Double]
    var errorQuantile: Double
    /// The bits of the weights of each network.
    var weights: [PackedIntegers]
  }

  /// What a file keeps beside the study.
  var record: Record {
    Record(
      options: options, limits: limits.map(\.description), rankCorrelations: rankCorrelations,
      errorQuantile: errorQuantile,
      weights: surrogate.networks.map { network in
        PackedIntegers(network.weights.map { Int32(bitPattern: $0.bitPattern) })
      })
  }

  /// The 80 % interval around a predicted cost, as wide as errors on held-out rows were.
  func interval(around cost: Double) -> [Double] {
    isRatioScale
      ? [cost * exp(-errorQuantile), cost * exp(errorQuantile)]
      : [cost - errorQuantile, cost + errorQuantile]
  }

  private static func architecture(_ options: PrimeOptions, _ data: SurrogateData)
    -> NetworkArchitecture
  {
    let blocks = data.encoding.blockWidths
    let width = data.contexts.width
    switch options.variant {
    case .attention:
      return .published(
        blockWidths: blocks, contextWidth: width, expertCount: options.expertCount)
    case .mlp:
      return .perceptron(
        blockWidths: blocks, contextWidth: width, expertCount: options.expertCount)
    }
  }

  /// A study's rows as trials of a problem.
  private static func trials(of whole: OfflineStudy, seed: Seed) throws -> (
    Problem, [Trial], [Context]
  ) {
    let study = whole.thinned(to: rowLimit, seed: seed.child("thinned"))
    let log = study.offline.designs
    let objective = study.offline.objective
    let limited = log.metrics.filter { $0.name != objective.metric }
    let problem = try Problem(
      name: study.space.name, space: study.space.space,
      metrics: [Metric(objective.metric)] + limited.map { Metric($0.name) },
      objectives: [objective], limits: log.limits)
    // Features that are unknown say nothing; the loss needs numbers.
    let contexts = log.contexts.map { context in
      Context(id: context.name, features: context.features.map { $0.isFinite ? $0 : 0 })
    }
    var trials: [Trial] = []
    trials.reserveCapacity(log.rowCount)
    for row in 0..<log.rowCount {
      let coordinates = study.offline.coordinates.map { $0[row] }
      guard let point = study.space.space.point(coordinates: coordinates) else { continue }
      let values = [study.offline.value(ofCost: log.cost[row])] + limited.map { $0.values[row] }
      let isMeasured = log.works[row] && values.allSatisfy(\.isFinite)
      trials.append(
        Trial(
          id: row, point: point, context: contexts[log.context[row]].id,
          outcome: isMeasured
            ? .measured(values)
            : .infeasible(
              Infeasibility(.hidden(""), values: values.map { $0.isFinite ? $0 : nil })),
          origin: Trial.Origin(evaluator: "log")))
    }
    return (problem, trials, contexts)
  }

  /// The predicted costs of designs for a workload.
  ///
  /// - Throws: `SurrogateError` for a workload the networks can say nothing about.
  public func costs(of points: [Point], for workload: WorkloadContext) throws -> [Double] {
    try surrogate.predictions(
      of: points,
      in: Context(
        id: workload.name, features: workload.features.map { $0.isFinite ? $0 : 0 })
    ).map(\.cost)
  }

  /// Designs of the space that are predicted best and were not logged, found by fireflies.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - workload: The workload.
  ///   - logged: Designs that are left out.
  ///   - leastDifference: Parameters in which every two designs differ at least.
  ///   - evaluationCount: Designs the search looks at.
  ///   - seed: Of every draw.
  /// - Throws: `SurrogateError`, `DesignSpaceError`, `CancellationError`.
  public func propose(
    count: Int, for workload: WorkloadContext, leavingOut logged: Set<Point>,
    leastDifference: Int = 1, evaluationCount: Int = 10_000, seed: Seed
  ) throws -> (entries: [Entry], judgedCount: Int) {
    let free = try Problem(
      name: problem.name, space: problem.space, metrics: [Metric("cost")],
      objectives: [Objective(.minimize, "cost")])
    var designer = FireflyDesigner(free)
    var found: [Entry] = []
    var request = 0
    while found.count < evaluationCount {
      try Task.checkCancellation()
      var generator = seed.child("firefly \(workload.name)", request).generator()
      request += 1
      let points = try designer.suggest(count: 50, using: &generator)
      guard !points.isEmpty else { break }
      let costs = try costs(of: points, for: workload)
      let trials = points.indices.map { index in
        Trial(
          id: found.count + index, point: points[index], outcome: .measured([costs[index]]),
          origin: Trial.Origin(evaluator: "surrogate"))
      }
      designer.observe(trials)
      found += zip(points, costs).map { ($0, $1) }
    }
    let new = found.indices.filter { !logged.contains(found[$0].point) }
    var best: [Entry] = []
    for index in new.sorted(by: { (found[$0].cost, $0) < (found[$1].cost, $1) })
    where best.count < count {
      let entry = found[index]
      let isApart = best.allSatisfy {
        entry.point.differenceCount(from: $0.point) >= leastDifference
      }
      if leastDifference <= 1 || isApart { best.append(entry) }
    }
    return (best, found.count)
  }
}
