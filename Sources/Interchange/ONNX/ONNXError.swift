import Execution

/// Why an ONNX file cannot be imported at all.
///
/// An operator without a rule is no error: it becomes an ``ImportWarning`` and the rest is imported.
public enum ONNXError: Error, Equatable, Sendable {
  /// The file cannot be opened, measured or mapped.
  case unreadable(operation: String, reason: String)
  /// The bytes are not a valid message; `field` is the path to it, such as `graph.node[3].attribute[0]`.
  case malformed(offset: Int, field: String, problem: String)
  /// The bytes are a message but describe no graph.
  case noGraph(byteCount: Int)
  /// Nodes or values contradict each other.
  case inconsistent(node: String, value: String, rule: GraphRule)
  /// Layers need dimensions that neither the file nor the caller gives.
  case freeSymbols(names: [String], layer: String)
  /// The caller bound a dimension that the file does not have.
  case unknownSymbol(name: String, known: [String])
  /// The caller bound a dimension to a size that cannot be.
  case sizeOutOfRange(name: String, got: Int)
  /// The graph has no convolution or matrix product that can be a layer.
  case noLayers(warnings: Int)
  /// A count of a layer does not fit in 63 bits.
  case countOverflow(layer: String, quantity: String)

  /// A rule that every graph keeps.
  public enum GraphRule: String, Sendable {
    /// Every value has one producer.
    case definedTwice
    /// Every input is produced by something.
    case undefined
    /// No value depends on itself.
    case cycle
    /// Functions and branches are nested at most 32 deep.
    case nestedTooDeep
    /// Inlining functions stays below a million nodes.
    case tooManyNodes
  }

  /// The same error inside an outer field.
  func inside(_ outer: @autoclosure () -> String) -> ONNXError {
    guard case .malformed(let offset, let field, let problem) = self else { return self }
    let path = field.isEmpty ? outer() : "\(outer()).\(field)"
    return .malformed(offset: offset, field: path, problem: problem)
  }
}

extension ONNXError: CustomStringConvertible {
  /// The message a user reads, with its hint on a second line when there is one.
  public var description: String {
    guard let hint else { return problem }
    return "\(problem)\nhint: \(hint)"
  }

  /// What is wrong, on one line.
  public var problem: String {
    switch self {
    case .unreadable(let operation, let reason): "cannot \(operation) the file: \(reason)"
    case .malformed(let offset, let field, let problem):
      "byte \(offset)\(field.isEmpty ? "" : ": \(field)"): \(problem)"
    case .noGraph(let count): "got \(count) bytes without a graph, expected an ONNX model"
    case .inconsistent(let node, let value, let rule):
      switch rule {
      case .definedTwice:
        "node \"\(node)\": value \"\(value)\" is already defined, expected one producer"
      case .undefined: "node \"\(node)\": input \"\(value)\" is defined nowhere"
      case .cycle: "node \"\(node)\": input \"\(value)\" depends on the node's own output"
      case .nestedTooDeep:
        "node \"\(node)\": \(value) is nested more than \(ONNXLimits.nesting) deep"
      case .tooManyNodes:
        "node \"\(node)\": \(value) makes more than \(ONNXLimits.executedNodes) nodes"
      }
    case .freeSymbols(let names, let layer):
      "layer \"\(layer)\" needs \(names.count == 1 ? "a free dimension" : "free dimensions"): "
        + names.joined(separator: ", ")
    case .unknownSymbol(let name, let known):
      "unknown dimension \"\(name)\""
        + (known.isEmpty ? ", the file has no free dimensions" : "")
    case .sizeOutOfRange(let name, let got):
      "dimension \"\(name)\": got \(got), expected 0 to \(ONNXLimits.extent)"
    case .noLayers(let warnings):
      "no layer can be evaluated\(warnings > 0 ? "; \(warnings) warnings say why" : "")"
    case .countOverflow(let layer, let quantity):
      "layer \"\(layer)\": its \(quantity) exceeds 2^63 - 1"
    }
  }

  /// The next step to take, without the word `hint:`.
  public var hint: String? {
    switch self {
    case .noGraph: "is it an .onnx file, complete and not compressed?"
    case .freeSymbols(let names, _):
      "bind \(names.count == 1 ? "it" : "them"): "
        + names.map { "--dim \($0)=1" }.joined(separator: " ")
    case .unknownSymbol(let name, let known):
      known.isEmpty ? nil : suggestion(for: name, among: known)
    default: nil
    }
  }
}

/// Limits that keep hostile files harmless; no real model is near them.
enum ONNXLimits {
  /// Largest extent of one dimension, so that sums and differences of a few cannot overflow.
  static let extent = 1 << 40
  /// Largest stride, pad, dilation or kernel extent; times `extent` it still fits in 63 bits.
  static let attribute = 1 << 20
  /// Largest tensor whose values are folded.
  static let foldedElements = 4_096
  /// Most elements that are folded in one import; real models stay far below.
  static let allFoldedElements = 1 << 24
  /// Longest name or text that is kept, in bytes.
  static let textBytes = 65_536
  /// Longest attribute list that is kept.
  static let attributeList = 65_536
  /// Largest number of dimensions of a tensor.
  static let rank = 64
  /// Deepest nesting of subgraphs and functions.
  static let nesting = 32
  /// Nodes, after functions are inlined.
  static let executedNodes = 1_000_000
}
