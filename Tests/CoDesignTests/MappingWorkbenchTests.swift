import Accelerator
import CoDesign
import CostModel
import Execution
import Foundation
import MappingSearch
import Testing
import Workload

@Suite struct MappingWorkbenchTests {
  @Test func drawnAndMutatedMappingsRun() throws {
    let space = try Machines.space()
    let workbench = MappingWorkbench(space)
    let model = LoopNestCostModel(layer: space.layer, architecture: space.architecture)
    var generator = Seed(1).generator()
    for _ in 0..<100 {
      let wasDrawn = workbench.draw(using: &generator)
      #expect(wasDrawn)
      for _ in 0..<5 {
        #expect(workbench.isLegal)
        let mapping = try #require(workbench.mapping())
        if case .illegal(let why) = model.cost(of: mapping) { Issue.record("\(why)") }
        _ = workbench.mutate(using: &generator)
      }
    }
  }

  @Test func scatteredAndRoundedMappingsAreLegalWhenTheModelSaysSo() throws {
    let space = try Machines.space()
    let workbench = MappingWorkbench(space)
    let model = LoopNestCostModel(layer: space.layer, architecture: space.architecture)
    var generator = Seed(2).generator()
    var legalCount = 0
    for round in 0..<600 {
      if round % 2 == 0 {
        workbench.scatter(using: &generator)
      } else {
        let relaxed = (0..<workbench.relaxedCount).map { _ in generator.unitInterval() }
        workbench.round(relaxed, using: &generator)
      }
      // Every prime factor has a place: the mapping is of the layer.
      let mapping = try #require(workbench.mapping())
      var isLegal = false
      if case .legal = model.cost(of: mapping) { isLegal = true }
      if workbench.isLegal { #expect(isLegal) }
      if workbench.isLegal { legalCount += 1 }
    }
    #expect(legalCount > 0 && legalCount < 600)
  }

  @Test func aMappingIsAdoptedUnchangedWhereItFits() throws {
    let space = try Machines.space()
    let workbench = MappingWorkbench(space)
    var generator = Seed(3).generator()
    for _ in 0..<50 {
      guard workbench.draw(using: &generator) else { continue }
      let mapping = try #require(workbench.mapping())
      let isAdopted = workbench.adopt(mapping, using: &generator)
      #expect(isAdopted)
      let again = try #require(workbench.mapping())
      // Loops of a level with one dimension each stand as they stood, where the order matters.
      for (a, b) in zip(mapping.nests, again.nests) {
        #expect(a.temporal == b.temporal)
        #expect(Set(a.spatialX) == Set(b.spatialX))
        #expect(Set(a.spatialY) == Set(b.spatialY))
      }
    }
  }

  @Test func onSmallerHardwareAnAdoptedMappingIsLegal() throws {
    let large = MappingWorkbench(try Machines.space())
    let space = try Machines.space(Machines.small(columns: 2, rows: 3, registers: 7, buffer: 300))
    let small = MappingWorkbench(space)
    var generator = Seed(4).generator()
    for _ in 0..<50 {
      guard large.draw(fillsArray: true, using: &generator) else { continue }
      let mapping = try #require(large.mapping())
      let isAdopted = small.adopt(mapping, using: &generator)
      #expect(isAdopted)
      #expect(small.isLegal)
    }
  }

  /// Tiles, array use and traffic of a mapping written out by hand.
  @Test func featuresCountedByHand() throws {
    let layer = try Layer.matrixProduct(name: "p", rows: 4, columns: 8, inner: 16)
    let machine = try Machines.small(columns: 4, rows: 4, registers: 64, buffer: 1_024)
    let space = try MapSpace(of: layer, on: machine)
    let names = layer.dimensions.map(\.name)
    func loop(_ name: String, _ factor: Int) throws -> Loop {
      Loop(dimension: try #require(names.firstIndex(of: name)), factor: factor)
    }
    // Rows P, columns M, inner C; DRAM: M in 2 outside C in 2; buffer: X over M by 4; registers: P 4, C 8.
    let keeps = [true, true, true]
    let rows = try #require(layer.dimensions.firstIndex { $0.bound == 4 })
    let mapping = try Mapping(
      nests: [
        LoopNest(temporal: [try loop("M", 2), try loop("C", 2)], keeps: keeps),
        LoopNest(spatialX: [try loop("M", 4)], keeps: keeps),
        LoopNest(
          temporal: [Loop(dimension: rows, factor: 4), try loop("C", 8)], keeps: keeps),
      ], for: layer, on: machine)
    let workbench = MappingWorkbench(space)
    var generator = Seed(0).generator()
    let isAdopted = workbench.adopt(mapping, using: &generator)
    #expect(isAdopted)
    #expect(workbench.mapping() == mapping)
    let weights = try #require(layer.operandIndex(named: "Weights"))
    let inputs = try #require(layer.operandIndex(named: "Inputs"))
    let outputs = try #require(layer.operandIndex(named: "Outputs"))
    // Registers: weights 1 x 8, inputs 4 x 8, outputs 4 x 1 of 64 words.
    #expect(workbench.tileShare(weights, atLevel: 2) == 8.0 / 64)
    #expect(workbench.tileShare(inputs, atLevel: 2) == 32.0 / 64)
    #expect(workbench.tileShare(outputs, atLevel: 2) == 4.0 / 64)
    // Buffer: M 4, C 8, P 4.
    #expect(workbench.tileShare(weights, atLevel: 1) == 32.0 / 1_024)
    #expect(workbench.usedShare == (1, 0.25))
    // Into the buffer: weights M 2 and C 2 times; inputs C changes inside, so M repeats; outputs stay over C.
    let words = 16.0  // bits of a word: tiles are in bits
    #expect(workbench.fetchesLog2(weights, atLevel: 1) == log2(words * 32 * 4))
    #expect(workbench.fetchesLog2(inputs, atLevel: 1) == log2(words * 32 * 4))
    #expect(workbench.fetchesLog2(outputs, atLevel: 1) == log2(words * 16 * 2))
    // Into the registers: the fan-out over M multiplies weights, not the multicast inputs.
    #expect(workbench.fetchesLog2(weights, atLevel: 2) == log2(words * 8 * 4 * 4))
    #expect(workbench.fetchesLog2(inputs, atLevel: 2) == log2(words * 32 * 4))
    let features = MappingFeatures(space, kind: .utilization)
    let values = features.values(of: workbench)
    #expect(values.count == features.count)
    #expect(values.suffix(3) == [0, -2, -2])
  }
}
