import DesignSpace
import Execution
import Foundation
public import OfflineDesign
import SimulationLog
import Study

/// Designs proposed from a log, said in the log's words.
public struct OfflineProposal: Sendable {
  /// One proposed design.
  public struct Design: Sendable {
    /// The values of the parameters, as texts.
    public var values: [String]
    /// The predicted objective.
    public var prediction: Double
    /// The 80 % interval of the objective, calibrated on hidden rows of the log.
    public var interval: ClosedRange<Double>
    /// The predicted probability that the design works.
    public var feasibility: Double
    /// The least number of parameters in which a logged design differs.
    public var novelty: Int
    /// The distance to the nearest logged design, in `[0, 1]`.
    public var distance: Double
  }

  /// Whether the log supports the question.
  public var trust: OfflineTrust
  /// The value split inside the log.
  public var assessment: ValueAssessment
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

  /// Learns, checks what it learned inside the log, and proposes.
  ///
  /// - Parameters:
  ///   - isForced: Whether to propose even where the log does not support it.
  ///   - progress: Called with what is being done.
  /// - Throws: `OfflineDesignError`, `DesignSpaceError`, `CancellationError`.
  public init(
    from study: OfflineStudy, for context: WorkloadContext, committee options: CommitteeOptions,
    proposals: ProposalOptions, isForced: Bool = false, progress: (String) -> Void
  ) throws {
    let log = study.offline.designs
    let seed = options.seed
    assessment = try ValueAssessment(
      hidingBestOf: log, options: options, seed: seed.child("assessment")
    ) { progress("checking on hidden rows: \($0) of \($1) parts") }
    trust = OfflineTrust(study, context: context, assessment: assessment)
    workload = context.name
    isKnownWorkload = log.contexts.contains { $0.name == context.name }
    parameters = study.space.titles
    let unit = study.unit.isEmpty ? "" : " (\(study.unit))"
    objective = "\(study.offline.objective.goal.rawValue) \(study.offline.objective.metric)\(unit)"
    limits = study.offline.limits.map(\.description)
    rowCount = log.rowCount
    let logged = study.logged(context)
    if isKnownWorkload, let best = logged.min(by: { $0.cost < $1.cost }) {
      bestLogged = (
        Self.texts(best.point, study), study.offline.value(ofCost: best.cost)
      )
    }
    designs = []
    judgedCount = 0
    guard trust == .supported || isForced else { return }
    let trained = try Committee(training: log, options: options) {
      progress("learning: \($0) of \($1) parts")
    }
    progress("searching the space")
    let proposal = try trained.propose(
      in: study.space.space, for: context, logged: logged, columns: { study.columns($0) },
      options: proposals, seed: seed)
    judgedCount = proposal.judgedCount
    let factor = assessment.deviationFactor * ValueAssessment.normalQuantile90
    designs = proposal.entries.map { entry in
      func value(_ target: Double) -> Double {
        study.offline.value(ofCost: log.isRatioScale ? exp(target) : target)
      }
      let ends = [
        value(entry.target - factor * entry.deviation),
        value(entry.target + factor * entry.deviation),
      ].sorted()
      return Design(
        values: Self.texts(entry.point, study), prediction: value(entry.target),
        interval: ends[0]...ends[1], feasibility: entry.feasibility, novelty: entry.novelty,
        distance: entry.distance)
    }
  }

  private static func texts(_ point: Point, _ study: OfflineStudy) -> [String] {
    study.space.space.values(of: point).map { $0?.description ?? "" }
  }
}
