import Execution
import Workload

/// A rule of a map space as a message names it.
public struct MapSpaceRule: Hashable, Sendable {
  /// The rule in words, for example `level "GLB": spatialX C = 4`.
  public var text: String
  /// Path of the rule in its constraints, for example `levels[1].spatialX.C`; empty for rules of the layer or machine.
  public var field: String

  /// Creates a rule's name.
  public init(_ text: String, field: String = "") {
    self.text = text
    self.field = field
  }
}

/// Why constraints do not describe a map space.
public enum MapSpaceError: Error, Hashable, Sendable {
  /// A rule names something that does not exist.
  case unknownName(in: MapSpaceRule, what: String, name: String, known: [String])
  /// A number of a rule is not in its legal range.
  case outOfRange(MapSpaceRule, got: String, expected: String)
  /// No mapping can obey all of these rules, but any of them can be obeyed without the others.
  case contradiction([MapSpaceRule], because: String)
  /// No mapping uses as many units as a rule asks for: `best` is the most under the fewest rules that forbid it,
  /// `reachable` the most under all rules, `nil` when the others leave nothing whatever this one asks for.
  case unreachableUtilization(
    MapSpaceRule, best: Int, of: Int, under: [MapSpaceRule], reachable: Int?)
  /// The outermost level must keep every tensor.
  case outermostBypasses(MapSpaceRule, tensor: String)

  /// Path of the rule a file should be opened at; empty when the error is about the architecture.
  public var field: String {
    switch self {
    case .unknownName(let rule, _, _, _), .outOfRange(let rule, _, _),
      .unreachableUtilization(let rule, _, _, _, _), .outermostBypasses(let rule, _):
      rule.field
    case .contradiction(let rules, _): rules.first { !$0.field.isEmpty }?.field ?? ""
    }
  }
}

extension MapSpaceError: CustomStringConvertible {
  /// The message a user reads, with its hint on a second line when there is one.
  public var description: String {
    switch self {
    case .unknownName(let rule, let what, let name, let known):
      return
        "\(rule.text): unknown \(what) \"\(name)\"\nhint: \(suggestion(for: name, among: known))"
    case .outOfRange(let rule, let got, let expected):
      return "\(rule.text): got \(got), expected \(expected)"
    case .contradiction(let rules, let reason):
      let list = rules.map(\.text).joined(separator: "; ")
      let both =
        rules.count == 1
        ? "rule cannot be obeyed"
        : rules.count == 2 ? "rules contradict" : "rules contradict together"
      return "\(both): \(list)\nhint: \(reason)"
    case .unreachableUtilization(let rule, let best, let all, let others, let reachable):
      let under = others.isEmpty ? "" : " under \(others.map(\.text).joined(separator: "; "))"
      let problem = "\(rule.text): cannot be reached, the best\(under) is \(best) of \(all) units"
      guard let reachable else {
        return "\(problem)\nhint: loosen other rules first; without this one they contradict, too"
      }
      let share = MapSpaceError.share(reachable, of: all)
      return reachable == best
        ? "\(problem)\nhint: ask for at most \(share)"
        : "\(problem)\nhint: ask for at most \(share); all rules together leave \(reachable) of \(all)"
    case .outermostBypasses(let rule, let tensor):
      return "\(rule.text): got a bypass of \(tensor) at the outermost level, "
        + "expected it to keep every tensor"
    }
  }

  /// A share rounded down to four digits, so that asking for it can be met.
  static func share(_ units: Int, of all: Int) -> String {
    String((Double(units) / Double(all) * 10_000).rounded(.down) / 10_000)
  }
}
