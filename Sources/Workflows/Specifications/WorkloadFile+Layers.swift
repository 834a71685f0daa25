import Interchange
import Workload

extension WorkloadFile.LayerEntry {
  /// The keys of which a layer has exactly one.
  private static let forms = ["convolution", "depthwise", "matrixProduct", "dimensions"]

  init(_ node: SpecificationNode) throws(SpecificationError) {
    try node.checkKeys(["name", "count", "zeros", "bits", "operands"] + Self.forms)
    let name = try node.required("name", expected: "a name").text(expected: "a name")
    count = try node.optional("count")?.integer(in: 1...1_000_000, "occurrences") ?? 1
    zeroShare = try node.optional("zeros")?.number(in: 0...1)
    let written = Self.forms.filter { node.optional($0) != nil }
    guard written.count == 1, let form = written.first, let shape = node.optional(form) else {
      throw .wrongValue(
        at: node.place, got: written.isEmpty ? "no shape" : written.joined(separator: " and "),
        expected: "exactly one of \(Self.forms.joined(separator: ", "))")
    }
    for key in form == "dimensions" ? ["bits"] : ["operands"] {
      if let value = node.optional(key) {
        throw .wrongValue(
          at: value.place, got: "\(key) beside \(form)",
          expected: form == "dimensions"
            ? "bits of each operand" : "no operands, \(form) has its own")
      }
    }
    do {
      let base: Layer
      switch form {
      case "convolution": base = try .convolution(name: name, Self.convolution(shape))
      case "depthwise": base = try .depthwiseConvolution(name: name, Self.depthwise(shape))
      case "matrixProduct": base = try Self.matrixProduct(name: name, shape)
      default: base = try Self.general(name: name, shape, node)
      }
      layer = try Self.withBits(node.optional("bits"), base)
    } catch let error as SpecificationError {
      throw error
    } catch {
      throw .rejected(at: shape.place, reason: "\(error)")
    }
  }

  private static func bound(_ node: SpecificationNode, _ key: String, default value: Int? = nil)
    throws(SpecificationError) -> Int
  {
    if let value, node.optional(key) == nil { return value }
    return try node.required(key, expected: "a whole number from 1")
      .integer(in: 1...Layer.largestBound)
  }

  /// A stride or dilation: one number for both directions, or `[x, y]`.
  private static func step(_ node: SpecificationNode, _ key: String) throws(SpecificationError)
    -> (width: Int, height: Int)
  {
    guard let value = node.optional(key) else { return (1, 1) }
    if case .list = value.tree {
      let (x, y) = try value.pair(in: 1...Layer.largestBound, "steps")
      return (x, y)
    }
    let both = try value.integer(in: 1...Layer.largestBound)
    return (both, both)
  }

  private static func shape(_ node: SpecificationNode, outputChannels: Int)
    throws(SpecificationError) -> Layer.ConvolutionShape
  {
    var shape = Layer.ConvolutionShape(
      inputChannels: try bound(node, "C"), outputChannels: outputChannels,
      kernel: (try bound(node, "R"), try bound(node, "S")),
      output: (try bound(node, "P"), try bound(node, "Q")))
    shape.batch = try bound(node, "N", default: 1)
    shape.stride = try step(node, "stride")
    shape.dilation = try step(node, "dilation")
    return shape
  }

  private static func convolution(_ node: SpecificationNode) throws(SpecificationError)
    -> Layer.ConvolutionShape
  {
    try node.checkKeys(["N", "G", "C", "M", "R", "S", "P", "Q", "stride", "dilation"])
    var shape = try shape(node, outputChannels: bound(node, "M"))
    shape.groups = try bound(node, "G", default: 1)
    return shape
  }

  private static func depthwise(_ node: SpecificationNode) throws(SpecificationError)
    -> Layer.ConvolutionShape
  {
    try node.checkKeys(["N", "C", "R", "S", "P", "Q", "stride", "dilation"])
    return try shape(node, outputChannels: 1)
  }

  private static func matrixProduct(name: String, _ node: SpecificationNode) throws -> Layer {
    try node.checkKeys(["rows", "columns", "inner", "batch"])
    return try .matrixProduct(
      name: name, rows: bound(node, "rows"), columns: bound(node, "columns"),
      inner: bound(node, "inner"), batch: bound(node, "batch", default: 1))
  }

  private static func general(
    name: String, _ dimensions: SpecificationNode, _ node: SpecificationNode
  ) throws -> Layer {
    var declared: [LoopDimension] = []
    for (key, value) in try dimensions.pairs(expected: "a mapping from dimension to bound") {
      guard isDimensionName(key) else {
        throw SpecificationError.wrongValue(
          at: value.place, got: "dimension name \"\(shortened(key))\"",
          expected: "a letter, then letters, digits and underscores")
      }
      declared.append(
        LoopDimension(name: key, bound: try value.integer(in: 1...Layer.largestBound)))
    }
    let operands = try node.required("operands", expected: "a list of operands")
    return try Layer(
      name: name, dimensions: declared,
      operands: try operands.items(expected: "a list of operands").map {
        try operand($0, dimensions: declared)
      })
  }

  private enum RoleName: String, CaseIterable { case input, result }

  private static func operand(_ node: SpecificationNode, dimensions: [LoopDimension]) throws
    -> Operand
  {
    try node.checkKeys(["name", "axes", "role", "bits"])
    let role = try node.required("role", expected: "input or result")
      .choice("role", of: RoleName.self)
    let axes = try node.required("axes", expected: "a list of axes such as R + 4*P")
      .items(expected: "a list of axes such as R + 4*P")
    return Operand(
      name: try node.required("name", expected: "a name").text(expected: "a name"),
      axes: try axes.map { try AxisText.axis($0, dimensions: dimensions) },
      role: role == .result ? .result : .input,
      bits: try node.optional("bits")?.integer(in: 1...1_024, "bits"))
  }

  private static func withBits(_ node: SpecificationNode?, _ layer: Layer) throws -> Layer {
    guard let node else { return layer }
    try node.checkKeys(layer.operands.map(\.name))
    let operands = try layer.operands.map { operand in
      Operand(
        name: operand.name, axes: operand.axes, role: operand.role,
        bits: try node.optional(operand.name)?.integer(in: 1...1_024, "bits") ?? operand.bits)
    }
    return try Layer(name: layer.name, dimensions: layer.dimensions, operands: operands)
  }
}

/// Whether a name can stand in an axis or a loop: a letter, then letters, digits and underscores.
func isDimensionName(_ name: some StringProtocol) -> Bool {
  guard let first = name.utf8.first, (65...90).contains(first) || (97...122).contains(first)
  else { return false }
  return name.utf8.count <= 64
    && name.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
    }
}
