public import Foundation
public import Workload

/// ZigZag's workloads: a list of layers, each an equation over loop dimensions.
///
/// `O`, `W` and `I` become `Outputs`, `Weights` and `Inputs`. Layers that are no products of two tensors (additions)
/// are left out with a warning; padding and sources of operands have no counterpart.
public enum ZigZagWorkload {
  /// Reads a workload.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, UTF-8.
  ///   - file: Name that messages begin with; the network is called after it.
  public static func network(parsing bytes: Data, file: String) throws(SpecificationError)
    -> Imported<Network>
  {
    let root = try SpecificationNode(parsing: bytes, file: file, dialect: .foreign)
    var reader = ZigZagLayerReader()
    var entries: [Network.Entry] = []
    for node in try root.items(expected: "a list of layers") {
      if let layer = try reader.layer(node) { entries.append(Network.Entry(layer: layer)) }
    }
    guard !entries.isEmpty else {
      throw .unreadable(at: root.place, got: "no layers", expected: "layers that multiply")
    }
    return Imported(
      Network(name: ForeignText.baseName(of: file), entries: entries), warnings: reader.warnings)
  }
}

private struct ZigZagLayerReader {
  private(set) var warnings: [FileWarning] = []
  private var names = DistinctNames()
  private var noted: Set<String> = []

  private static let read = [
    "id", "name", "operator_type", "equation", "dimension_relations", "loop_dims", "loop_sizes",
    "operand_precision",
  ]
  private static let tensorNames = ["O": "Outputs", "W": "Weights", "I": "Inputs"]

  mutating func layer(_ node: SpecificationNode) throws(SpecificationError) -> Layer? {
    for (key, value) in try node.pairs(expected: "a layer") where !Self.read.contains(key) {
      guard noted.insert(key).inserted else { continue }
      warnings.append(FileWarning(at: value.place, "no counterpart, left out in every layer"))
    }
    let type = try node.required("operator_type", expected: "a type such as Conv").text()
    let identifier = node.optional("id")?.scalarText ?? "?"
    let written = node.optional("name").flatMap { $0.isNull ? nil : $0.scalarText }
    let name = names.take(shortened(written ?? "\(type)-\(identifier)"))
    let dimensions = try dimensions(node)
    let equation = try node.required("equation", expected: "an equation of three tensors")
    guard let tensors = try tensors(equation) else {
      warnings.append(
        FileWarning(at: equation.place, "\(name) is no product of two tensors, left out"))
      return nil
    }
    let relations = try relations(node, dimensions.map(\.name))
    let precision = node.optional("operand_precision")
    if let final = precision?.optional("O_final"), noted.insert("O_final").inserted {
      warnings.append(
        FileWarning(at: final.place, "precision of final results left out in every layer"))
    }
    var operands: [Operand] = []
    for (position, tensor) in tensors.enumerated() {
      var axes: [Operand.Axis] = []
      for index in tensor.indices {
        if let terms = relations[index] {
          axes.append(Operand.Axis(terms: terms))
          continue
        }
        guard let dimension = Self.position(of: index, in: dimensions.map(\.name)) else {
          throw .unknownName(
            at: equation.place, what: "dimension", name: index, known: dimensions.map(\.name))
        }
        axes.append(Operand.Axis(terms: [.init(dimension: dimension)]))
      }
      let bits = try precision?.optional(tensor.name)?.count(in: 0...1_024, "bits")
      operands.append(
        Operand(
          name: Self.tensorNames[tensor.name] ?? tensor.name, axes: axes,
          role: position == 0 ? .result : .input, bits: bits == 0 ? nil : bits))
    }
    do {
      return try Layer(name: name, dimensions: dimensions, operands: operands)
    } catch {
      throw .rejected(at: node.place, reason: "\(error)")
    }
  }

  private static func position(of index: String, in names: [String]) -> Int? {
    names.firstIndex { $0.lowercased() == index.lowercased() }
  }

  private func dimensions(_ node: SpecificationNode) throws(SpecificationError) -> [LoopDimension] {
    let list = try node.required("loop_dims", expected: "a list of dimensions")
    let names = try list.names(expected: "a list of dimensions")
    let sizes = try node.required("loop_sizes", expected: "a list of sizes")
    let items = try sizes.items(expected: "a list of sizes")
    guard names.count == items.count else {
      throw .wrongValue(
        at: sizes.place, got: "\(items.count) sizes",
        expected: "one for each of \(names.count) dims")
    }
    var result: [LoopDimension] = []
    for (name, item) in zip(names, items) {
      result.append(LoopDimension(name: name, bound: try item.count(in: 1...Layer.largestBound)))
    }
    return result
  }

  /// The result and the two factors; `nil` when the right side is a sum.
  private func tensors(_ node: SpecificationNode) throws(SpecificationError)
    -> [(name: String, indices: [String])]?
  {
    let expected = "an equation such as O[k][x]+=W[k][c]*I[c][x]"
    let text = try node.text(expected: expected).filter { $0 != " " }
    let sides = text.split(separator: "=", omittingEmptySubsequences: false)
    guard sides.count == 2 else { throw node.wrong(expected: expected) }
    let left = sides[0].hasSuffix("+") ? sides[0].dropLast() : sides[0]
    let factors = sides[1].split(separator: "*", omittingEmptySubsequences: false)
    if factors.count == 1, sides[1].contains("+") { return nil }
    guard factors.count == 2 else { throw node.wrong(expected: expected) }
    var result: [(name: String, indices: [String])] = []
    for part in [left, factors[0], factors[1]] {
      let name = part.prefix { $0 != "[" }
      let brackets = part.dropFirst(name.count).split(separator: "[")
      guard !name.isEmpty, brackets.allSatisfy({ $0.hasSuffix("]") }),
        name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
      else { throw node.wrong(expected: expected) }
      result.append((String(name), brackets.map { String($0.dropLast()) }.filter { !$0.isEmpty }))
    }
    return result
  }

  /// `ix=2*ox+1*fx` by its left side.
  private func relations(_ node: SpecificationNode, _ names: [String]) throws(SpecificationError)
    -> [String: [Operand.Term]]
  {
    guard let list = node.optional("dimension_relations"), !list.isNull else { return [:] }
    let expected = "a relation such as ix=2*ox+1*fx"
    var result: [String: [Operand.Term]] = [:]
    for item in try list.items(expected: "a list of relations") {
      let text = try item.text(expected: expected).filter { $0 != " " }
      let sides = text.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty else { throw item.wrong(expected: expected) }
      var terms: [Operand.Term] = []
      for summand in sides[1].split(separator: "+", omittingEmptySubsequences: false) {
        let factors = summand.split(separator: "*", omittingEmptySubsequences: false)
        guard let last = factors.last, factors.count <= 2 else {
          throw item.wrong(expected: expected)
        }
        let coefficient = factors.count == 2 ? Int(factors[0]) ?? 0 : 1
        guard (1...Layer.largestBound).contains(coefficient) else {
          throw item.wrong(expected: expected)
        }
        guard let dimension = Self.position(of: String(last), in: names) else {
          throw .unknownName(
            at: item.place, what: "dimension", name: String(last), known: names)
        }
        terms.append(Operand.Term(dimension: dimension, coefficient: coefficient))
      }
      result[String(sides[0])] = terms
    }
    return result
  }
}
