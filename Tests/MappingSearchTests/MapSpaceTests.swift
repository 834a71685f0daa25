import Accelerator
import CostModel
import Execution
import Testing
import Workload

@testable import MappingSearch

@Suite struct MapSpaceTests {
  /// Members by listing them, with the packed words of each.
  static func members(of space: MapSpace, _ model: LoopNestCostModel, legal: Bool) -> [[UInt32]] {
    var enumerator = MapSpaceEnumerator(space, model: model)
    enumerator.visitsIllegal = !legal
    var found: [[UInt32]] = []
    let count = space.levelCount + Mapping.largestLoopCount
    enumerator.forEach { record, _ in
      found.append(Array(UnsafeBufferPointer(start: record, count: count)))
      return true
    }
    return found
  }

  @Test(arguments: 0..<8) func sizeIsTheNumberOfMembers(part: Int) throws {
    var counted = 0
    for seed in (30 * part)..<(30 * part + 30) {
      var problem = try SmallProblem(seed)
      if seed % 4 != 0 { problem.drawConstraints(seed) }
      let space: MapSpace
      var isRefused = false
      do {
        space = try MapSpace(for: problem.model, constraints: problem.constraints)
      } catch {
        // Refused pairs of rules are tested elsewhere; here, a refused space must be empty.
        guard
          let compiler = try? MapSpaceCompiler(
            problem.layer, problem.architecture, problem.constraints, .asDescribed)
        else { continue }
        space = MapSpace(compiler, rules: compiler.rules)
        isRefused = true
      }
      guard let size = space.size(), size.log10 < 2.6 else { continue }
      counted += 1
      let listed = Self.members(of: space, problem.model, legal: false)
      #expect(Set(listed).count == listed.count)
      #expect(size.digits == String(listed.count), "seed \(seed)")
      #expect(isRefused == listed.isEmpty, "seed \(seed)")
      for words in listed.prefix(5) {
        var batch = PackedMappings(
          levelCount: space.levelCount, loopCapacity: Mapping.largestLoopCount)
        batch.words = words
        let mapping = try batch.mapping(at: 0, for: problem.layer, on: problem.architecture)
        #expect(space.violations(of: mapping).isEmpty)
      }
    }
    #expect(counted > 12)
  }

  @Test func sizeOfALayerByHand() throws {
    // 4 = 2 x 2 over two levels: (4,1), (2,2), (1,4) and nothing spatial; 3 likewise in 2 ways; both loops at
    // one level have 2 orders: (4,3 together) 2 + 2, apart 2; (2,2) with the 3: 2 levels x 2 orders.
    let layer = try Layer(
      name: "l",
      dimensions: [LoopDimension(name: "A", bound: 4), LoopDimension(name: "B", bound: 3)],
      operands: [
        Operand(name: "a", axes: [.init(terms: [.init(dimension: 0)])], role: .input),
        Operand(name: "b", axes: [.init(terms: [.init(dimension: 1)])], role: .result),
      ])
    let level = { (name: String) in
      MemoryLevel(
        name: name, kind: .sram, mesh: Mesh(x: 1, y: 1), capacityWords: nil, wordBits: 8,
        energy: AccessEnergy(read: 1, fill: 1, update: 1))
    }
    let machine = try Architecture(
      name: "m", levels: [level("outer"), level("inner")],
      compute: ComputeArray(
        name: "MAC", mesh: Mesh(x: 1, y: 1), wordBits: 8, energyPerOperation: 1))
    let size = try #require(try MapSpace(of: layer, on: machine).size())
    #expect(size.digits == "10")
    #expect(size.log10 == 1)
    var free = MapSpaceConstraints()
    free.freesKeepSets = true
    #expect(try MapSpace(of: layer, on: machine, constraints: free).size()?.digits == "40")
  }

  @Test func sizeOfALargeSpaceIsExact() {
    // 30! has more digits than one modulus holds.
    let moduli = ModularRing.moduli(forBits: 120)
    let remainders = moduli.map { modulus in
      let ring = ModularRing(modulus: modulus)
      return (1...30).reduce(1) { ring.product($0, ring.number($1)) }
    }
    let size = MapSpaceSize(remainders: remainders, moduli: moduli)
    #expect(size.digits == "265252859812191058636308480000000")
    #expect(abs(size.log10 - 32.42366007492572) < 1e-12)
  }
}
