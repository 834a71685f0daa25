import Workload

/// Why a mapping is not a schedule of the layer at all; a schedule that does not fit is not an error.
public enum MappingError: Error, Hashable, Sendable {
  /// The mapping has not one nest per memory level.
  case levelCount(got: Int, expected: Int)
  /// A keep set has not one entry per operand.
  case keepCount(level: String, got: Int, expected: Int)
  /// A loop refers to a dimension the layer does not have.
  case unknownDimension(level: String, index: Int)
  /// A trip count is out of range.
  case factorOutOfRange(level: String, dimension: String, got: Int)
  /// A residual is not in `1...factor`.
  case residualOutOfRange(level: String, dimension: String, got: Int, factor: Int)
  /// The loops of a dimension do not cover its bound exactly.
  case factorsMismatch(dimension: String, got: Int, expected: Int)
  /// The product of factors is above `Layer.largestCount`.
  case factorsOverflow(dimension: String)
  /// There are more loops than `Mapping.largestLoopCount`.
  case tooManyLoops(got: Int)
  /// No level keeps a tensor.
  case keptNowhere(operand: String)
  /// The outermost level that keeps a tensor does not hold all of it.
  case homeHoldsPart(operand: String, level: String, dimension: String)
}

extension MappingError: CustomStringConvertible {
  /// The message a user reads: where, what was got, what was expected.
  public var description: String {
    switch self {
    case .levelCount(let got, let expected):
      "got \(got) levels, expected \(expected), one per memory level of the architecture"
    case .keepCount(let level, let got, let expected):
      "level \"\(level)\": got \(got) keep flags, expected \(expected), one per operand"
    case .unknownDimension(let level, let index):
      "level \"\(level)\": got a loop over dimension number \(index), which the layer does not have"
    case .factorOutOfRange(let level, let dimension, let got):
      "level \"\(level)\": loop over \"\(dimension)\": got factor \(got), "
        + "expected a whole number in 1...\(Layer.largestBound)"
    case .residualOutOfRange(let level, let dimension, let got, let factor):
      "level \"\(level)\": loop over \"\(dimension)\": got residual \(got), "
        + "expected a whole number in 1...\(factor)"
    case .factorsMismatch(let dimension, let got, let expected):
      "dimension \"\(dimension)\": its loops run \(got) iterations, expected \(expected)"
    case .factorsOverflow(let dimension):
      "\"\(dimension)\": the product of loop factors, strides and dilations is above 2^60, expected less"
    case .tooManyLoops(let got):
      "got \(got) loops with more than one iteration, expected at most \(Mapping.largestLoopCount)"
    case .keptNowhere(let operand):
      "tensor \"\(operand)\": no level keeps it, expected at least one, usually the outermost"
    case .homeHoldsPart(let operand, let level, let dimension):
      "tensor \"\(operand)\": \"\(level)\" is the outermost level that keeps it but a loop over "
        + "\"\(dimension)\" lies outside, expected its home to hold the whole tensor"
    }
  }
}
