import Foundation
import Workload

/// Reads a `problem` section: shape and instance.
struct TimeloopProblemReader {
  private(set) var warnings: [FileWarning] = []

  mutating func layer(_ root: SpecificationNode) throws(SpecificationError) -> Layer {
    for (key, value) in try root.pairs(expected: "a problem with shape and instance")
    where key == "flatten" {
      throw value.wrong(expected: "no flattened dimensions")
    }
    let instance = root.member("instance") ?? root
    let shape = root.member("shape")
    let builtIn = try shape.flatMap { (node) throws(SpecificationError) in
      try Self.builtInShape(node)
    }
    let name =
      try shape?.member("name")?.text(expected: "a name")
      ?? (builtIn == nil ? "problem" : shape?.scalarText ?? "problem")
    var coefficients: [(name: String, value: Int)] = []
    var dimensions: [LoopDimension] = []
    let names: [String]
    if let builtIn {
      names = builtIn.dimensions
      coefficients = builtIn.coefficients.map { ($0, 1) }
    } else if let shape {
      if let flatten = shape.member("flatten") {
        throw flatten.wrong(expected: "no flattened dimensions")
      }
      names = try shape.required("dimensions", expected: "a list of dimensions")
        .names(expected: "a list of dimensions")
      coefficients = try self.coefficients(shape)
    } else {
      throw .missingKey(at: root.place, key: "shape", expected: "the shape of the problem")
    }
    for name in names {
      let bound = try instance.required(name, expected: "the bound of dimension \(name)")
      dimensions.append(
        LoopDimension(name: name, bound: try bound.count(in: 1...Layer.largestBound)))
    }
    for index in coefficients.indices {
      if let value = instance.member(coefficients[index].name) {
        coefficients[index].value = try value.count(in: 1...Layer.largestBound)
      }
    }
    try noteUnused(instance, root: root, known: names + coefficients.map(\.name))
    var operands: [Operand] = []
    if let builtIn {
      operands = builtIn.operands(dimensions: names, coefficients: coefficients)
    } else if let shape {
      guard let spaces = shape.member("data_spaces") else {
        throw .missingKey(at: shape.place, key: "data_spaces", expected: "a list of tensors")
      }
      for space in try spaces.items(expected: "a list of tensors") {
        operands.append(try operand(space, names, coefficients))
      }
    }
    do {
      return try Layer(name: name, dimensions: dimensions, operands: operands)
    } catch {
      throw .rejected(at: root.place, reason: "\(error)")
    }
  }

  private func coefficients(_ shape: SpecificationNode) throws(SpecificationError)
    -> [(name: String, value: Int)]
  {
    guard let list = shape.member("coefficients") else { return [] }
    var result: [(name: String, value: Int)] = []
    for item in try list.items(expected: "a list of coefficients") {
      let name = try item.required("name", expected: "the name of a coefficient").text()
      let value = try item.optional("default")?.count(in: 1...Layer.largestBound) ?? 1
      result.append((name, value))
    }
    return result
  }

  /// What the instance says besides bounds and coefficients: padding, densities and the like.
  private mutating func noteUnused(
    _ instance: SpecificationNode, root: SpecificationNode, known: [String]
  ) throws(SpecificationError) {
    let structure = ["shape", "instance", "version", "name"]
    let hyphenless = Set(known.map { $0.replacingOccurrences(of: "-", with: "_") })
    for (key, value) in try instance.pairs(expected: "bounds of dimensions")
    where !hyphenless.contains(key.replacingOccurrences(of: "-", with: "_"))
      && !structure.contains(key)
    {
      if case .mapping(let entries, _, _) = value.tree, entries.isEmpty { continue }
      let isDensity = key.lowercased().contains("densit")
      warnings.append(
        FileWarning(
          at: value.place,
          isDensity ? "sparsity has no counterpart, read as dense" : "not a dimension, not used"))
    }
    guard instance.field != root.field else { return }
    for (key, value) in try root.pairs(expected: "a problem") where !structure.contains(key) {
      warnings.append(FileWarning(at: value.place, "not used"))
    }
  }

  private func operand(
    _ node: SpecificationNode, _ dimensions: [String],
    _ coefficients: [(name: String, value: Int)]
  ) throws(SpecificationError) -> Operand {
    let name = try node.required("name", expected: "the name of a tensor").text()
    var role = Operand.Role.input
    if let flag = node.member("read_write") {
      switch flag.scalarText?.lowercased() {
      case "true", "1", "yes": role = .result
      case "false", "0", "no": break
      default: throw flag.wrong(expected: "true or false")
      }
    }
    let projection = try node.required("projection", expected: "a list of axes")
    var axes: [Operand.Axis] = []
    for item in try projection.items(expected: "a list of axes such as [[P, Wstride], [R]]") {
      var terms: [Operand.Term] = []
      if item.scalarText != nil {
        terms.append(try term([item], dimensions, coefficients))
      } else {
        for summand in try item.items(expected: "a list of terms such as [P, Wstride]") {
          let members = try summand.items(expected: "a term such as [P] or [P, Wstride]")
          guard (1...2).contains(members.count) else {
            throw summand.wrong(expected: "a dimension and at most one coefficient")
          }
          terms.append(try term(members, dimensions, coefficients))
        }
      }
      axes.append(Operand.Axis(terms: terms))
    }
    return Operand(name: name, axes: axes, role: role)
  }

  private func term(
    _ members: [SpecificationNode], _ dimensions: [String],
    _ coefficients: [(name: String, value: Int)]
  ) throws(SpecificationError) -> Operand.Term {
    let name = try members[0].text(expected: "a dimension")
    guard let index = dimensions.firstIndex(of: name) else {
      throw .unknownName(
        at: members[0].place, what: "dimension", name: name, known: dimensions)
    }
    guard members.count == 2 else { return Operand.Term(dimension: index) }
    let coefficient = try members[1].text(expected: "a coefficient")
    guard let found = coefficients.first(where: { $0.name == coefficient }) else {
      throw .unknownName(
        at: members[1].place, what: "coefficient", name: coefficient,
        known: coefficients.map(\.name))
    }
    return Operand.Term(dimension: index, coefficient: found.value)
  }
}
