public import Accelerator
public import Foundation
public import Interchange
public import Workload

/// A mapping file: for layers of a network, the loops of every memory level.
///
/// A loop is written `M=2`, or `Q=8/6` for trip count 8 whose last run has 6 iterations; lists are outermost
/// first. A level that is left out has no loops and keeps what the architecture says.
public struct MappingFile: Sendable {
  /// One loop as it was written.
  public struct LoopEntry: Hashable, Sendable {
    /// Name of the dimension.
    public var dimension: String
    /// Trip count, from 1.
    public var factor: Int
    /// Trip count of the last run, 1 to `factor`.
    ///
    /// Default: `factor`.
    public var residual: Int?
  }

  /// The loops of one level.
  public struct LevelEntry: Hashable, Sendable {
    /// Name of the memory level.
    ///
    /// Required; levels stand in the order of the architecture.
    public var level: String
    /// Temporal loops.
    ///
    /// Default: none.
    public var temporal: [LoopEntry] = []
    /// Loops along X of the fan-out below the level.
    ///
    /// Default: none.
    public var spatialX: [LoopEntry] = []
    /// Loops along Y of the fan-out below the level, outside those along X.
    ///
    /// Default: none.
    public var spatialY: [LoopEntry] = []
    /// Tensors the level keeps.
    ///
    /// Default: the keep set of the architecture.
    public var keep: [String]?
  }

  /// The mapping of one layer.
  public struct LayerEntry: Hashable, Sendable {
    /// Name of the layer.
    ///
    /// Required, once per file.
    public var layer: String
    /// The levels that have loops or a keep set of their own.
    public var levels: [LevelEntry]
  }

  /// One entry per mapped layer, at least one.
  ///
  /// Required.
  public var mappings: [LayerEntry]

  let root: SpecificationNode

  /// Reads the bytes of a mapping file.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, UTF-8.
  ///   - name: File name that error messages begin with.
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(parsing bytes: Data, named name: String) throws(SpecificationError) {
    try self.init(SpecificationNode(parsing: bytes, file: name))
  }

  /// Reads a mapping file from disk.
  public init(readingFile path: String) throws(SpecificationError) {
    try self.init(SpecificationNode(readingFile: path))
  }

  /// The mappings by layer name.
  ///
  /// - Throws: `SpecificationError` for unknown names, and where `Mapping` refuses the loops.
  public func resolve(network: Network, architecture: Architecture) throws(SpecificationError)
    -> [String: Mapping]
  {
    var result: [String: Mapping] = [:]
    for (index, entry) in mappings.enumerated() {
      let field = "mappings[\(index)]"
      guard let layer = network.entries.first(where: { $0.layer.name == entry.layer })?.layer
      else {
        throw .unknownName(
          at: root.nearestPlace(toField: "\(field).layer"), what: "layer", name: entry.layer,
          known: network.entries.map(\.layer.name))
      }
      guard result[layer.name] == nil else {
        throw .wrongValue(
          at: root.nearestPlace(toField: "\(field).layer"),
          got: "a second mapping of \"\(shortened(layer.name))\"", expected: "one per layer")
      }
      let nests = try nests(of: entry, field: field, layer: layer, architecture: architecture)
      do {
        result[layer.name] = try Mapping(nests: nests, for: layer, on: architecture)
      } catch {
        throw .rejected(
          at: root.nearestPlace(toField: field),
          reason: "layer \"\(shortened(layer.name))\": \(error)")
      }
    }
    return result
  }
}
