import Accelerator
import CostModel
import Quantities
import Workload

extension NetworkEvaluation {
  /// The evaluation as one JSON object; `layers[].results` has the members of the reference records.
  public var json: String {
    var text = JSONText()
    text.raw("{\"network\":")
    text.string(network)
    text.member("architecture", architecture.name)
    text.raw(",\"terms\":[")
    for (index, term) in termDescriptions.enumerated() {
      if index > 0 { text.raw(",") }
      text.string(term)
    }
    text.raw("],\"layers\":[")
    for (index, result) in layers.enumerated() {
      if index > 0 { text.raw(",") }
      text.raw("{\"layer\":")
      text.string(result.layer.name)
      text.member("count", result.count)
      if let cost = result.cost {
        text.member("idle_energy_pj", cost.idleEnergy.picojoules)
        text.member("on_chip_energy_pj", onChipEnergy(of: cost).picojoules)
        text.raw(",\"bound\":")
        switch cost.bound {
        case .compute: text.string(architecture.compute.name)
        case .bandwidth(let level): text.string(architecture.levels[level].name)
        }
      }
      text.raw(",\"results\":")
      RecordResults(
        layer: result.layer, architecture: architecture, fields: Set(BatchField.allCases)
      ).write(result.outcome, to: &text)
      text.raw("}")
    }
    text.raw("],\"missing\":[")
    for (index, name) in missing.enumerated() {
      if index > 0 { text.raw(",") }
      text.string(name)
    }
    text.raw("],\"valid\":")
    text.truth(isLegal)
    if isLegal {
      text.raw(",\"totals\":{\"energy_pj\":")
      text.number(energy.picojoules)
      text.member("cycles", cycles.count)
      text.member("edp_pj_cycles", energyDelayProduct.picojouleCycles)
      text.member("macs", macCount)
      if let clock = architecture.clock, cycles.count > 0 {
        let milliseconds = clock.milliseconds(of: cycles)
        text.member("milliseconds", milliseconds)
        text.member("on_chip_milliwatts", onChipEnergy.picojoules / milliseconds / 1e6)
      }
      text.raw("}")
    }
    text.member("area_mm2", AreaModel(of: architecture).total.squareMillimeters)
    text.raw("}\n")
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
