public import Accelerator
public import Foundation
public import Workload

/// Timeloop's YAML: v0.4 trees (`nodes`), the older `subtree`/`local` trees and the flat `storage`/`arithmetic` lists.
///
/// As for Timeloop, any number of files together make one input; each section stands in one of them. What has no
/// counterpart becomes a warning with its place. Energies stand in an `ERT` section; without one they are taken from
/// `vector_access_energy` and `energy` attributes, or are 0 with a warning.
public struct TimeloopInput: Sendable {
  /// Sections that are read.
  static let used = [
    "architecture", "arch", "problem", "mapping", "ERT", "ART", "architecture_constraints",
    "arch_constraints", "constraints", "mapspace_constraints", "mapspace",
  ]
  /// Sections that matter to other steps than evaluating a mapping.
  static let neutral = ["dumped_by_timeloop_front_end"]

  private var sections: [(key: String, node: SpecificationNode)] = []
  /// Sections that are not read.
  public private(set) var warnings: [FileWarning] = []

  /// Reads the files.
  ///
  /// - Parameter files: Name, for messages, and content of each.
  public init(parsing files: [(name: String, bytes: Data)]) throws(SpecificationError) {
    for file in files {
      let root = try SpecificationNode(parsing: file.bytes, file: file.name, dialect: .foreign)
      for (key, node) in try root.pairs(expected: "a mapping of Timeloop sections") {
        let name = key.replacingOccurrences(of: "-", with: "_")
        if Self.used.contains(name) {
          // The front end dumps sections it has nothing for as empty lists.
          if node.isNull || node.isEmptyCollection { continue }
          guard section(name) == nil else {
            throw .duplicateKey(at: node.place, key: name)
          }
          sections.append((name, node))
        } else if name == "shape" {
          sections.append((name, node))
        } else if !Self.neutral.contains(name) {
          warnings.append(FileWarning(at: node.place, "section not used"))
        }
      }
    }
  }

  /// Reads files from disk.
  public init(readingFiles paths: [String]) throws(SpecificationError) {
    var files: [(name: String, bytes: Data)] = []
    for path in paths { files.append((path, try SpecificationNode.bytes(ofFile: path))) }
    try self.init(parsing: files)
  }

  func section(_ keys: String...) -> SpecificationNode? {
    for key in keys {
      if let found = sections.first(where: { $0.key == key }) { return found.node }
    }
    return nil
  }

  private func required(_ keys: [String]) throws(SpecificationError) -> SpecificationNode {
    for key in keys {
      if let found = section(key) { return found }
    }
    let file = sections.first?.node.file ?? "timeloop.yaml"
    throw .missingKey(
      at: SpecificationPlace(file: file, line: 1), key: keys[0], expected: "a section of Timeloop")
  }

  /// The layer of the `problem` section.
  public func layer() throws(SpecificationError) -> Imported<Layer> {
    var reader = TimeloopProblemReader()
    let layer = try reader.layer(required(["problem"]))
    return Imported(layer, warnings: reader.warnings)
  }

  /// The machine of the `architecture` section, with the energies of the `ERT` section.
  ///
  /// - Parameter estimates: For memories and MACs without stated energies; the warnings say what was used.
  public func architecture(estimates: ForeignEstimates = .none) throws(SpecificationError)
    -> Imported<Architecture>
  {
    let (hierarchy, architecture) = try machine(estimates: estimates)
    return Imported(architecture, warnings: hierarchy.warnings)
  }

  /// The schedule of the `mapping` section.
  public func mapping() throws(SpecificationError) -> Imported<Mapping> {
    let layer = try layer().value
    let (hierarchy, architecture) = try machine()
    var reader = TimeloopMappingReader(
      layer: layer, architecture: architecture, hierarchy: hierarchy)
    let mapping = try reader.mapping(required(["mapping"]))
    return Imported(mapping, warnings: reader.warnings)
  }

  /// What the files demand of mappings: constraints of the architecture and of the map space.
  ///
  /// - Throws: `SpecificationError`, among others for names that neither architecture nor problem has and for
  ///   constraints that contradict each other.
  public func constraints() throws(SpecificationError) -> Imported<TimeloopConstraints> {
    let (hierarchy, _) = try machine()
    var reader = TimeloopConstraintReader(
      hierarchy: hierarchy, layer: section("problem") == nil ? nil : try layer().value)
    return try reader.run()
  }

  private func machine(estimates: ForeignEstimates = .none) throws(SpecificationError) -> (
    TimeloopHierarchy, Architecture
  ) {
    let root = try required(["architecture", "arch"])
    var hierarchy = TimeloopHierarchy()
    try hierarchy.walk(root)
    let tensors = section("problem") == nil ? nil : try? layer().value.operands.map(\.name)
    let constraints =
      root.member("constraints")
      ?? section("architecture_constraints", "arch_constraints", "constraints")
    if let constraints {
      try hierarchy.attach(constraints: constraints, areOfArchitecture: true)
    }
    if let constraints = section("mapspace_constraints", "mapspace") {
      try hierarchy.attach(constraints: constraints, areOfArchitecture: false)
    }
    let tables = try TimeloopTables(energies: section("ERT"), areas: section("ART"))
    let architecture = try hierarchy.architecture(
      root: root, tables: tables, tensors: tensors, estimates: estimates)
    return (hierarchy, architecture)
  }
}

extension SpecificationNode {
  /// The value of a key written with underscores or, as in older files, with hyphens.
  func member(_ key: String) -> SpecificationNode? {
    optional(key) ?? optional(key.replacingOccurrences(of: "_", with: "-"))
  }

  /// The text of a scalar.
  var scalarText: String? {
    guard case .scalar(let text, _, _) = tree else { return nil }
    return text
  }

  /// Whether it is nothing, `null` or `~`.
  var isNull: Bool {
    guard case .scalar(let text, true, _) = tree else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// Whether it is a list or mapping without members.
  var isEmptyCollection: Bool {
    switch tree {
    case .list(let items, _): items.isEmpty
    case .mapping(let entries, _, _): entries.isEmpty
    case .scalar: false
    }
  }

  /// A whole number; expressions are refused with a hint.
  func count(in range: ClosedRange<Int>, _ unit: String = "") throws(SpecificationError) -> Int {
    do { return try integer(in: range, unit) } catch { throw withExpressionHint(error) }
  }

  /// A number; expressions are refused with a hint.
  func amount(in range: ClosedRange<Double>, _ unit: String = "") throws(SpecificationError)
    -> Double
  {
    do { return try number(in: range, unit) } catch { throw withExpressionHint(error) }
  }

  private func withExpressionHint(_ error: SpecificationError) -> SpecificationError {
    guard case .wrongValue(let place, let got, let expected, nil) = error,
      case .scalar(let text, true, _) = tree, text.contains(where: { "*+/(".contains($0) })
    else { return error }
    return .wrongValue(
      at: place, got: got, expected: expected,
      hint: "write the number out; Timeloop's front end writes evaluated expressions to "
        + "parsed-processed-input.yaml")
  }
}
