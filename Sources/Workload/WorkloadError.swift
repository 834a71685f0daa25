/// Why a layer cannot be built.
public enum WorkloadError: Error, Hashable, Sendable {
  /// A list has too few or too many members.
  case countOutOfRange(what: String, got: Int, allowed: ClosedRange<Int>)
  /// A name is empty.
  case emptyName(what: String)
  /// Two dimensions or two operands share a name.
  case duplicateName(what: String, name: String)
  /// A bound is not in `1...Layer.largestBound`.
  case boundOutOfRange(dimension: String, got: Int)
  /// The multiply-accumulates, or the accesses they could cause, exceed `Layer.largestCount`.
  case tooManyOperations(layer: String)
  /// A layer has not exactly one result.
  case resultCount(got: Int)
  /// An element is not 1 to 1024 bits wide.
  case bitsOutOfRange(operand: String, got: Int)
  /// An axis has no term.
  case emptyAxis(operand: String)
  /// A term refers to a dimension the layer does not have.
  case unknownDimension(operand: String, index: Int)
  /// A stride or dilation is not in `1...Layer.largestBound`.
  case coefficientOutOfRange(operand: String, dimension: String, got: Int)
  /// A dimension indexes the same operand twice.
  case repeatedDimension(operand: String, dimension: String)
  /// A parameter of a factory is out of range.
  case parameterOutOfRange(name: String, got: Int, expected: String)
}

extension WorkloadError: CustomStringConvertible {
  /// The message a user reads: what is wrong, what was got, what was expected.
  public var description: String {
    switch self {
    case .countOutOfRange(let what, let got, let allowed):
      "got \(got) \(what), expected \(allowed.lowerBound) to \(allowed.upperBound)"
    case .emptyName(let what):
      "\(what): got an empty name, expected a name"
    case .duplicateName(let what, let name):
      "\(what) \"\(name)\": got it twice, expected distinct names"
    case .boundOutOfRange(let dimension, let got):
      "dimension \"\(dimension)\": got \(got), expected a whole number in 1...\(Layer.largestBound)"
    case .tooManyOperations(let layer):
      "layer \"\(layer)\": the product of its bounds, strides and dilations is above 2^60, expected less"
    case .resultCount(let got):
      "got \(got) operands that are written, expected exactly one result"
    case .bitsOutOfRange(let operand, let got):
      "operand \"\(operand)\": got \(got) bits, expected 1 to 1024"
    case .emptyAxis(let operand):
      "operand \"\(operand)\": got an axis without a term, expected at least one dimension"
    case .unknownDimension(let operand, let index):
      "operand \"\(operand)\": got dimension number \(index), which the layer does not have"
    case .coefficientOutOfRange(let operand, let dimension, let got):
      "operand \"\(operand)\": got coefficient \(got) of \"\(dimension)\", "
        + "expected a whole number in 1...\(Layer.largestBound)"
    case .repeatedDimension(let operand, let dimension):
      "operand \"\(operand)\": got dimension \"\(dimension)\" twice, expected it at most once"
    case .parameterOutOfRange(let name, let got, let expected):
      "\(name): got \(got), expected \(expected)"
    }
  }
}
