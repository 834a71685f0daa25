import Execution

/// Why parameters, constraints or values make no design space or no design.
public enum DesignSpaceError: Error, Hashable, Sendable {
  /// A name that expressions could not use.
  case invalidName(String)
  /// Two parameters of one name.
  case duplicateName(String)
  /// A space without parameters.
  case noParameters
  /// Values a parameter cannot have.
  case invalidDomain(parameter: String, got: String, expected: String)
  /// A condition on a parameter or value that does not exist.
  case invalidCondition(parameter: String, got: String, expected: String)
  /// A name that no parameter has.
  case unknownParameter(name: String, known: [String])
  /// A design without a value for an active parameter.
  case missingValue(parameter: String, expected: String)
  /// A value the parameter cannot take.
  case wrongValue(parameter: String, got: String, expected: String)
  /// A constraint that is no expression over the parameters.
  case invalidConstraint(ExpressionError)
  /// No legal design was found.
  case noLegalDesign(reason: String)
}

extension DesignSpaceError: CustomStringConvertible {
  /// The next step, without the word `hint:`.
  public var hint: String? {
    switch self {
    case .unknownParameter(let name, let known): suggestion(for: name, among: known)
    case .invalidConstraint(let error): error.hint
    default: nil
    }
  }

  /// What is wrong, without the hint.
  public var problem: String {
    switch self {
    case .invalidName(let name):
      "got parameter name \"\(name)\", expected a letter or underscore, then letters, digits and "
        + "underscores, at most 100"
    case .duplicateName(let name): "got parameter \"\(name)\" twice, expected distinct names"
    case .noParameters: "got no parameters, expected at least one"
    case .invalidDomain(let parameter, let got, let expected),
      .wrongValue(let parameter, let got, let expected):
      "parameter \"\(parameter)\": got \(got), expected \(expected)"
    case .invalidCondition(let parameter, let got, let expected):
      "condition of parameter \"\(parameter)\": got \(got), expected \(expected)"
    case .unknownParameter(let name, _): "unknown parameter \"\(name)\""
    case .missingValue(let parameter, let expected):
      "parameter \"\(parameter)\": got no value, expected \(expected)"
    case .invalidConstraint(let error): error.problem
    case .noLegalDesign(let reason): "no legal design: \(reason)"
    }
  }

  /// The message a user reads, with its hint on a line of its own when there is one.
  public var description: String { hint.map { "\(problem)\nhint: \($0)" } ?? problem }
}
