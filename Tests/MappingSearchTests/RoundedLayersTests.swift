import Accelerator
import CostModel
import Execution
import MappingSearch
import Quantities
import TestSupport
import Testing
import Workload

/// Mappings of rounder layers as mappings of the layer itself.
struct RoundedLayersTests {
  /// Every iteration of the layer is executed once and no other: the mapping's own check of covered iterations, and the
  /// count of multiplications by the cost model, on random layers and draws.
  @Test(arguments: 0..<40)
  func iterationsAreThoseOfTheLayer(number: Int) throws {
    var generator = Seed(77).child("rounded", number).generator()
    let bounds = (0..<3).map { _ in Int.random(in: 3...61, using: &generator) }
    let layer = try Layer.matrixProduct(
      name: "product", rows: bounds[0], columns: bounds[1], inner: bounds[2])
    let architecture = try HeuristicMapperTests.machine()
    let candidates = RoundedLayers.candidates(for: layer, on: architecture)
    #expect(Set(candidates.map { $0.dimensions.map(\.bound) }).count == candidates.count)
    for rounded in candidates {
      #expect(rounded != layer)
      for (a, b) in zip(layer.dimensions, rounded.dimensions) {
        #expect(a.bound <= b.bound && Double(b.bound) <= 1.25 * Double(a.bound))
      }
      let space = try MapSpace(of: rounded, on: architecture, terms: .countingOnly)
      let workbench = MappingWorkbench(space)
      guard workbench.draw(using: &generator), let drawn = workbench.mapping() else { continue }
      let own = try RoundedLayers.mapping(drawn, as: layer, on: architecture)
      let model = LoopNestCostModel(
        layer: layer, architecture: architecture, terms: .countingOnly)
      guard case .legal(let cost) = model.cost(of: own) else {
        Issue.record("what fits for a rounder layer fits for a smaller one")
        continue
      }
      #expect(cost.macCount == layer.macCount)
      let outer = LoopNestCostModel(
        layer: rounded, architecture: architecture, terms: .countingOnly)
      guard case .legal(let more) = outer.cost(of: drawn) else { continue }
      #expect(cost.cycles.count <= more.cycles.count)
    }
  }
}
