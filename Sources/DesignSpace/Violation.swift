/// A constraint that a design does not fulfill, with the numbers.
public struct Violation: Hashable, Sendable {
  /// A change of one parameter.
  public struct Fix: Hashable, Sendable {
    /// Name of the parameter.
    public var parameter: String
    /// The value it has.
    public var old: ParameterValue
    /// The value that helps.
    public var new: ParameterValue
    /// Whether the design is legal then; otherwise other constraints are still, but no more of them, violated.
    public var makesLegal: Bool
  }

  /// The constraint as it was written.
  public var constraint: String
  /// Values left and right of the comparison that fails; `nil` when it compares no numbers or is no comparison.
  public var left: Double?
  /// The right side.
  public var right: Double?
  /// Whether the constraint has no value at the design, as in a division by zero.
  public var isUndefined: Bool
  /// Names and values of the parameters involved.
  public var values: [(name: String, value: ParameterValue)]
  /// The smallest change of one parameter after which the constraint holds; `nil` when there is none.
  public var fix: Fix?

  /// Whether all parts are equal.
  public static func == (a: Violation, b: Violation) -> Bool {
    a.constraint == b.constraint && a.left == b.left && a.right == b.right
      && a.isUndefined == b.isUndefined && a.fix == b.fix
      && a.values.elementsEqual(b.values, by: { $0.name == $1.name && $0.value == $1.value })
  }

  /// Hashes constraint and fix.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(constraint)
    hasher.combine(fix)
  }
}

extension Violation: CustomStringConvertible {
  /// `pe_x * pe_y <= 256: left side 512, right side 256 (pe_x = 32, pe_y = 16); fix: pe_x 32 -> 16`.
  public var description: String {
    var text = constraint + ": "
    if isUndefined {
      text += "undefined (division by zero, logarithm of a number not above 0, or overflow)"
    } else if let left, let right {
      text += "left side \(readableNumber(left)), right side \(readableNumber(right))"
    } else {
      text += "false"
    }
    let list = values.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
    text += " (\(list))"
    guard let fix else { return text + "; no change of one parameter fixes it" }
    text += "; fix: \(fix.parameter) \(fix.old) -> \(fix.new)"
    return fix.makesLegal ? text : text + " (other constraints stay violated)"
  }
}
