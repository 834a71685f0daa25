import Accelerator
import CostModel
public import DesignSpace
import MappingSearch
import Workload

extension TemplateEvaluator {
  /// The schedules behind the outcome of a design: hardware, and every layer with the mapping that was counted.
  ///
  /// - Parameters:
  ///   - point: The design.
  ///   - workload: Name of one of the evaluator's workloads.
  /// - Returns: `nil` for designs that cannot be built, layers that cannot be mapped, and unknown workloads.
  /// - Throws: `CancellationError`.
  /// - Complexity: As much as an evaluation.
  public func schedules(of point: Point, on workload: String) throws -> NetworkEvaluation? {
    guard let workload = workloads[workload], let machine = try? template.machine(at: point)
    else { return nil }
    var mappings: [String: Mapping] = [:]
    var known: [LayerShape: Mapping] = [:]
    for (entry, zeroShare) in zip(workload.network.entries, workload.zeroShares) {
      try Task.checkCancellation()
      let layer = entry.layer
      let shape = LayerShape(layer, zeroShare: zeroShare)
      if let mapping = known[shape] {
        mappings[layer.name] = mapping
        continue
      }
      let space = try? MapSpace(
        of: layer, on: machine.architecture, constraints: machine.constraints(for: layer))
      let model = LoopNestCostModel(
        layer: layer, architecture: machine.architecture, zeroShare: zeroShare)
      guard let space, let mapped = mapper.mapping(for: model, in: space) else { return nil }
      known[shape] = mapped.mapping
      mappings[layer.name] = mapped.mapping
    }
    return NetworkEvaluation(
      workload: workload, architecture: machine.architecture, mappings: mappings,
      terms: .asDescribed)
  }
}
