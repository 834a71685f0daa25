import SimulationLog
import Study

/// What a generated log holds: rows, feasible ones, and why the others are not.
public struct GenerationSummary: Sendable {
  /// Rows of one workload.
  public struct Workload: Sendable {
    /// Name of the network.
    public let name: String
    /// All rows.
    public private(set) var rowCount = 0
    /// Rows with a measured outcome.
    public private(set) var feasibleCount = 0
    /// Rows that were there before.
    public var resumedCount = 0
    /// Whether there are as many feasible rows as were asked for.
    public var isComplete = false
    /// What overflowed and in how many rows: the words of a reason before its first colon.
    public private(set) var reasons: [(name: String, count: Int)] = []

    init(name: String) { self.name = name }

    /// Share of infeasible rows, 0 without rows.
    public var infeasibleShare: Double {
      rowCount == 0 ? 0 : Double(rowCount - feasibleCount) / Double(rowCount)
    }

    mutating func add(_ trial: LoggedTrial) {
      rowCount += 1
      guard !trial.isFeasible else {
        feasibleCount += 1
        return
      }
      let text =
        switch trial.verdict {
        case .infeasible(.hidden(let text)): text
        default: trial.reason ?? ""
        }
      let name = String(text.prefix { $0 != ":" })
      if let index = reasons.firstIndex(where: { $0.name == name }) {
        reasons[index].count += 1
      } else {
        reasons.append((name, 1))
      }
      // Most frequent first; of equal ones the first in the alphabet.
      reasons.sort { $0.count > $1.count || ($0.count == $1.count && $0.name < $1.name) }
    }
  }

  /// Name of the template.
  public let template: String
  /// The log.
  public let file: String
  /// Results in the order of the run.
  public internal(set) var workloads: [Workload] = []

  /// Whether every workload has as many feasible rows as were asked for.
  public var isComplete: Bool { workloads.allSatisfy(\.isComplete) }

  /// The summary as one JSON object.
  public var json: String {
    var text = JSONText()
    text.raw("{\"template\":")
    text.string(template)
    text.raw(",\"log\":")
    text.string(file)
    text.raw(",\"workloads\":[")
    for (index, workload) in workloads.enumerated() {
      text.raw(index > 0 ? ",{\"name\":" : "{\"name\":")
      text.string(workload.name)
      text.raw(",\"rows\":\(workload.rowCount),\"feasible\":\(workload.feasibleCount)")
      text.raw(",\"resumed\":\(workload.resumedCount),\"infeasibleShare\":")
      text.number(workload.infeasibleShare)
      text.raw(",\"reasons\":{")
      for (position, reason) in workload.reasons.enumerated() {
        if position > 0 { text.raw(",") }
        text.string(reason.name)
        text.raw(":\(reason.count)")
      }
      text.raw("}}")
    }
    text.raw("]}")
    return String(decoding: text.bytes, as: UTF8.self)
  }

  /// The summary for people.
  public var text: String {
    var lines = ["\(file): designs of \(template)"]
    for workload in workloads {
      lines.append(
        "  \(workload.name): \(workload.rowCount) rows, \(workload.feasibleCount) feasible, "
          + "\(Self.percent(workload.infeasibleShare)) infeasible"
          + (workload.resumedCount > 0 ? ", \(workload.resumedCount) were there" : ""))
      for reason in workload.reasons {
        lines.append(
          "    \(Self.percent(Double(reason.count) / Double(workload.rowCount))) \(reason.name)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1_000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }
}
