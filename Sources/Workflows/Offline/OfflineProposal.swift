public import DesignSpace
public import Execution
import Foundation
public import OfflineDesign
import SimulationLog
import Study

/// Designs proposed from a log, said in the log's words.
public struct OfflineProposal: Sendable {
  /// One proposed design.
  public struct Design: Sendable {
    /// The design.
    public var point: Point
    /// The values of the parameters, as texts.
    public var values: [String]
    /// The predicted objective.
    public var prediction: Double
    /// The 80 % interval of the objective, calibrated on hidden rows of the log.
    public var interval: ClosedRange<Double>
    /// The predicted probability that the design works; `nil` of PRIME's network, which has none.
    public var feasibility: Double?
    /// The least number of parameters in which a logged design differs.
    public var novelty: Int
    /// The distance to the nearest logged design, in `[0, 1]`.
    public var distance: Double
  }

  /// Whether the log supports the question.
  public var trust: OfflineTrust
  /// The value split inside the log.
  public var assessment: ValueAssessment
  /// The rank correlations on held-out rows of PRIME's networks; empty for a committee.
  public var rankCorrelations: [Double]
  /// The workload.
  public var workload: String
  /// Whether the log has rows of the workload.
  public var isKnownWorkload: Bool
  /// Names of the parameters.
  public var parameters: [String]
  /// The objective with its goal and unit, such as `minimize latency_ms`.
  public var objective: String
  /// The limits in force.
  public var limits: [String]
  /// The proposals, best first; empty when the log cannot support them and nothing was forced.
  public var designs: [Design]
  /// The best logged feasible design of the workload; `nil` where there is none.
  public var bestLogged: (values: [String], value: Double)?
  /// Designs that were looked at.
  public var judgedCount: Int
  /// Rows learned from.
  public var rowCount: Int

  /// Asks a model for designs.
  ///
  /// - Parameters:
  ///   - model: The trained model.
  ///   - study: The model's study, or a later log of the same space, under the limits of the question; designs are new to it.
  ///   - context: The workload to design for.
  ///   - proposals: How many, how diverse, and which are excluded.
  ///   - seed: Of every draw.
  ///   - isForced: Whether to propose even where the log does not support it.
  ///   - progress: Called with what is being done.
  /// - Throws: `OfflineModelError`, `DesignSpaceError`, `CancellationError`.
  public init(
    asking model: OfflineModel, about study: OfflineStudy, for context: WorkloadContext,
    proposals: ProposalOptions, seed: Seed, isForced: Bool = false, progress: (String) -> Void
  ) throws {
    let log = study.offline.designs
    assessment = model.assessment
    trust =
      try model.prime.map { try OfflineTrust(study, context: context, prime: $0) }
      ?? OfflineTrust(study, context: context, assessment: assessment)
    rankCorrelations = model.prime?.rankCorrelations ?? []
    workload = context.name
    isKnownWorkload = log.contexts.contains { $0.name == context.name }
    parameters = study.space.titles
    objective = study.objectiveText
    limits = study.offline.limits.map(\.description)
    rowCount = model.study.offline.designs.rowCount
    let logged = study.logged(context)
    bestLogged = isKnownWorkload ? study.bestLogged(among: logged) : nil
    designs = []
    judgedCount = 0
    guard trust == .supported || isForced else { return }
    if let prime = model.prime {
      try propose(by: prime, study, context, logged, proposals, seed: seed, progress)
      return
    }
    progress("reading the model")
    let limited = try model.study.under(study.offline.limits)
    let committee = try model.committee(for: context, in: limited)
    progress("searching the space")
    var ranking = RankingOptions()
    ranking.firstMembers = assessment.firstPick.members
    let proposal = try committee.propose(
      in: study.space.space, for: context, logged: logged, columns: { study.columns($0) },
      options: proposals, ranking: ranking, seed: seed)
    judgedCount = proposal.judgedCount
    let beliefs = StatedBeliefs(study, assessment)
    designs = proposal.entries.map { entry in
      let stated = beliefs.stated(entry.target, entry.deviation)
      return Design(
        point: entry.point, values: study.texts(of: entry.point), prediction: stated.value,
        interval: stated.interval, feasibility: entry.feasibility, novelty: entry.novelty,
        distance: entry.distance)
    }
  }
}

extension OfflineProposal {
  /// Fills in what PRIME's network proposes.
  private mutating func propose(
    by prime: PrimeModel, _ study: OfflineStudy, _ context: WorkloadContext,
    _ logged: [(point: Point, cost: Double)], _ options: ProposalOptions, seed: Seed,
    _ progress: (String) -> Void
  ) throws {
    progress("searching the space")
    let known = options.allowsLogged ? [] : Set(logged.map(\.point))
    let found = try prime.propose(
      count: options.count, for: context, leavingOut: known,
      leastDifference: options.leastDifference, seed: seed)
    judgedCount = found.judgedCount
    designs = found.entries.map { entry in
      let ends = prime.interval(around: entry.cost).map { study.offline.value(ofCost: $0) }.sorted()
      let near = logged.map { entry.point.differenceCount(from: $0.point) }.min()
      let distance = logged.map { study.space.space.distance(entry.point, $0.point) }.min()
      return Design(
        point: entry.point, values: study.texts(of: entry.point),
        prediction: study.offline.value(ofCost: entry.cost), interval: ends[0]...ends[1],
        feasibility: nil, novelty: near ?? parameters.count, distance: distance ?? 1)
    }
  }
}

/// Predicted targets said in the log's words: values of the objective with calibrated intervals.
struct StatedBeliefs {
  private let offline: OfflineLog
  private let factor: Double

  init(_ study: OfflineStudy, _ assessment: ValueAssessment) {
    offline = study.offline
    factor = assessment.deviationFactor * ValueAssessment.normalQuantile90
  }

  /// The value of the objective and its 80 % interval.
  func stated(_ target: Double, _ deviation: Double) -> (
    value: Double, interval: ClosedRange<Double>
  ) {
    let isRatioScale = offline.designs.isRatioScale
    func value(_ target: Double) -> Double {
      offline.value(ofCost: isRatioScale ? exp(target) : target)
    }
    let ends = [value(target - factor * deviation), value(target + factor * deviation)].sorted()
    return (value(target), ends[0]...ends[1])
  }
}

extension OfflineStudy {
  /// `minimize latency_ms (ms)`.
  var objectiveText: String {
    let suffix = unit.isEmpty ? "" : " (\(unit))"
    return "\(offline.objective.goal.rawValue) \(offline.objective.metric)\(suffix)"
  }

  /// The values of a design's parameters as texts, empty for inactive ones.
  func texts(of point: Point) -> [String] {
    space.space.values(of: point).map { $0?.description ?? "" }
  }

  /// The best feasible logged design with its objective; `nil` where there is none.
  func bestLogged(among logged: [(point: Point, cost: Double)]) -> (
    values: [String], value: Double
  )? {
    logged.filter { !$0.cost.isNaN }.min { $0.cost < $1.cost }
      .map { (texts(of: $0.point), offline.value(ofCost: $0.cost)) }
  }
}
