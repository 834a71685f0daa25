/// What is kept of an ONNX file: the graph without the values of large tensors.
struct ONNXModel {
  var producer = ""
  /// Version of every operator set, by domain; the default domain is the empty text.
  var operatorSets: [String: Int] = [:]
  var graph = ONNXGraph()
  var functions: [ONNXFunction] = []
}

/// A graph or the body of a branch.
struct ONNXGraph {
  var name = ""
  var nodes: [ONNXNode] = []
  var initializers: [ONNXTensor] = []
  var inputs: [ONNXValueInfo] = []
  var outputs: [ONNXValueInfo] = []
  var valueInfos: [ONNXValueInfo] = []
}

/// An operator that the model defines by other operators.
struct ONNXFunction {
  var name = ""
  var domain = ""
  var overload = ""
  var inputs: [String] = []
  var outputs: [String] = []
  var nodes: [ONNXNode] = []
  var operatorSets: [String: Int] = [:]
  /// Attributes that have a default.
  var defaults: [ONNXAttribute] = []
}

/// One application of an operator; an empty input name is an omitted input.
struct ONNXNode {
  var name = ""
  var operation = ""
  var domain = ""
  var overload = ""
  var inputs: [String] = []
  var outputs: [String] = []
  var attributes: [ONNXAttribute] = []

  /// What messages call the node: its name, or that of its first output.
  var title: String {
    if !name.isEmpty { return name }
    return outputs.first { !$0.isEmpty } ?? operation
  }

  func attribute(_ name: String) -> ONNXAttribute.Value? {
    attributes.first { $0.name == name }?.value
  }
}

/// A named constant of a node.
struct ONNXAttribute {
  enum Value {
    case integer(Int)
    case real(Double)
    case text(String)
    case tensor(ONNXTensor)
    case graph(ONNXGraph)
    case integers([Int])
    case reals([Double])
    /// The attribute of that name of the calling node.
    case reference(String)
    /// Something no rule needs: long texts, sparse tensors, types.
    case other
  }

  var name = ""
  var value = Value.other
}

/// A tensor that the file carries; `elements` only where they are few and inside the file.
struct ONNXTensor {
  var name = ""
  var dimensions: [Int] = []
  var type = ONNXType.undefined
  var elementCount = 0
  var elements: [Number]?
}

/// The declared shape of a value; `nil` when its rank is not given.
struct ONNXValueInfo {
  enum Dimension: Hashable {
    case size(Int)
    case symbol(String)
    case anonymous
  }

  var name = ""
  var type = ONNXType.undefined
  var dimensions: [Dimension]?
}

/// Element type of a tensor: the number in `TensorProto.DataType`.
struct ONNXType: Hashable {
  var code: Int

  static let undefined = ONNXType(code: 0)
  static let float = ONNXType(code: 1)
  static let uint8 = ONNXType(code: 2)
  static let int8 = ONNXType(code: 3)
  static let int32 = ONNXType(code: 6)
  static let int64 = ONNXType(code: 7)
  static let bool = ONNXType(code: 9)

  /// Floating point of 16, 32 or 64 bits.
  var isReal: Bool { [1, 10, 11, 16].contains(code) }
  /// Whole numbers and truth values.
  var isInteger: Bool { [2, 3, 4, 5, 6, 7, 9, 12, 13].contains(code) }
  /// Types in which weights come: floating point of any width, and whole numbers of at most 8 bits.
  var canBeParameter: Bool { isReal || [2, 3].contains(code) || code >= 17 }
  /// Bytes of an element in raw data; `nil` for types that are not folded.
  var byteCount: Int? {
    switch code {
    case 2, 3, 9: 1
    case 4, 5: 2
    case 1, 6, 12: 4
    case 7, 11, 13: 8
    default: nil
    }
  }
}
