public import Accelerator
public import CostModel

/// A mapping that a search found, with what it costs.
public struct MappedLayer: Sendable {
  /// The mapping.
  public var mapping: Mapping
  /// Its energy and cycles.
  public var totals: MappingTotals
  /// Mappings that were evaluated.
  public var evaluationCount: Int

  /// Creates a result.
  public init(mapping: Mapping, totals: MappingTotals, evaluationCount: Int) {
    self.mapping = mapping
    self.totals = totals
    self.evaluationCount = evaluationCount
  }
}
