public import Accelerator
public import CostModel
public import Foundation
public import Interchange
public import MappingSearch
public import Workload

/// A constraints file: what the mappings of every layer must obey.
///
/// Keys: `name`, `description`, `sources`, `freeKeepSets` (`true` or `false`), `minimumUtilization` (a share of all MACs)
/// and `levels`. A level has `level` (a name or a position), `temporal`, `spatialX` and `spatialY` (lists such as
/// `[C=4, M<=8]`), `allowedX` and `allowedY` (dimensions), `innermost` (the innermost loop first) and `outermost` (the
/// outermost first), `maximumFanOut: {x: 8, y: 4, total: 16}`, `keep`, `bypass` and `free` (tensors), and
/// `minimumUtilization` (a share of the fan-out below).
public struct ConstraintsFile: Sendable {
  /// Name for reports.
  ///
  /// Required.
  public var name: String
  /// One line about the constraints.
  ///
  /// Optional.
  public var description: String?
  /// Where the constraints are from.
  ///
  /// Default: none.
  public var sources: [String]
  /// The rules.
  public var constraints: MapSpaceConstraints

  let root: SpecificationNode

  /// Dimensions of convolutions and matrix products, which a rule may name though no layer at hand has them.
  private static let usualDimensions = ["B", "N", "G", "C", "M", "R", "S", "P", "Q"]

  /// Reads the bytes of a constraints file.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, UTF-8.
  ///   - name: File name that error messages begin with.
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(parsing bytes: Data, named name: String) throws(SpecificationError) {
    try self.init(SpecificationNode(parsing: bytes, file: name))
  }

  /// Reads a constraints file from disk.
  public init(readingFile path: String) throws(SpecificationError) {
    try self.init(SpecificationNode(readingFile: path))
  }

  /// The rules for one layer of a network: those about names the layer does not have are left out and listed.
  ///
  /// - Parameters:
  ///   - layer: The layer.
  ///   - network: Layers one of which must have every dimension and tensor a rule names, the usual dimensions of
  ///     convolutions and matrix products excepted.
  /// - Returns: The rules, and the names of dimensions and tensors that mean nothing for this layer.
  /// - Throws: `SpecificationError` for a name no layer has.
  public func constraints(for layer: Layer, in network: Network) throws(SpecificationError) -> (
    constraints: MapSpaceConstraints, leftOut: [String]
  ) {
    let layers = network.entries.map(\.layer) + [layer]
    var leftOut: [String] = []
    var result = constraints
    for index in result.levels.indices {
      let field = "levels[\(index)]"
      func known(_ name: String, _ what: String, _ path: String) throws(SpecificationError) -> Bool
      {
        let isTensor = what == "tensor"
        let names = { (layer: Layer) in
          isTensor ? layer.operands.map(\.name) : layer.dimensions.map(\.name)
        }
        if names(layer).contains(name) { return true }
        let isUsual = !isTensor && Self.usualDimensions.contains(name)
        guard isUsual || layers.contains(where: { names($0).contains(name) }) else {
          var all: [String] = []
          for other in layers.flatMap(names) where !all.contains(other) { all.append(other) }
          throw .unknownName(
            at: root.nearestPlace(toField: "\(field).\(path)"), what: what, name: name, known: all)
        }
        if !leftOut.contains(name) { leftOut.append(name) }
        return false
      }
      func filtered(_ names: [String], _ path: String) throws(SpecificationError) -> [String] {
        var kept: [String] = []
        for name in names where try known(name, "dimension", path) { kept.append(name) }
        return kept
      }
      func filtered(_ rules: [MapSpaceConstraints.DimensionRule], _ path: String)
        throws(SpecificationError) -> [MapSpaceConstraints.DimensionRule]
      {
        var kept: [MapSpaceConstraints.DimensionRule] = []
        for (position, rule) in rules.enumerated()
        where try known(rule.dimension, "dimension", "\(path)[\(position)]") { kept.append(rule) }
        return kept
      }
      var level = result.levels[index]
      level.temporal = try filtered(level.temporal, "temporal")
      level.spatialX = try filtered(level.spatialX, "spatialX")
      level.spatialY = try filtered(level.spatialY, "spatialY")
      if let names = level.allowedX { level.allowedX = try filtered(names, "allowedX") }
      if let names = level.allowedY { level.allowedY = try filtered(names, "allowedY") }
      level.innermostLoops = try filtered(level.innermostLoops, "innermost")
      level.outermostLoops = try filtered(level.outermostLoops, "outermost")
      var tensors: [MapSpaceConstraints.TensorRule] = []
      for rule in level.tensors where try known(rule.tensor, "tensor", rule.keeping.rawValue) {
        tensors.append(rule)
      }
      level.tensors = tensors
      result.levels[index] = level
    }
    return (result, leftOut)
  }

  /// The map space of one layer of a network under the rules.
  ///
  /// - Throws: `SpecificationError` for unknown names, and where rules contradict each other.
  public func space(
    of layer: Layer, in network: Network, on architecture: Architecture,
    terms: CostTerms = .asDescribed
  ) throws(SpecificationError) -> MapSpace {
    let rules = try constraints(for: layer, in: network).constraints
    do {
      return try MapSpace(of: layer, on: architecture, constraints: rules, terms: terms)
    } catch {
      throw .rejected(
        at: root.nearestPlace(toField: error.field),
        reason: "layer \"\(shortened(layer.name))\": \(error)")
    }
  }
}
