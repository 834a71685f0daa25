import Accelerator
import CoDesign
import CostModel
import Execution
import MappingSearch
import Quantities
import Testing
import Workload

@Suite struct EDPLowerBoundTests {
  @Test func countedByHand() throws {
    let layer = try Layer.matrixProduct(name: "p", rows: 4, columns: 8, inner: 16)
    let bound = EDPLowerBound(for: layer, on: try Machines.small())
    // 512 products at 1 pJ; 128 weights, 64 inputs read and 32 outputs written at 200 pJ; 512 products on 16 units.
    #expect(bound.energy == 512 + 224 * 200)
    #expect(bound.cycles == 32)
    #expect(EDPLowerBound(for: layer, on: try Machines.small(), unitCount: 32).cycles == 16)
  }

  @Test func noMappingIsBelow() throws {
    let space = try Machines.space()
    let bound = EDPLowerBound(for: space.layer, on: space.architecture)
    let estimate = EmbeddedEstimator().estimate(
      of: space.layer, on: space.architecture, zeroShare: nil)
    let workbench = MappingWorkbench(space)
    var generator = Seed(1).generator()
    for _ in 0..<2_000 {
      guard workbench.draw(fillsArray: true, using: &generator),
        let mapping = workbench.mapping(), let cost = try estimate(mapping)
      else { continue }
      #expect(cost.energy >= bound.energy)
      #expect(cost.cycles >= bound.cycles)
    }
    let model = LoopNestCostModel(
      layer: space.layer, architecture: space.architecture, terms: .countingOnly)
    let best = try #require(HeuristicMapper().mapping(for: model))
    #expect(best.totals.energy >= bound.energy)
  }
}
