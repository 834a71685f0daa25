import Accelerator
import Quantities
import Testing
import Workload

@testable import MappingSearch

@Suite struct MapSpaceErrorTests {
  let layer: Layer
  let machine: Architecture

  init() throws {
    layer = try Layer.matrixProduct(name: "fc", rows: 6, columns: 8, inner: 12)
    let level = { (name: String, mesh: Mesh) in
      MemoryLevel(
        name: name, kind: .sram, mesh: mesh, capacityWords: nil, wordBits: 8,
        energy: AccessEnergy(read: 1, fill: 1, update: 1))
    }
    machine = try Architecture(
      name: "toy", levels: [level("DRAM", Mesh(x: 1, y: 1)), level("GLB", Mesh(x: 1, y: 1))],
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 4, y: 4), wordBits: 8, energyPerOperation: 1))
  }

  private func message(
    _ level: MapSpaceConstraints.LevelReference = .name("GLB"), utilization: Double? = nil,
    _ change: (inout MapSpaceConstraints.LevelRules) -> Void
  ) -> String {
    var constraints = MapSpaceConstraints()
    var rules = MapSpaceConstraints.LevelRules(level: level)
    change(&rules)
    constraints.levels = [rules]
    constraints.smallestUtilization = utilization
    do {
      _ = try MapSpace(of: layer, on: machine, constraints: constraints)
      return "no error"
    } catch {
      return error.description
    }
  }

  @Test func unknownNames() {
    let names = layer.dimensions.map(\.name).joined(separator: ", ")
    #expect(
      message(.name("GBL")) { _ in }
        == "levels[0]: unknown level \"GBL\"\nhint: did you mean \"GLB\"? known: DRAM, GLB")
    #expect(
      message(.index(2)) { _ in } == "levels[0]: got level 2, expected 0 to 1: DRAM, GLB")
    #expect(
      message { $0.temporal = [.init("c", .exactly(1))] }
        == "level \"GLB\": temporal c = 1: unknown dimension \"c\"\n"
        + "hint: did you mean \"C\"? known: \(names)")
    #expect(
      message { $0.tensors = [.init("Weight", .keep)] }
        == "level \"GLB\": keep Weight: unknown tensor \"Weight\"\n"
        + "hint: did you mean \"Weights\"? known: \(layer.operands.map(\.name).joined(separator: ", "))"
    )
  }

  @Test func numbersOutOfRange() {
    #expect(
      message { $0.temporal = [.init("C", .exactly(0))] }
        == "level \"GLB\": temporal C = 0: got 0, expected a whole number of at least 1")
    #expect(
      message { $0.largestX = 0 }
        == "level \"GLB\": maximum fan-out x 0: got 0, expected a whole number of at least 1")
    #expect(
      message { $0.smallestUtilization = 1.5 }
        == "level \"GLB\": minimum utilization 1.5 of the fan-out: got 1.5, "
        + "expected a share above 0 and at most 1")
  }

  @Test func factorsAgainstTheLayerAndTheMachine() {
    #expect(
      message { $0.temporal = [.init("C", .exactly(5))] }
        == "rules contradict: level \"GLB\": temporal C = 5; layer \"fc\": C = 12\n"
        + "hint: 5 does not divide 12; near it are 4 and 6")
    #expect(
      message { $0.spatialX = [.init("C", .exactly(6))] }
        == "rules contradict: level \"GLB\": spatialX C = 6; architecture \"toy\": 4 along X\n"
        + "hint: the level inside has 4 instances along X on the whole chip")
    #expect(
      message {
        $0.temporal = [.init("C", .exactly(4))]
        $0.spatialX = [.init("C", .exactly(2))]
      } == "rules contradict: level \"GLB\": temporal C = 4; level \"GLB\": spatialX C = 2\n"
        + "hint: their product 8 does not divide C = 12")
  }

  @Test func rulesAgainstEachOther() {
    #expect(
      message { $0.temporal = [.init("C", .exactly(4)), .init("C", .atMost(3))] }
        == "rules contradict: level \"GLB\": temporal C = 4; level \"GLB\": temporal C <= 3\n"
        + "hint: 4 is more than 3")
    #expect(
      message {
        $0.spatialX = [.init("C", .exactly(2))]
        $0.allowedX = ["M"]
      } == "rules contradict: level \"GLB\": spatialX C = 2; level \"GLB\": allowedX [M]\n"
        + "hint: add C to the allowed dimensions or drop the factor")
    #expect(
      message {
        $0.spatialX = [.init("C", .exactly(4))]
        $0.largestX = 2
      } == "rules contradict: level \"GLB\": spatialX C = 4; level \"GLB\": maximum fan-out x 2\n"
        + "hint: no split of the bounds obeys them together; loosen one of them")
    #expect(
      message { $0.tensors = [.init("Weights", .keep), .init("Weights", .bypass)] }
        == "rules contradict: level \"GLB\": keep Weights; level \"GLB\": bypass Weights\n"
        + "hint: keep one of them")
    #expect(
      message(.name("DRAM")) { $0.tensors = [.init("Weights", .bypass)] }
        == "level \"DRAM\": bypass Weights: got a bypass of Weights at the outermost level, "
        + "expected it to keep every tensor")
  }

  @Test func ordersThatCannotBe() {
    #expect(
      message { $0.innermostLoops = ["C", "M", "C"] }
        == "rule cannot be obeyed: level \"GLB\": innermost [C, M, C]\n"
        + "hint: dimension C stands in the order twice; name it once")
    #expect(
      message {
        $0.innermostLoops = ["C"]
        $0.outermostLoops = ["M", "C"]
      } == "rules contradict: level \"GLB\": innermost [C]; level \"GLB\": outermost [M, C]\n"
        + "hint: dimension C cannot be at both ends; name it once")
  }

  @Test func utilizationThatCannotBeReached() {
    // Of 4 x 4 MACs: along X at most 4, along Y nothing.
    #expect(
      message(utilization: 0.5) {
        $0.largestY = 1; $0.allowedY = []
      }
        == "minimum utilization 0.5 of the MAC array: cannot be reached, "
        + "the best under level \"GLB\": allowedY [] is 4 of 16 units\n"
        + "hint: ask for at most 0.25")
  }

  /// The fewest rules that forbid it leave more than all rules do; what the hint asks for must be possible.
  @Test func whatIsLeftUnderAllRulesIsTheHint() throws {
    #expect(
      message(utilization: 0.5) {
        $0.allowedX = []; $0.allowedY = []
      }
        == "minimum utilization 0.5 of the MAC array: cannot be reached, "
        + "the best under level \"GLB\": allowedX [] is 4 of 16 units\n"
        + "hint: ask for at most 0.0625; all rules together leave 1 of 16")
  }
}
