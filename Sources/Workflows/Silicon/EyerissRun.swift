import Accelerator
import CostModel
import Quantities
import Workload

/// Counts, cycles and switching energy of one published layer, all parts together.
struct EyerissRun {
  let published: EyerissLayer
  private(set) var macCount = 0
  private(set) var cycles = 0
  /// Largest number of PEs with work.
  private(set) var usedUnits = 0
  /// Words between the global buffer and the array, both ways.
  private(set) var bufferWords = 0
  /// Switching energy by `EyerissValidation.partNames`, in pJ.
  private(set) var picojoules = Array(repeating: 0.0, count: EyerissValidation.partNames.count)

  var milliseconds: Double { Double(cycles) / (EyerissFigures.megahertz * 1e3) }
  /// Switching power before the multiplier, in mW.
  var milliwatts: Double { picojoules.reduce(0, +) * 1e-6 / milliseconds }

  init(of layer: EyerissLayer, on machine: EyerissMachine) throws {
    published = layer
    for part in try EyerissPart.parts(of: layer) {
      try add(part, on: machine)
    }
  }

  private mutating func add(_ part: EyerissPart, on machine: EyerissMachine) throws {
    let architecture = try machine.architecture(mesh: part.mesh)
    let model = LoopNestCostModel(
      layer: part.layer, architecture: architecture, terms: Self.terms,
      zeroShare: published.measured.zeroShare)
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
