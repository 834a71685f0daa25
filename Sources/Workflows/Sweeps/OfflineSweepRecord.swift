import Foundation
import Study

/// What an offline sweep found in one step, as the run folder keeps it.
struct OfflineSweepRecord: Codable, Sendable {
  /// A design that nobody has simulated.
  struct Proposal: Codable, Sendable {
    /// By parameter, empty where inactive.
    var values: [String]
    /// The predicted objective.
    var predicted: Double
    /// Lower end of the 80 % interval.
    var low: Double
    /// Upper end of the 80 % interval.
    var high: Double
    /// Probability that it works and keeps the limits; `nil` where the model has none.
    var feasibility: Double?
    /// Parameters that differ from the nearest logged design.
    var novelty: Int
    /// Distance to it, in `[0, 1]`.
    var distance: Double

    /// Whether it is more likely than not to keep the limits.
    var isLikely: Bool { feasibility ?? 1 >= Self.leastFeasibility }

    /// The probability from which a proposal counts as the answer of a step.
    static let leastFeasibility = 0.5
  }

  /// The best design that was logged.
  struct Logged: Codable, Sendable {
    var values: [String]
    var value: Double
  }

  /// The answer for one workload.
  struct Answer: Codable, Sendable {
    var workload: String
    /// Whether the log has rows of it.
    var isKnown: Bool
    /// Why there is no proposal, and what would help.
    var reason: String?
    var hint: String?
    /// Designs the model looked at.
    var judgedCount: Int
    /// The first one the best single one, each next the one that adds most to those before.
    var proposals: [Proposal]
    var bestLogged: Logged?
  }

  /// What all steps share, for the report.
  struct Source: Codable, Sendable {
    var goal: String
    var metric: String
    var unit: String
    var axisUnits: [String]
    var parameters: [String]
    /// Rows the model learned from.
    var rowCount: Int
    /// Limits that hold in every step.
    var fixed: [String]
    /// Scores of the first designs with the best rows hidden, those of chance, and how many designs were taken.
    var scores: [Double]
    var chance: [Double]
    var counts: [Int]

    var objective: Objective {
      Objective(Objective.Goal(rawValue: goal) ?? .minimize, metric)
    }
  }

  var source: Source
  var answers: [Answer]
}
