/// A list of layers, each with the number of times it occurs.
public struct Network: Hashable, Sendable {
  /// A layer and how often it runs.
  public struct Entry: Hashable, Sendable {
    /// The layer.
    public let layer: Layer
    /// Occurrences with identical shape, at least 1.
    public let count: Int

    /// Creates an entry.
    public init(layer: Layer, count: Int = 1) {
      precondition(count >= 1, "a layer must occur at least once")
      self.layer = layer
      self.count = count
    }
  }

  /// Name of the network, for reports.
  public let name: String
  /// The layers in execution order of first occurrence.
  public let entries: [Entry]

  /// Creates a network.
  public init(name: String, entries: [Entry]) {
    self.name = name
    self.entries = entries
  }

  /// Multiply-accumulates of all layers and occurrences, as `Double` because the sum may exceed `Int`.
  public var macCount: Double {
    entries.reduce(0) { $0 + Double($1.layer.macCount) * Double($1.count) }
  }
}
