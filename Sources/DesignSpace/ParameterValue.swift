/// The value of one parameter of a design: a number, a text or a truth value.
public enum ParameterValue: Hashable, Sendable {
  /// An integer, a level or a real number; finite.
  case number(Double)
  /// A category, or an order of loops as it is written.
  case text(String)
  /// A boolean.
  case truth(Bool)
}

extension ParameterValue: CustomStringConvertible {
  /// As a person writes it: whole numbers without a fraction, texts without quotes.
  public var description: String {
    switch self {
    case .number(let value): readableNumber(value)
    case .text(let text): text
    case .truth(let value): value ? "true" : "false"
    }
  }
}

extension ParameterValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByBooleanLiteral
{
  /// Creates a number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// Creates a number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// Creates a text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// Creates a truth value.
  public init(booleanLiteral value: Bool) { self = .truth(value) }
}

/// The shortest text that reads back to the number; whole numbers without a fraction.
func readableNumber(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
}
