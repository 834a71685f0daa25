public import DesignSpace
public import Foundation
public import Interchange

/// A design-space file as it was written: parameters, conditions and known constraints.
///
/// Every property below is the key of the same name. A parameter has `name`, `type`, what the type asks for, and
/// optionally `when`; see `ParameterEntry`.
public struct SpaceFile: Sendable {
  /// Most parameters of a file.
  public static let largestParameterCount = 1_000

  /// Name for reports.
  ///
  /// Required. Example: `gemmini-like`.
  public var name: String
  /// One line about the space.
  ///
  /// Optional.
  public var description: String?
  /// Where the levels are from, one text each.
  ///
  /// Default: none.
  public var sources: [String]
  /// The parameters, 1 to 1000; a design has a value for each, in this order.
  ///
  /// Required.
  public var parameters: [Parameter]
  /// Expressions that legal designs fulfill, such as `pe_x * pe_y <= 256`.
  ///
  /// Default: none.
  public var constraints: [String]

  private let root: SpecificationNode

  /// Reads the bytes of a space file.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, UTF-8.
  ///   - name: File name that error messages begin with.
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(parsing bytes: Data, named name: String) throws(SpecificationError) {
    try self.init(SpecificationNode(parsing: bytes, file: name))
  }

  /// Reads a space file from disk.
  public init(readingFile path: String) throws(SpecificationError) {
    try self.init(SpecificationNode(readingFile: path))
  }

  init(_ root: SpecificationNode) throws(SpecificationError) {
    try root.checkKeys(["name", "description", "sources", "parameters", "constraints"])
    self.root = root
    name = try root.required("name", expected: "a name").text(expected: "a name")
    description = try root.optional("description")?.text()
    sources = try root.optional("sources")?.names(expected: "a list of texts") ?? []
    let list = try root.required("parameters", expected: "a list of parameters")
    let nodes = try list.items(expected: "a list of parameters")
    guard (1...Self.largestParameterCount).contains(nodes.count) else {
      throw .wrongValue(
        at: list.place, got: "\(nodes.count) parameters",
        expected: "1 to \(Self.largestParameterCount)")
    }
    parameters = []
    for node in nodes {
      parameters.append(try ParameterEntry.parameter(node, after: parameters))
    }
    constraints = []
    if let list = root.optional("constraints") {
      for node in try list.items(expected: "a list of expressions") {
        constraints.append(try node.text(expected: "an expression such as \"pe_x * pe_y <= 256\""))
      }
    }
  }

  /// The space; every constraint is read over the parameters.
  ///
  /// - Throws: `SpecificationError` at the constraint, or the list of parameters.
  public func resolve() throws(SpecificationError) -> SearchSpace {
    // Constraint by constraint first, so that an error names its line.
    for index in constraints.indices {
      do {
        _ = try SearchSpace(parameters: parameters, constraints: [constraints[index]])
      } catch .invalidConstraint(let error) {
        throw .malformed(
          at: root.nearestPlace(toField: "constraints[\(index)]"), problem: error.problem,
          hint: error.hint)
      } catch {
        throw .rejected(at: root.nearestPlace(toField: "parameters"), reason: "\(error)")
      }
    }
    do {
      return try SearchSpace(parameters: parameters, constraints: constraints)
    } catch {
      throw .rejected(at: root.nearestPlace(toField: "parameters"), reason: "\(error)")
    }
  }
}
