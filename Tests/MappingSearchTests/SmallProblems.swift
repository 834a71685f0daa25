import Accelerator
import CostModel
import Execution
import MappingSearch
import Quantities
import Workload

/// Random problems whose map spaces are small enough to list.
struct SmallProblem {
  var layer: Layer
  var architecture: Architecture
  var constraints = MapSpaceConstraints()

  var model: LoopNestCostModel { LoopNestCostModel(layer: layer, architecture: architecture) }

  /// - Parameter sizes: Bounds to choose from.
  init(_ seed: Int, sizes: [Int] = [1, 1, 2, 2, 3, 4, 6], isTight: Bool = true) throws {
    var generator = Seed(UInt64(seed)).child("small").generator()
    let pick = { (list: [Int]) in list[generator.index(below: list.count)] }
    switch generator.index(below: 3) {
    case 0:
      layer = try Layer.matrixProduct(
        name: "product", rows: pick(sizes), columns: pick(sizes), inner: pick(sizes))
    case 1:
      var shape = Layer.ConvolutionShape(
        inputChannels: pick([1, 2]), outputChannels: pick([1, 2, 3]), kernel: (pick([1, 2, 3]), 1),
        output: (pick([1, 2, 4]), 1))
      shape.stride = (pick([1, 2]), 1)
      layer = try Layer.convolution(name: "convolution", shape)
    default:
      layer = try Layer.depthwiseConvolution(
        name: "depthwise",
        Layer.ConvolutionShape(
          inputChannels: pick([1, 2, 4]), outputChannels: 1, kernel: (pick([1, 2]), 1),
          output: (pick([2, 3]), 1)))
    }
    let names = layer.operands.map(\.name)
    var mesh = Mesh(x: 1, y: 1)
    var levels: [MemoryLevel] = []
    for index in 0..<(2 + generator.index(below: 2)) {
      var level = MemoryLevel(
        name: ["DRAM", "buffer", "registers"][index], kind: index == 0 ? .dram : .sram,
        mesh: mesh, capacityWords: nil, wordBits: 16,
        energy: AccessEnergy(
          read: Double(pick([1, 5, 9])), fill: Double(pick([1, 2])), update: Double(pick([1, 3]))))
      if index > 0 {
        if isTight { level.capacityWords = pick([2, 4, 6, 12, 40]) }
        if pick([0, 1]) == 1 {
          level.keptByDefault = names.filter { _ in pick([0, 1]) == 1 }
        }
      }
      if pick([0, 0, 1]) == 1 { level.network.energyPerHop = 0.5 }
      if pick([0, 1]) == 1 { level.bandwidth.shared = Double(pick([1, 2, 4])) }
      level.leakagePerCycle = Double(pick([0, 1])) / 8
      levels.append(level)
      mesh = Mesh(x: mesh.x * pick([1, 2, 3]), y: mesh.y * pick([1, 1, 2]))
    }
    architecture = try Architecture(
      name: "machine", levels: levels,
      compute: ComputeArray(name: "MAC", mesh: mesh, wordBits: 16, energyPerOperation: 1))
  }

  /// Adds random rules, which may contradict each other.
  mutating func drawConstraints(_ seed: Int) {
    var generator = Seed(UInt64(seed)).child("rules").generator()
    let pick = { (list: [Int]) in list[generator.index(below: list.count)] }
    let dimensions = layer.dimensions.map(\.name)
    let name = { dimensions[generator.index(below: dimensions.count)] }
    for _ in 0..<(1 + generator.index(below: 2)) {
      var rules = MapSpaceConstraints.LevelRules(
        level: .index(generator.index(below: architecture.levels.count)))
      switch generator.index(below: 9) {
      case 0: rules.temporal = [.init(name(), .exactly(pick([1, 2])))]
      case 1: rules.temporal = [.init(name(), .atMost(pick([1, 2, 3])))]
      case 2: rules.spatialX = [.init(name(), .exactly(pick([1, 2])))]
      case 3: rules.spatialY = [.init(name(), .atMost(pick([1, 2])))]
      case 4: (rules.allowedX, rules.allowedY) = ([name()], [name()])
      case 5: rules.innermostLoops = [name()]
      case 6: rules.outermostLoops = [name()]
      case 7: (rules.largestX, rules.largestFanOut) = (pick([1, 2]), pick([1, 2]))
      default: rules.smallestUtilization = 0.5
      }
      constraints.levels.append(rules)
    }
    if pick([0, 0, 0, 1]) == 1 { constraints.smallestUtilization = 0.5 }
    if pick([0, 0, 0, 1]) == 1, architecture.levels.count == 2 { constraints.freesKeepSets = true }
  }
}
