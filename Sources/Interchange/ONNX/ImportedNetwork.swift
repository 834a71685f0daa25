/// Something of a file that could not be imported, and what that leaves out.
public struct ImportWarning: Hashable, Sendable {
  /// Name of the node; empty for a value of the graph.
  public var node: String
  /// Operator of the node.
  public var operation: String
  /// What is not covered.
  public var problem: String
  /// Layers that are left out because their shapes depend on it, in graph order.
  public var blockedLayers: [String]

  /// The warning in one sentence; long lists of layers are cut.
  public var text: String {
    var text = "node \"\(node)\" (\(operation)): \(problem)"
    guard let first = blockedLayers.first else { return text }
    if blockedLayers == [node] { return text + "; the layer is left out" }
    let named = blockedLayers.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
    let more = blockedLayers.count > 5 ? " and \(blockedLayers.count - 5) more" : ""
    _ = first
    text += "; left out, because their shapes depend on it: \(named)\(more)"
    return text
  }
}

/// The products of a network, read from a file of another tool.
public struct ImportedNetwork: Hashable, Sendable {
  /// How to read a file.
  public struct Options: Hashable, Sendable {
    /// Sizes of free dimensions by name; an input's dimension without a name is `input[0]`.
    public var dimensions: [String: Int]
    /// The first dimension of every graph input, in place of what the file says.
    public var batch: Int?

    /// Creates options; by default nothing is bound.
    public init(dimensions: [String: Int] = [:], batch: Int? = nil) {
      self.dimensions = dimensions
      self.batch = batch
    }
  }

  /// Name of the graph, or of the file where the graph has none.
  public var name: String
  /// The tool that wrote the file.
  public var producer: String
  /// Products in graph order.
  public var rows: [LayerRow]
  /// What could not be imported.
  public var warnings: [ImportWarning]
  /// Elements of all weights and biases of the file.
  public var parameterCount: Int

  /// Shapes of the graph's outputs as inferred; `nil` for a size or rank that is not known.
  public var outputs: [Output]

  /// A result of the network.
  public struct Output: Hashable, Sendable {
    /// Name of the value.
    public var name: String
    /// Its dimensions.
    public var dimensions: [Int?]?
  }

  /// Multiply-accumulates of all rows; `nil` when the sum exceeds 2^63 - 1.
  public var macCount: Int? {
    rows.reduce(Int?.some(0)) { sum, row in
      guard let step = sum?.addingReportingOverflow(row.macCount), !step.overflow else {
        return nil
      }
      return step.partialValue
    }
  }

  /// Reads an ONNX file: shapes are inferred, weights are neither read nor needed.
  ///
  /// - Complexity: Linear in the size of the graph, independent of the size of the weights.
  /// - Throws: `ONNXError` without the name of the file.
  public init(readingONNX path: String, options: Options = Options()) throws(ONNXError) {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let stem = file.hasSuffix(".onnx") ? String(file.dropLast(5)) : file
    self = try MappedFile.withBytes(ofFile: path) { bytes throws(ONNXError) in
      try ImportedNetwork(parsingONNX: bytes, named: stem, options: options)
    }
  }

  /// Reads an ONNX model from memory.
  public init(
    parsingONNX bytes: UnsafeRawBufferPointer, named name: String, options: Options = Options()
  )
    throws(ONNXError)
  {
    let model = try ONNXReader(bytes: bytes).model()
    var interpreter = ONNXInterpreter(model: model, options: options)
    try interpreter.run()
    self.name = name
    producer = model.producer
    rows = interpreter.rows
    warnings = interpreter.reportedWarnings
    parameterCount = interpreter.parameterCount
    outputs = interpreter.outputs
  }
}
