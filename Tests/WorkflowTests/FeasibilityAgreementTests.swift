import Accelerator
import CostModel
import Execution
import MappingSearch
import Testing
import Workflows
import Workload

/// `check` and `map` must say the same about the same problem.
@Suite struct FeasibilityAgreementTests {
  @Test func checkAndMapAgreeOnWhatFits() throws {
    var generator = Seed(4).generator()
    var refused = 0
    for index in 0..<60 {
      let layer = try Layer.matrixProduct(name: "product", rows: 4, columns: 6, inner: 4)
      let names = layer.operands.map(\.name)
      var levels: [MemoryLevel] = []
      for level in 0..<3 {
        var memory = MemoryLevel(
          name: ["DRAM", "buffer", "registers"][level], kind: level == 0 ? .dram : .sram,
          mesh: Mesh(x: level == 2 ? 2 : 1, y: 1),
          capacityWords: level == 0 ? nil : 1 + generator.index(below: 5), wordBits: 16,
          energy: AccessEnergy(read: 1, fill: 1, update: 1))
        if level > 0 { memory.keptByDefault = names.filter { _ in generator.index(below: 3) > 0 } }
        levels.append(memory)
      }
      let machine = try Architecture(
        name: "machine", levels: levels,
        compute: ComputeArray(
          name: "MAC", mesh: Mesh(x: 2, y: 1), wordBits: 16, energyPerOperation: 1))
      let check = try FeasibilityCheck(anyMappingOf: layer, on: machine)
      let model = LoopNestCostModel(layer: layer, architecture: machine)
      let reason = MappingInfeasibility(of: try MapSpace(for: model))
      #expect(check.isFeasible == (reason == nil), "\(index)")
      #expect(check.isFeasible == (OptimalMapper().mapping(for: model) != nil), "\(index)")
      guard let reason else { continue }
      refused += 1
      guard case .capacity(let name, _, let need, let have) = reason.cause else {
        Issue.record("\(index): \(reason.cause)")
        continue
      }
      let found = check.findings.contains { finding in
        guard case .capacity(let level, let words, let usable) = finding.violation else {
          return false
        }
        return machine.levels[level].name == name && words == need && usable == have
      }
      #expect(found, "\(index) \(name) \(need) \(have) \(check.findings)")
    }
    #expect(refused >= 10)
    #expect(refused <= 50)
  }
}
