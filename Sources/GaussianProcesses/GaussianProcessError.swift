/// Why data make no Gaussian process.
public enum GaussianProcessError: Error, Hashable, Sendable {
  /// A coordinate (of column `column`) or a target (`column` is `nil`) that is not finite or beyond `1e100`.
  case invalidNumber(row: Int, column: Int?, got: String)
  /// The variance of an observation is negative or not finite.
  case invalidVariance(row: Int, got: String)
  /// The logarithm was asked of a target that is not positive.
  case notPositive(row: Int, got: String)
}

extension GaussianProcessError: CustomStringConvertible {
  /// What is wrong, without the hint.
  public var problem: String {
    switch self {
    case .invalidNumber(let row, let column?, let got):
      "row \(row), column \(column): got \(got), expected a number within -1e100...1e100"
    case .invalidNumber(let row, nil, let got):
      "target of row \(row): got \(got), expected a number within -1e100...1e100"
    case .invalidVariance(let row, let got):
      "variance of row \(row): got \(got), expected a number within 0...1e100"
    case .notPositive(let row, let got):
      "target of row \(row): got \(got), expected a positive number for the logarithm"
    }
  }

  /// The next step, without the word `hint:`.
  public var hint: String? {
    switch self {
    case .invalidNumber(_, nil, _): "leave the observation out, or record it as infeasible"
    case .notPositive: "use the rank or standardized scale for targets of any sign"
    default: nil
    }
  }

  /// The message a user reads, with its hint on a line of its own when there is one.
  public var description: String { hint.map { "\(problem)\nhint: \($0)" } ?? problem }
}
