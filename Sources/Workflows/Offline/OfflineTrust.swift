public import OfflineDesign
import SimulationLog
import Study

/// Whether a log supports proposals for a workload, with the reason where it does not.
public enum OfflineTrust: Hashable, Sendable {
  /// It does.
  case supported
  /// It does not.
  case abstains(reason: String, hint: String)

  /// Feasible rows that a workload of the log needs.
  ///
  /// Below 10 a value split hides two designs and shows at most four: nothing can be checked.
  public static let leastFeasibleCount = 10

  /// Judges a question to a committee.
  ///
  /// - Parameters:
  ///   - study: The question and the rows.
  ///   - context: What is asked about.
  ///   - assessment: Of the value split inside the log.
  public init(_ study: OfflineStudy, context: WorkloadContext, assessment: ValueAssessment) {
    if let lack = Self.lack(of: study, context) {
      self = lack
      return
    }
    guard !assessment.rows.isEmpty else {
      self = .abstains(
        reason:
          "the costs of feasible rows differ by less than 2 %: there is nothing to learn from",
        hint: "check the objective, or log designs that differ more")
      return
    }
    let own = assessment.meanScores[1]
    let random = assessment.meanRandomScores[1]
    guard own > random else {
      self = .abstains(
        reason:
          "with its best rows hidden, the log's models find no better designs than chance: score \(twoDigits(own)), chance \(twoDigits(random))",
        hint: "log more designs, or see log assess for columns that say nothing")
      return
    }
    self = .supported
  }

  /// Judges a question to PRIME's network.
  ///
  /// - Throws: `OfflineModelError.otherLimits` where the network was trained under other limits.
  init(_ study: OfflineStudy, context: WorkloadContext, prime: PrimeModel) throws(OfflineModelError)
  {
    let asked = study.offline.limits
    guard asked == prime.limits else {
      throw .otherLimits(
        file: study.file, got: asked.map(\.description), expected: prime.limits.map(\.description))
    }
    if let lack = Self.lack(of: study, context) {
      self = lack
      return
    }
    let known = prime.rankCorrelations.filter(\.isFinite)
    let mean = known.reduce(0, +) / Double(max(1, known.count))
    guard mean > 0 else {
      self = .abstains(
        reason:
          "the network orders held-out rows no better than chance: rank correlation \(twoDigits(mean))",
        hint: "log more designs, or train for more steps")
      return
    }
    self = .supported
  }

  /// What rows or features the question lacks, if any.
  private static func lack(of study: OfflineStudy, _ context: WorkloadContext) -> OfflineTrust? {
    let log = study.offline.designs
    let feasible = (0..<log.rowCount).filter { log.isFeasible[$0] && log.cost[$0].isFinite }
    guard !feasible.isEmpty else {
      return .abstains(
        reason: "none of \(log.rowCount) rows is feasible"
          + (study.offline.limits.isEmpty ? "" : " under the limits"),
        hint: study.offline.limits.isEmpty
          ? "log some feasible designs first"
          : "loosen \(study.offline.limits.map(\.description).joined(separator: ", "))")
    }
    if let index = log.contexts.firstIndex(where: { $0.name == context.name }) {
      let count = feasible.count { log.context[$0] == index }
      guard count >= Self.leastFeasibleCount else {
        return .abstains(
          reason:
            "workload \"\(context.name)\" has \(count) feasible row\(count == 1 ? "" : "s"), expected at least \(Self.leastFeasibleCount)",
          hint: "log more of its designs, or loosen the limits")
      }
    } else if log.contexts.count < 2 || log.featureNames.isEmpty {
      return .abstains(
        reason:
          "a new workload needs at least 2 logged ones with features, got \(log.contexts.count) with \(log.featureNames.count) features",
        hint: "log designs of further workloads, with columns that describe them")
    }
    return nil
  }
}

/// A number with two digits after the point.
func twoDigits(_ value: Double) -> String {
  guard value.isFinite else { return "-" }
  let hundredths = Int((abs(value) * 100).rounded())
  let tail = hundredths % 100
  return
    "\(value < 0 && hundredths > 0 ? "-" : "")\(hundredths / 100).\(tail < 10 ? "0" : "")\(tail)"
}
