import Accelerator
import CostModel
import Quantities
import Workload

/// One layer as the chip runs it.
struct EyerissWork {
  var name: String
  var shape: EyerissLayer.Shape
  var mapping: EyerissLayer.RowStationary
  /// Images.
  var batch: Int
  /// Share of zeros in the input activations and in the outputs, in `0...1`.
  var zeros: (inputs: Double, outputs: Double)

  /// AlexNet as published.
  ///
  /// Zeros of the outputs are not published: those of the next layer's inputs, which lie behind it, or its own for the
  /// last.
  static let alexNet: [EyerissWork] = {
    let layers = EyerissFigures.alexNet
    let zeros = layers.map(\.measured.zeroShare)
    return layers.indices.map { index in
      EyerissWork(
        name: layers[index].name, shape: layers[index].shape, mapping: layers[index].mapping,
        batch: EyerissFigures.batch,
        zeros: (zeros[index], zeros[min(index + 1, zeros.count - 1)]))
    }
  }()
}

/// Counts, cycles and switching energy of one layer, all parts together.
struct EyerissRun {
  let work: EyerissWork
  private(set) var macCount = 0
  private(set) var cycles = 0
  /// Largest number of PEs with work.
  private(set) var usedUnits = 0
  /// Words between the global buffer and the array, both ways.
  private(set) var bufferWords = 0
  /// Words from and to the DRAM, padding included, not compressed.
  private(set) var offChipWords = (filters: 0, inputs: 0, outputs: 0)
  /// Switching energy by `EyerissValidation.partNames`, in pJ.
  private(set) var picojoules = Array(repeating: 0.0, count: EyerissValidation.partNames.count)

  /// Time of the cycles alone, in ms.
  var computeMilliseconds: Double { Double(cycles) / (EyerissFigures.megahertz * 1e3) }

  /// DRAM traffic, in 10^6 bytes: filters as they are, activations without padding and run-length coded if that is
  /// shorter.
  var offChipMegabytes: Double {
    let activations = { (words: Double, zeros: Double) in
      words * min(16, (1 - zeros) * EyerissFigures.runLengthBits)
    }
    let inputs = Double(offChipWords.inputs) * work.shape.interiorShare
    let bits =
      16 * Double(offChipWords.filters) + activations(inputs, work.zeros.inputs)
      + activations(Double(offChipWords.outputs), work.zeros.outputs)
    return bits / 8e6
  }

  /// Time of the DRAM traffic on the link at its highest rate, in ms.
  var transferMilliseconds: Double {
    offChipMegabytes * 8 / (EyerissFigures.link.bits * EyerissFigures.link.megahertz) * 1e3
  }

  /// Time on a basis, in ms.
  func milliseconds(_ basis: EyerissTimeBasis) -> Double {
    switch basis {
    case .compute: computeMilliseconds
    case .computeAndTransfers: computeMilliseconds + transferMilliseconds
    }
  }

  init(of work: EyerissWork, on machine: EyerissMachine) throws {
    self.work = work
    for part in try EyerissPart.parts(of: work) {
      try add(part, on: machine)
    }
  }

  private mutating func add(_ part: EyerissPart, on machine: EyerissMachine) throws {
    let architecture = try machine.architecture(mesh: part.mesh)
    let model = LoopNestCostModel(
      layer: part.layer, architecture: architecture, terms: Self.terms,
      zeroShare: work.zeros.inputs)
    let mapping = try Mapping(nests: part.nests, for: part.layer, on: architecture)
    switch model.cost(of: mapping) {
    case .illegal(let violations):
      throw SiliconValidationError.illegalMapping(
        layer: part.layer.name, violationCount: violations.count)
    case .legal(let cost):
      add(cost, machine.energies)
    }
  }

  /// Everything on, but the window of a tile is reloaded at a restart, as the chip does between passes.
  static let terms: CostTerms = {
    var terms = CostTerms.asDescribed
    terms.slidingRestartCredit = false
    return terms
  }()

  private mutating func add(_ cost: LayerCost, _ energies: EyerissMachine.ComponentEnergies) {
    macCount += cost.macCount
    cycles += cost.cycles.count
    let units = cost.usedUnits.x * cost.usedUnits.y
    usedUnits = max(usedUnits, units)
    offChipWords.filters += cost.levels[0].tensors[0]?.reads ?? 0
    offChipWords.inputs += cost.levels[0].tensors[1]?.reads ?? 0
    offChipWords.outputs += cost.levels[0].tensors[2]?.updates ?? 0
    picojoules[0] += cost.computeEnergy.picojoules
    picojoules[1] += cost.levels[3].energy.picojoules
    picojoules[2] += cost.levels[2].energy.picojoules
    picojoules[3] += cost.levels[4].energy.picojoules
    picojoules[4] += cost.levels[1].energy.picojoules
    picojoules[5] += wires(cost, units: units, energies)
  }

  /// Every word between buffer and array, and every filter word from outside, travels to the array once; a partial
  /// sum then passes from PE to PE until one per group leaves the array.
  private mutating func wires(
    _ cost: LayerCost, units: Int, _ energies: EyerissMachine.ComponentEnergies
  ) -> Double {
    let buffer = cost.levels[1].tensors.reduce(0) { $0 + ($1.map { $0.reads + $0.updates } ?? 0) }
    bufferWords += buffer
    let filters = cost.levels[0].tensors[0]?.reads ?? 0
    let updates = cost.levels[1].tensors[2]?.updates ?? 0
    let groups = cost.networks[1].tensors[2].ingresses.reduce(0) { $0 + $1.scatter }
    let hops = groups > 0 ? updates / groups * (units - groups) : 0
    return energies.wireMillimeter
      * (Double(buffer + filters) * EyerissMachine.bufferDistance
        + Double(hops) * EyerissMachine.unitDistance)
  }
}
