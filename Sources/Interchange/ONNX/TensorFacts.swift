/// What the importer knows about a value without running the network.
struct TensorFacts {
  /// The shape; `nil` when even the rank is unknown.
  var shape: [Extent]?
  var type = ONNXType.undefined
  /// Every element in row-major order, when the tensor is small and does not depend on data.
  var elements: [Number]?
  /// Whether the value follows from constants of the model alone.
  var isConstant = false
  /// Why the shape is unknown, when it is.
  var origins = Origins()
  /// The members, when the value is a sequence.
  var members: [TensorFacts]?

  init(shape: [Extent]?, type: ONNXType = .undefined, elements: [Number]? = nil) {
    self.shape = shape
    self.type = type
    self.elements = elements
  }

  /// A constant of the model.
  init(_ tensor: ONNXTensor) {
    shape = tensor.dimensions.map { .known($0) }
    type = tensor.type
    elements = tensor.elements
    isConstant = true
  }

  /// A value of which nothing is known, for the given reasons.
  static func unknown(_ origins: Origins) -> TensorFacts {
    var facts = TensorFacts(shape: nil)
    facts.origins = origins
    return facts
  }

  /// All reasons why the shape is not known in full.
  var allOrigins: Origins { (shape ?? []).reduce(origins) { $0.union($1.origins) } }
}

/// Why the rule of an operator gives no result.
enum OperatorFailure: Error {
  /// An input is not known well enough; the reasons are known already.
  case blocked(Origins)
  /// The result depends on data or on a feature that is not covered.
  case unsupported(String)
  /// Attributes and shapes contradict each other.
  case invalid(String)
  /// A count does not fit in 63 bits.
  case overflow(quantity: String)
}

/// A new batch size where the file has a fixed one.
struct BatchChange: Hashable {
  var old: Int
  var new: Int
}
