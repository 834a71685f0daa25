/// A quantity an evaluation measures.
public struct Metric: Hashable, Sendable {
  /// Unique in a problem, for example `latency`.
  public let name: String
  /// Unit of the values, for example `ms`; empty for a plain number.
  public let unit: String

  /// Creates a metric.
  public init(_ name: String, unit: String = "") {
    self.name = name
    self.unit = unit
  }
}

/// A metric to make small or large.
public struct Objective: Hashable, Sendable {
  /// The direction of better.
  public enum Goal: String, Hashable, Sendable, CaseIterable {
    /// Smaller is better.
    case minimize
    /// Larger is better.
    case maximize
  }

  /// Name of the metric.
  public let metric: String
  /// The direction of better.
  public let goal: Goal

  /// Creates an objective.
  public init(_ goal: Goal, _ metric: String) {
    self.goal = goal
    self.metric = metric
  }

  /// Whether `value` is better than `other`; nothing is better than a number by being none.
  public func isBetter(_ value: Double, than other: Double) -> Bool {
    goal == .minimize ? value < other : value > other
  }

  /// The value as something to minimize.
  public func cost(of value: Double) -> Double { goal == .minimize ? value : -value }
}

/// A bound on a metric that feasible designs respect, such as `area <= 27`.
public struct MetricLimit: Hashable, Sendable {
  /// The side that is feasible.
  public enum Side: String, Hashable, Sendable {
    /// At most the bound.
    case atMost = "<="
    /// At least the bound.
    case atLeast = ">="
  }

  /// Name of the metric.
  public let metric: String
  /// The side that is feasible.
  public let side: Side
  /// The bound, in the unit of the metric; finite.
  public let bound: Double

  /// Creates a limit.
  public init(_ metric: String, _ side: Side, _ bound: Double) {
    precondition(bound.isFinite, "a limit is a finite number")
    self.metric = metric
    self.side = side
    self.bound = bound
  }

  /// Whether a value respects the limit.
  public func allows(_ value: Double) -> Bool {
    side == .atMost ? value <= bound : value >= bound
  }
}

extension MetricLimit: CustomStringConvertible {
  /// `area <= 27`.
  public var description: String { "\(metric) \(side.rawValue) \(readableNumber(bound))" }
}

/// The shortest text that reads back to the number; whole numbers without a fraction.
func readableNumber(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
}
