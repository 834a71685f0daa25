/// Why a log cannot be learned from.
public enum OfflineDesignError: Error, Hashable, Sendable {
  /// No row of the log has a cost.
  case nothingMeasured(rowCount: Int)
}

extension OfflineDesignError: CustomStringConvertible {
  /// The message a user reads, with its hint on a second line.
  public var description: String {
    switch self {
    case .nothingMeasured(let rowCount):
      """
      none of \(rowCount) rows has a measured objective, expected at least one
      hint: name the objective with --minimize or --maximize when importing, or simulate some designs first
      """
    }
  }
}
