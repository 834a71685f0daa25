import Accelerator
import CostModel
import DesignSpace
import Execution
import Foundation
import Interchange
import MappingSearch
import Quantities
import Study
import Technology
import Testing
import Workflows
import Workload

@Suite struct TemplateTests {
  static func template(_ name: String) throws -> ArchitectureTemplate {
    try ArchitectureTemplate(
      readingFile: Configs.root.appendingPathComponent("templates/\(name).yaml").path)
  }

  /// Values that compile almost anything; what a test is about is changed.
  static func edge(_ changes: [String: ParameterValue] = [:]) throws -> (
    template: ArchitectureTemplate, point: Point
  ) {
    let template = try template("prime-edge")
    var values: [String: ParameterValue] = [
      "pes_x": 4, "pes_y": 4, "simd_lanes": 64, "cores_per_pe": 4, "pe_memory": 2_097_152,
      "core_memory": 32_768, "activation_memory": 1_024, "instruction_memory": 16_384,
      "parameter_memory": 16_384, "io_bandwidth": 20,
    ]
    for (name, value) in changes { values[name] = value }
    return (template, try template.space.point(values))
  }

  static func workload(_ layers: Layer...) -> ResolvedWorkload {
    ResolvedWorkload(
      network: Network(name: "test", entries: layers.map { .init(layer: $0) }),
      zeroShares: layers.map { _ in nil })
  }

  static func convolution(_ name: String, channels: Int, filters: Int, kernel: Int, output: Int)
    throws -> Layer
  {
    try .convolution(
      name: name,
      .init(
        inputChannels: channels, outputChannels: filters, kernel: (kernel, kernel),
        output: (output, output)))
  }

  static func reason(_ outcome: Outcome) -> String? {
    guard case .infeasible(let infeasibility) = outcome,
      case .hidden(let text) = infeasibility.reason
    else { return nil }
    return text
  }

  @Test(arguments: Configs.paths("templates"))
  func shippedTemplatesAreWellFormed(path: String) throws {
    let template = try ArchitectureTemplate(readingFile: path)
    var generator = Seed(3).generator()
    var built = 0
    for point in try template.space.sample(count: 40, using: &generator) {
      if (try? template.machine(at: point)) != nil { built += 1 }
    }
    #expect(built > 0)
  }

  @Test func theRecalledBaselineHasItsPublishedPeak() throws {
    let (template, point) = try Self.edge()
    let machine = try template.machine(at: point).architecture
    // 4 x 4 PEs, 4 cores, 64 lanes, 4 ways.
    #expect(machine.compute.mesh.count == 16_384)
    let clock = try #require(machine.clock)
    #expect(clock.megahertz == 800)
    let teraOperations = 2.0 * 16_384 * clock.megahertz / 1e6
    // "26.2 TOPS" (recalled).
    #expect(abs(teraOperations - 26.2) < 0.05)
    // 20 GB/s at 800 MHz.
    #expect(machine.levels[0].bandwidth.shared == 25)
    #expect(machine.levels[1].capacityWords == 2_097_152)
    #expect(machine.levels[3].capacityWords == 4_096)
    // 16,384 weights over 64 lanes.
    #expect(machine.levels[4].capacityWords == 256)
    #expect(machine.levels[4].mesh == Mesh(x: 1_024, y: 4))
  }

  @Test func areaIsTheSumOfTheTables() throws {
    let (template, point) = try Self.edge()
    let architecture = try template.machine(at: point).architecture
    let library = ComponentLibrary.shipped
    let node = try ProcessNode(nanometers: 22, supply: 0.8)
    func sram(bytes: Int, accessBits: Int, banks: Int) throws -> Double {
      try library.sram(
        capacityBits: 8 * bytes, accessBits: accessBits, banks: banks, flavor: .lstp, node: node
      ).area.squareMillimeters
    }
    func registers(bits: Int, accessBits: Int) throws -> Double {
      try library.registerFile(capacityBits: bits, accessBits: accessBits, node: node)
        .area.squareMillimeters
    }
    var expected = 16 * (try sram(bytes: 2_097_152, accessBits: 128, banks: 4))
    expected += 64 * (try sram(bytes: 32_768, accessBits: 128, banks: 1))
    expected += 64 * (try sram(bytes: 4_096, accessBits: 32, banks: 1))
    expected += 4_096 * (try registers(bits: 256 * 8, accessBits: 32))
    expected += 4_096 * (try registers(bits: 4 * 32, accessBits: 32))
    let unit = try library.multiplyAccumulate(.int8, node: node).area.squareMillimeters
    expected += 16_384 * unit
    // 16,384 instructions of 64 bits at 0.308 um^2 a bit.
    expected += 16_384 * 64 * 0.308e-6
    let got = AreaModel(of: architecture).total.squareMillimeters
    #expect(abs(got / expected - 1) < 1e-12)
  }

  @Test func theLargestDesignIsAnArchitecture() throws {
    let (template, point) = try Self.edge([
      "pes_x": 32, "pes_y": 32, "simd_lanes": 256, "cores_per_pe": 32, "pe_memory": 16_777_216,
    ])
    #expect(try template.machine(at: point).architecture.compute.mesh.count == 1 << 25)
  }

  @Test func failuresNameWhatOverflowed() throws {
    let layer = try Self.convolution("conv", channels: 512, filters: 64, kernel: 3, output: 8)
    func reason(_ changes: [String: ParameterValue], _ layer: Layer) throws -> String? {
      let (template, point) = try Self.edge(changes)
      let workload = Self.workload(layer)
      return Self.reason(
        try TemplateEvaluator(template, workloads: [workload], evaluationLimit: 300)
          .outcome(of: point, on: workload))
    }
    // 512 x 3 x 3 activations of an output, entries of four.
    #expect(
      try reason(["activation_memory": 1_024], layer)
        == "activation_memory: layer \"conv\" needs at least 4608 words (Inputs 4608), has 4096")
    // The weights of one output channel.
    #expect(
      try reason(["activation_memory": 2_048, "core_memory": 4_096], layer)
        == "core_memory: layer \"conv\" needs at least 4608 words (Weights 4608), has 4096")
    // The window of a channel, 49 weights; a lane has 2,048 / 64.
    let wide = try Self.convolution("stem", channels: 3, filters: 64, kernel: 7, output: 8)
    #expect(
      try reason(["parameter_memory": 2_048], wide)
        == "parameter_memory: layer \"stem\" needs at least 49 words (Weights 49), has 32")
    #expect(
      try reason([:], try Self.convolution("c", channels: 16, filters: 16, kernel: 1, output: 4))
        == nil)
  }

  /// The least a layer needs is written out by hand: nothing but its reduction has to be in a memory at once.
  @Test(arguments: 0..<4) func verdictsAreExact(part: Int) throws {
    let template = try Self.template("prime-edge")
    var generator = Seed(UInt64(70 + part)).generator()
    func pick(_ list: [Int]) -> Int { list[generator.index(below: list.count)] }
    func value(_ name: String, _ point: Point) throws -> Int {
      let index = try #require(template.space.parameters.firstIndex { $0.name == name })
      let text = template.space.parameters[index].value(at: point.coordinates[index]).description
      return try #require(Int(text))
    }
    var feasible = 0
    for point in try template.space.sample(count: 60, using: &generator) {
      let kernel = pick([1, 1, 3, 5, 7])
      let channels = pick([1, 3, 64, 512, 768, 1_024, 1_536, 3_072, 4_096])
      let isDepthwise = pick([0, 0, 1]) == 1
      let shape = Layer.ConvolutionShape(
        inputChannels: channels, outputChannels: isDepthwise ? 1 : pick([16, 100, 384]),
        kernel: (kernel, kernel), output: (pick([1, 7, 14]), pick([7, 16])))
      let layer =
        isDepthwise
        ? try Layer.depthwiseConvolution(name: "l", shape)
        : try Layer.convolution(name: "l", shape)
      let workload = Self.workload(layer)
      let outcome = try TemplateEvaluator(template, workloads: [workload], evaluationLimit: 8)
        .outcome(of: point, on: workload)
      let window = kernel * kernel
      let reduction = isDepthwise ? window : window * channels
      let lanes = try value("simd_lanes", point)
      var overflows: Set<String> = []
      if try reduction + 1 > value("pe_memory", point) { overflows.insert("pe_memory") }
      if try reduction > value("core_memory", point) { overflows.insert("core_memory") }
      if try reduction > 4 * value("activation_memory", point) {
        overflows.insert("activation_memory")
      }
      if try window > value("parameter_memory", point) / lanes {
        overflows.insert("parameter_memory")
      }
      guard let reason = Self.reason(outcome) else {
        feasible += 1
        #expect(overflows.isEmpty, "\(layer) at \(point)")
        continue
      }
      if reason.hasPrefix("instruction memory: ") || reason.hasPrefix("cannot be built: ") {
        continue
      }
      let named = try #require(reason.split(separator: ":").first.map(String.init))
      let isRight = overflows.contains(named)
      #expect(isRight, "\(reason), expected one of \(overflows.sorted())")
    }
    #expect(feasible > 10)
  }

  /// Activation memories of the space are smaller than PE memories, so that they overflow first; here they are larger.
  @Test func aPEMemoryThatIsTooSmallIsNamed() throws {
    let file = Configs.root.appendingPathComponent("templates/prime-edge.yaml")
    let text = try String(contentsOf: file, encoding: .utf8).replacing(
      "{4 * activation_memory}", with: "{4096 * activation_memory}")
    let space = try SpaceFile(
      readingFile: Configs.root.appendingPathComponent("spaces/prime-edge.yaml").path)
    let template = try ArchitectureTemplate(
      parsing: Data(text.utf8), named: "wide.yaml", space: space)
    let (_, point) = try Self.edge(["pe_memory": 262_144, "core_memory": 4_194_304])
    let layer = try Self.convolution("huge", channels: 1_024, filters: 4, kernel: 17, output: 1)
    let workload = Self.workload(layer)
    // 17 x 17 x 1,024 activations for one output, and the output.
    #expect(
      Self.reason(
        try TemplateEvaluator(template, workloads: [workload]).outcome(of: point, on: workload))
        == "pe_memory: layer \"huge\" needs at least 295937 words (Inputs 295936, Outputs 1), "
        + "has 262144")
  }

  @Test func programsThatAreTooLongAreInfeasible() throws {
    // An image larger than the PE memory: many passes.
    let layer = try Self.convolution("large", channels: 256, filters: 256, kernel: 3, output: 256)
    let (template, point) = try Self.edge([
      "pes_x": 1, "pes_y": 1, "cores_per_pe": 1, "pe_memory": 262_144, "simd_lanes": 4,
      "core_memory": 4_194_304, "activation_memory": 16_384, "instruction_memory": 8_192,
    ])
    let workload = ResolvedWorkload(
      network: Network(name: "test", entries: [.init(layer: layer, count: 1_000)]),
      zeroShares: [nil])
    let evaluator = TemplateEvaluator(template, workloads: [workload], evaluationLimit: 300)
    let reason = Self.reason(try evaluator.outcome(of: point, on: workload))
    // The program of the mapping the evaluator's mapper finds, a thousand times.
    let machine = try template.machine(at: point)
    let level = try #require(machine.program).level
    let space = try MapSpace(
      of: layer, on: machine.architecture, constraints: machine.constraints(for: layer))
    let model = LoopNestCostModel(layer: layer, architecture: machine.architecture)
    let mapped = try #require(evaluator.mapper.mapping(for: model, in: space))
    let count = 1_000 * mapped.mapping.instructionCount(of: layer, outside: level)
    let digits = "\(compact(Double(count)))"
    #expect(
      reason
        == "instruction memory: the program needs \(digits) instructions (most, \(digits), "
        + "for layer \"large\"), has 8192")
  }

  /// Rules of a user's template can leave nothing that fits although the least of every memory does.
  @Test func rulesThatForceTooMuchAreNamed() throws {
    func reason(_ rules: String, capacity: String = "{glb * 4}", rows: Int = 8) throws -> String? {
      let template = try Self.read(
        ("{glb * 4}", capacity), ("wordBits: 8", "wordBits: 8\nmapping: [\(rules)]"))
      let point = try template.space.point(["pe_x": 4, "glb": 64, "mode": "fast"])
      let workload = Self.workload(
        try Layer.matrixProduct(name: "gemm", rows: rows, columns: 3, inner: 5))
      return Self.reason(
        try TemplateEvaluator(template, workloads: [workload]).outcome(of: point, on: workload))
    }
    let layer = try Layer.matrixProduct(name: "gemm", rows: 8, columns: 3, inner: 5)
    let name = try #require(layer.dimensions.first { $0.bound == 8 }?.name)
    let spatial = "{dimensions: [\(name)], outside: DRAM}"
    #expect(try reason(spatial) == nil)
    // All eight rows are spread over the MACs, so that the GLB holds them: 17 words or more.
    #expect(
      try reason(spatial, capacity: "{glb - 55}")
        == "no legal mapping: layer \"gemm\": the tiles that the rules force are too large")
    // Seventeen rows over sixteen MACs.
    #expect(
      try reason(spatial, rows: 17)
        == "no legal mapping: layer \"gemm\": rules contradict: level \"DRAM\": temporal \(name) = 1; "
        + "level \"GLB\": temporal \(name) = 1\nhint: their product 1 does not divide \(name) = 17")
  }

  /// Spatial loops take 55 x 55 of 210 x 210 x 210 iterations at most, so that tiles of 3,062 or more remain, which need
  /// 3 x 3,062^(2/3) = 632 words; only a search through the packings could tell.
  @Test func whatCouldNotBeDecidedIsNotCalledImpossible() throws {
    let level =
      "\n  - {name: L1, kind: registers, capacity: 600, mesh: [55, 55], energy: {read: 1, fill: 1, update: 1}, area: 0}"
    let template = try Self.read(
      ("capacity: \"{glb * 4}\"", "capacity: 100000000"),
      ("area: 0.5}", "area: 0.5}" + level),
      ("\"{pe_x}\", \"{ifelse(mode == \\\"fast\\\", 4, 2)}\"", "8140, 8140"),
      ("wordBits: 8", "wordBits: 8\nmapping: [{dimensions: all, outside: DRAM}]"))
    let point = try template.space.point(["pe_x": 4, "glb": 64, "mode": "fast"])
    let workload = Self.workload(
      try Layer.matrixProduct(name: "gemm", rows: 210, columns: 210, inner: 210))
    #expect(
      Self.reason(
        try TemplateEvaluator(template, workloads: [workload]).outcome(of: point, on: workload))
        == "no legal mapping: layer \"gemm\": none found, which is no proof")
  }

  @Test func designsThatCannotBeBuiltSayWhatIsOutOfRange() throws {
    let template = try Self.read(("{glb * 4}", "{glb - 64}"))
    let point = try template.space.point(["pe_x": 4, "glb": 64, "mode": "fast"])
    let workload = Self.workload(
      try Layer.matrixProduct(name: "gemm", rows: 8, columns: 3, inner: 5))
    #expect(
      Self.reason(
        try TemplateEvaluator(template, workloads: [workload]).outcome(of: point, on: workload))
        == "cannot be built: levels[1].capacity: got 0, expected a whole number of words in "
        + "1...1099511627776")
  }

  @Test func programLengthIsCountedByHand() throws {
    let layer = try Layer.matrixProduct(name: "gemm", rows: 4, columns: 6, inner: 10)
    let architecture = try ArchitectureFile(
      parsing: Data(
        """
        name: two
        wordBits: 8
        levels:
          - {name: DRAM, kind: DRAM, energy: {read: 1, fill: 1, update: 1}}
          - {name: L1, kind: SRAM, capacity: 1000, energy: {read: 1, fill: 1, update: 1}}
        compute: {energy: 1}
        """.utf8), named: "two.yaml"
    ).resolve().architecture
    // for m in 3, for c in 5, for n in 2 outside: 30 passes. Weights (c, m) change 15 times, inputs (n, c) 30 times;
    // outputs (n, m) leave 30 times and come back 30 - 6 times.
    let keeps = [true, true, true]
    let mapping = try Mapping(
      nests: [
        LoopNest(
          temporal: [
            Loop(dimension: 1, factor: 3), Loop(dimension: 0, factor: 5),
            Loop(dimension: 2, factor: 2),
          ], keeps: keeps),
        LoopNest(
          temporal: [
            Loop(dimension: 1, factor: 2), Loop(dimension: 0, factor: 2),
            Loop(dimension: 2, factor: 2),
          ], keeps: keeps),
      ], for: layer, on: architecture)
    #expect(mapping.instructionCount(of: layer, outside: 1) == 30 + 15 + 30 + 30 + 24)
  }

  @Test func latencyIsCyclesOverTheClock() throws {
    let (template, point) = try Self.edge()
    let layer = try Self.convolution("c", channels: 64, filters: 64, kernel: 1, output: 16)
    let workload = Self.workload(layer)
    let evaluator = TemplateEvaluator(template, workloads: [workload])
    guard case .measured(let values) = try evaluator.outcome(of: point, on: workload) else {
      Issue.record("expected a feasible design")
      return
    }
    // Never faster than the array: 64 x 64 x 256 MACs on 16,384 at 800 MHz.
    let bound = 64.0 * 64 * 256 / 16_384 / 800e3
    #expect(values[0] >= bound)
    #expect(values[0] < 100 * bound)
    let cycles = values[0] * 800e3
    #expect(abs(cycles - cycles.rounded()) < 1e-6)
  }

  // MARK: Files of users

  static let space = """
    name: small
    parameters:
      - {name: pe_x, type: levels, values: [2, 4]}
      - {name: glb, type: integer, range: [64, 128]}
      - {name: mode, type: categorical, values: [fast, slow]}
    """

  static func read(_ changes: (from: String, to: String)...) throws -> ArchitectureTemplate {
    var text = """
      name: mine
      space: small.yaml
      clockMHz: 100
      wordBits: 8
      levels:
        - {name: DRAM, kind: DRAM, energy: {read: 8, fill: 8, update: 8}}
        - {name: GLB, kind: SRAM, capacity: "{glb * 4}", energy: {read: 1, fill: 1, update: 1}, area: 0.5}
      compute: {mesh: ["{pe_x}", "{ifelse(mode == 'fast', 4, 2)}"], energy: 1, area: 0.25}
      """
    text = text.replacingOccurrences(of: "'fast'", with: "\\\"fast\\\"")
    for change in changes { text = text.replacingOccurrences(of: change.from, with: change.to) }
    return try ArchitectureTemplate(
      parsing: Data(text.utf8), named: "mine.yaml",
      space: SpaceFile(parsing: Data(space.utf8), named: "small.yaml"))
  }

  @Test func aUsersTemplateIsSubstituted() throws {
    let template = try Self.read()
    let point = try template.space.point(["pe_x": 4, "glb": 100, "mode": "slow"])
    let architecture = try template.machine(at: point).architecture
    #expect(architecture.levels[1].capacityWords == 400)
    #expect(architecture.compute.mesh == Mesh(x: 4, y: 2))
    // 0.5 + 8 x 0.25.
    #expect(AreaModel(of: architecture).total.squareMillimeters == 2.5)
  }

  @Test func errorsOfTemplatesSayWhere() throws {
    func message(_ changes: (from: String, to: String)...) -> String {
      do {
        var text = changes
        if text.isEmpty { text = [] }
        switch text.count {
        case 1: _ = try Self.read(text[0])
        default: _ = try Self.read()
        }
        return "nothing"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      message(("{glb * 4}", "{glb_ * 4}")).hasPrefix(
        "mine.yaml:7: levels[1].capacity: expression \"glb_ * 4\", column 1: unknown name \"glb_\"")
    )
    #expect(
      message(("{glb * 4}", "{glb * 4"))
        == "mine.yaml:7: levels[1].capacity: got \"{glb * 4\" with a brace that is not closed, expected }"
    )
    #expect(
      message(("{glb * 4}", "{glb - 200}")).hasSuffix(
        "expected a whole number of words in 1...1099511627776"))
    #expect(message(("{glb * 4}", "{mode}")).hasSuffix("words in 1...1099511627776"))
    #expect(message(("clockMHz: 100\n", "")).contains("key \"clockMHz\" is absent"))
    #expect(message(("area: 0.5", "aera: 0.5")).contains("did you mean \"area\"?"))
    #expect(
      message(("wordBits: 8", "wordBits: 8\nmapping: [{dimensions: [C], inside: L1}]"))
        .hasPrefix("mine.yaml:5: mapping[0].inside: unknown level \"L1\"\nhint: "))
    #expect(
      message(("wordBits: 8", "wordBits: 8\nmapping: [{dimensions: [C]}]"))
        == "mine.yaml:5: mapping[0]: got neither inside nor outside, "
        + "expected one of them with the name of a level")
    #expect(
      message(("wordBits: 8", "wordBits: 8\nprogram: {instructions: 8, outside: DRAM}"))
        .contains("unknown level \"DRAM\""))
  }

  @Test func damagedTemplatesNeverCrash() throws {
    let original = try String(
      contentsOf: Configs.root.appendingPathComponent("templates/prime-edge.yaml"), encoding: .utf8)
    let space = try SpaceFile(
      readingFile: Configs.root.appendingPathComponent("spaces/prime-edge.yaml").path)
    var generator = Seed(9).generator()
    let alphabet = Array("{}[]\"*/: 0x-,e".utf8)
    for _ in 0..<150 {
      var bytes = Array(original.utf8)
      for _ in 0..<(1 + generator.index(below: 3)) {
        bytes[generator.index(below: bytes.count)] =
          alphabet[generator.index(below: alphabet.count)]
      }
      _ = try? ArchitectureTemplate(parsing: Data(bytes), named: "damaged.yaml", space: space)
    }
  }
}
