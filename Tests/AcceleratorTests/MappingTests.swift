import Accelerator
import Quantities
import Testing
import Workload

@Suite struct MappingTests {
  /// C = 6, M = 4 on DRAM and a buffer.
  static func problem(_ nests: [LoopNest]) throws -> String? {
    let layer = try Layer.matrixProduct(name: "p", rows: 1, columns: 4, inner: 6)
    let machine = try Architecture(
      name: "a", levels: [ArchitectureTests.level(), ArchitectureTests.level("buffer")],
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 4, y: 4), wordBits: 8, energyPerOperation: 1))
    do throws(MappingError) {
      _ = try Mapping(nests: nests, for: layer, on: machine)
      return nil
    } catch {
      return error.description
    }
  }

  static let all = [true, true, true]
  static let c = 0
  static let m = 1

  static func nests(
    _ outer: [Loop], _ inner: [Loop], spatial: [Loop] = [], keeps: [Bool] = all
  ) -> [LoopNest] {
    [
      LoopNest(temporal: outer, spatialX: spatial, keeps: keeps),
      LoopNest(temporal: inner, keeps: all),
    ]
  }

  @Test func factorsMustCoverTheBounds() throws {
    let four = [Loop(dimension: Self.m, factor: 4)]
    #expect(try Self.problem(Self.nests(four, [Loop(dimension: Self.c, factor: 6)])) == nil)
    #expect(
      try Self.problem(Self.nests(four, [Loop(dimension: Self.c, factor: 5)]))
        == "dimension \"C\": its loops run 5 iterations, expected 6")
    // 6 = (2 - 1) x 4 + 2: four, then a remainder of two.
    #expect(
      try Self.problem(
        Self.nests(
          four + [Loop(dimension: Self.c, factor: 2)],
          [Loop(dimension: Self.c, factor: 4, residual: 2)])) == nil)
    #expect(
      try Self.problem(
        Self.nests(
          four + [Loop(dimension: Self.c, factor: 2)],
          [Loop(dimension: Self.c, factor: 4, residual: 3)]))
        == "dimension \"C\": its loops run 7 iterations, expected 6")
  }

  @Test func loopsAreChecked() throws {
    #expect(
      try Self.problem(Self.nests([Loop(dimension: 9, factor: 1)], []))
        == "level \"DRAM\": got a loop over dimension number 9, which the layer does not have")
    #expect(
      try Self.problem(Self.nests([Loop(dimension: Self.c, factor: 0)], []))
        == "level \"DRAM\": loop over \"C\": got factor 0, expected a whole number in 1...134217728"
    )
    #expect(
      try Self.problem(Self.nests([Loop(dimension: Self.c, factor: 3, residual: 4)], []))
        == "level \"DRAM\": loop over \"C\": got residual 4, expected a whole number in 1...3")
    #expect(
      try Self.problem([LoopNest(keeps: Self.all)])
        == "got 1 levels, expected 2, one per memory level of the architecture")
    #expect(
      try Self.problem([LoopNest(keeps: [true]), LoopNest(keeps: Self.all)])
        == "level \"DRAM\": got 1 keep flags, expected 3, one per operand")
  }

  @Test func overflowIsAnErrorNotATrap() throws {
    let huge = Array(repeating: Loop(dimension: Self.c, factor: 1 << 27, residual: 1), count: 9)
    #expect(
      try Self.problem(Self.nests(huge, []))
        == "\"C\": the product of loop factors, strides and dilations is above 2^60, expected less")
    let many = Array(repeating: Loop(dimension: Self.c, factor: 2, residual: 1), count: 30)
    let others = Array(repeating: Loop(dimension: Self.m, factor: 2, residual: 1), count: 35)
    #expect(
      try Self.problem(Self.nests(many, others))
        == "got 65 loops with more than one iteration, expected at most 64")
  }

  @Test func everyTensorNeedsAHomeThatHoldsAllOfIt() throws {
    let loops = [Loop(dimension: Self.m, factor: 4), Loop(dimension: Self.c, factor: 6)]
    #expect(
      try Self.problem([
        LoopNest(temporal: loops, keeps: [false, true, true]),
        LoopNest(keeps: [false, true, true]),
      ])
        == "tensor \"Weights\": no level keeps it, expected at least one, usually the outermost")
    #expect(
      try Self.problem(Self.nests(loops, [], keeps: [true, false, true]))
        == "tensor \"Inputs\": \"buffer\" is the outermost level that keeps it but a loop over \"C\" lies "
        + "outside, expected its home to hold the whole tensor")
  }

  @Test func loopsOfOneIterationAreDropped() throws {
    let layer = try Layer.matrixProduct(name: "p", rows: 1, columns: 1, inner: 2)
    let machine = try Architecture(
      name: "a", levels: [ArchitectureTests.level()],
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 1, y: 1), wordBits: 8, energyPerOperation: 1))
    let mapping = try Mapping(
      nests: [
        LoopNest(
          temporal: [Loop(dimension: 1, factor: 1), Loop(dimension: 0, factor: 2)], keeps: Self.all)
      ], for: layer, on: machine)
    #expect(mapping.nests[0].temporal == [Loop(dimension: 0, factor: 2)])
    #expect(mapping.isPerfect)
  }
}
