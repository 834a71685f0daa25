import Execution
import Foundation
import OfflineDesign
import Study

/// A log of a made-up machine whose costs are known in closed form.
///
/// Cost of a design `(pe, buffer, order)` for a workload of `size` operations on words that need `reuse` kB:
/// `size / pe + 40 size^0.5 max(1, reuse / buffer)^0.5`, times 1.3 for the order `inner`; area `0.02 pe + 0.01 buffer`.
/// A design works when its area is at most 6.
struct ToyLog {
  static let limit = MetricLimit("area_mm2", .atMost, 6)
  var designs: [(pe: Double, buffer: Double, order: String)] = []
  var contexts: [WorkloadContext]

  init(workloads: [(name: String, size: Double, reuse: Double)]) {
    contexts = workloads.map { WorkloadContext(name: $0.name, features: [$0.size, $0.reuse]) }
    for pe in [4.0, 8, 16, 32, 64, 128, 256] {
      for buffer in [2.0, 4, 8, 16, 32, 64, 128, 256] {
        for order in ["inner", "outer"] { designs.append((pe, buffer, order)) }
      }
    }
  }

  func cost(_ index: Int, _ context: WorkloadContext) -> Double {
    let design = designs[index]
    let size = context.features[0]
    let misses = max(1, context.features[1] / design.buffer).squareRoot()
    let base = size / design.pe + 40 * size.squareRoot() * misses
    return design.order == "inner" ? 1.3 * base : base
  }

  func area(_ index: Int) -> Double { 0.02 * designs[index].pe + 0.01 * designs[index].buffer }

  func columns(_ indices: [Int]) -> DesignColumns {
    DesignColumns(
      names: ["pe", "buffer", "order"],
      columns: [
        .numbers(indices.map { designs[$0].pe }), .numbers(indices.map { designs[$0].buffer }),
        .words(indices.map { designs[$0].order }),
      ])
  }

  /// Every design for every workload of the given indices.
  func log(of kept: [Int]? = nil) -> LoggedDesigns {
    let kept = kept ?? Array(contexts.indices)
    var rows: [Int] = []
    var context: [Int] = []
    for place in kept.indices {
      rows += designs.indices
      context += [Int](repeating: place, count: designs.count)
    }
    let costs = zip(rows, context).map { cost($0, contexts[kept[$1]]) }
    let areas = rows.map(area)
    return LoggedDesigns(
      designs: columns(rows), contexts: kept.map { contexts[$0] },
      featureNames: ["size", "reuse"], context: context, cost: costs,
      works: areas.map { _ in true },
      metrics: [LoggedDesigns.MeasuredMetric(name: "area_mm2", values: areas)],
      limits: [Self.limit])
  }
}
