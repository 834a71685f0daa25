/// Why published figures cannot be compared with the model.
public enum SiliconValidationError: Error, Hashable, Sendable {
  /// The mapping of a published layer does not run on the modeled chip.
  case illegalMapping(layer: String, violationCount: Int)
  /// No row-stationary parameters of a layer fit the chip.
  case noMapping(layer: String)
  /// The constants of a fit are not determined by its rows.
  case undeterminedFit(rowCount: Int, constantCount: Int)
}

extension SiliconValidationError: CustomStringConvertible {
  /// The message a user reads.
  public var description: String {
    switch self {
    case .illegalMapping(let layer, let count):
      "layer \"\(layer)\": got a published mapping with \(count) violations, expected a legal one"
    case .noMapping(let layer):
      "layer \"\(layer)\": got no row-stationary mapping that fits the chip, expected at least one"
    case .undeterminedFit(let rows, let constants):
      "fit: got \(rows) rows that do not determine \(constants) constants, expected independent columns"
    }
  }
}
