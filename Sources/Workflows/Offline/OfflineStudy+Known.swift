import DesignSpace
import OfflineDesign
import SimulationLog
public import Study

extension OfflineStudy {
  /// What limits on this log may be about.
  var limitNames: LimitNames {
    LimitNames(
      metrics: offline.designs.metrics.map(\.name), parameters: space.space.parameters)
  }

  /// The unit of a metric or parameter; empty for an expression.
  func unit(of quantity: String) -> String {
    if let metric = metrics.first(where: { $0.name == quantity }) { return metric.unit }
    return space.space.index(of: quantity).map { space.units[$0] } ?? ""
  }

  /// The same study under limits on metrics, which label its rows, and on the design alone, which leave rows and designs out.
  ///
  /// - Returns: The study, and the limits on the design alone.
  /// - Throws: `LogError.conflict` for a limit on what the log lacks, `DesignSpaceError`.
  public func asked(_ limits: [MetricLimit]) throws -> (study: OfflineStudy, known: KnownLimits) {
    let (measured, known) = try limitNames.sorted(limits, at: file)
    return (try under(measured).within(known), known)
  }

  /// The same study of the designs that limits on parameters allow; rows beyond them are left out.
  ///
  /// - Throws: `DesignSpaceError`.
  func within(_ known: KnownLimits) throws -> OfflineStudy {
    guard !known.isEmpty else { return self }
    let all = Array(0..<offline.designs.rowCount)
    let kept = zip(all, points(ofRows: all)).compactMap { row, point in
      point.map(known.allows) ?? false ? row : nil
    }
    var result = rows(kept)
    result.space.space = try known.constraining(space.space)
    return result
  }
}
