public import Foundation
public import Interchange
public import Workload

/// A workload file: a network as a list of layers, each with its count and, where known, its zeros.
///
/// A layer is one of four forms. `convolution` has keys `N` (1), `G` (1), `C` and `M` per group, `R`, `S`,
/// `P`, `Q`, `stride` (1) and `dilation` (1), the last two a number or `[x, y]`; `depthwise` the same without
/// `G` and `M`; `matrixProduct` has `rows`, `columns`, `inner`, `batch` (1). The general form has
/// `dimensions: {C: 3, P: 55}` and `operands`, whose axes are sums such as `R + 4*P`.
public struct WorkloadFile: Sendable {
  /// One layer as it was written.
  public struct LayerEntry: Hashable, Sendable {
    /// The layer.
    ///
    /// Its name is unique in the file; every factory form is already turned into dimensions.
    public var layer: Layer
    /// Occurrences, 1 to 1000000.
    ///
    /// Default: 1.
    public var count: Int
    /// Share of zeros in the operand that gates work, 0 to 1 (key `zeros`).
    ///
    /// Default: the architecture's.
    public var zeroShare: Double?
  }

  /// Name for reports.
  ///
  /// Required.
  public var name: String
  /// One line about the network.
  ///
  /// Optional.
  public var description: String?
  /// Where the shapes are from.
  ///
  /// Default: none.
  public var sources: [String]
  /// Layers in execution order of first occurrence, at least one.
  ///
  /// Required.
  public var layers: [LayerEntry]

  /// Reads the bytes of a workload file.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, UTF-8.
  ///   - name: File name that error messages begin with.
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(parsing bytes: Data, named name: String) throws(SpecificationError) {
    try self.init(SpecificationNode(parsing: bytes, file: name))
  }

  /// Reads a workload file from disk.
  public init(readingFile path: String) throws(SpecificationError) {
    try self.init(SpecificationNode(readingFile: path))
  }

  init(_ root: SpecificationNode) throws(SpecificationError) {
    try root.checkKeys(["name", "description", "sources", "layers"])
    name = try root.required("name", expected: "a name").text(expected: "a name")
    description = try root.optional("description")?.text()
    sources = try root.optional("sources")?.names(expected: "a list of texts") ?? []
    layers = []
    let list = try root.required("layers", expected: "a list of layers")
    let nodes = try list.items(expected: "a list of layers")
    guard !nodes.isEmpty else { throw list.wrong(expected: "at least one layer") }
    var names: Set<String> = []
    for node in nodes {
      let entry = try LayerEntry(node)
      guard names.insert(entry.layer.name).inserted else {
        throw .wrongValue(
          at: node.nearestPlace(toField: "name"),
          got: "a second layer \"\(shortened(entry.layer.name))\"", expected: "distinct names",
          hint: "layers of the same shape are one layer with a count")
      }
      layers.append(entry)
    }
  }

  /// The network and what the file knows about its data.
  public func resolve() -> ResolvedWorkload {
    ResolvedWorkload(
      network: Network(
        name: name, entries: layers.map { Network.Entry(layer: $0.layer, count: $0.count) }),
      zeroShares: layers.map(\.zeroShare))
  }
}

/// A network with the share of zeros of every layer.
public struct ResolvedWorkload: Hashable, Sendable {
  /// The layers.
  public var network: Network
  /// For each entry of the network, the share of zeros in the gating operand; `nil` takes the architecture's.
  public var zeroShares: [Double?]

  /// Creates a workload with one share per entry.
  public init(network: Network, zeroShares: [Double?]) {
    precondition(zeroShares.count == network.entries.count, "one zero share per layer")
    self.network = network
    self.zeroShares = zeroShares
  }

  /// The workload with only the layer called `name`; `nil` when there is none.
  public func layer(named name: String) -> ResolvedWorkload? {
    guard let index = network.entries.firstIndex(where: { $0.layer.name == name }) else {
      return nil
    }
    return ResolvedWorkload(
      network: Network(name: network.name, entries: [network.entries[index]]),
      zeroShares: [zeroShares[index]])
  }
}
