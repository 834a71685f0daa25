import Accelerator
import CostModel
import Execution
import MappingSearch
import Quantities
import Workload

extension NetworkMapping {
  /// The mappings and their cost as one JSON object.
  ///
  /// Members: `network`, `architecture`, `mapper`, `objective`, `seed`, `terms`, `interrupted`, `feasible`; `layers` with
  /// `layer`, `count`, `same_as` (an earlier layer of the same shape or `null`), `map_space` (`members` in digits and
  /// `log10`) and either `infeasible` or `mapping` (schema of the reference records), `edp_pj_cycles`, `bound`,
  /// `certificate` and `results` (schema of the reference records); `unfinished` with names; `totals` over all mapped
  /// layers, occurrences counted: `energy_pj`, `cycles`, `edp_pj_cycles` = energy x cycles, and
  /// `sum_of_layer_edps_pj_cycles`. With times, layers have `seconds`.
  public func json(showingTimes: Bool = false) -> String {
    let architecture = evaluation.architecture
    var text = JSONText()
    text.raw("{\"network\":")
    text.string(workload.network.name)
    text.member("architecture", architecture.name)
    text.member("mapper", options.mapper.rawValue)
    text.member("objective", options.goal.rawValue)
    text.key("seed")
    text.raw(String(options.seed.value))
    text.key("terms")
    text.strings(evaluation.termDescriptions)
    text.member("interrupted", wasInterrupted)
    text.member("feasible", isFeasible)
    text.raw(",\"layers\":[")
    var isFirst = true
    for row in rows {
      if !isFirst { text.raw(",") }
      isFirst = false
      write(row, showingTimes, to: &text)
    }
    text.raw("]")
    text.key("unfinished")
    text.strings(unfinished)
    text.raw(",\"totals\":{\"energy_pj\":")
    text.number(evaluation.energy.picojoules)
    text.member("cycles", evaluation.cycles.count)
    text.member("edp_pj_cycles", evaluation.energyDelayProduct.picojouleCycles)
    text.member("sum_of_layer_edps_pj_cycles", sumOfLayerEDPs)
    text.member("macs", evaluation.macCount)
    text.raw("}}\n")
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private func write(_ row: Row, _ showingTimes: Bool, to text: inout JSONText) {
    text.raw("{\"layer\":")
    text.string(row.name)
    text.member("count", row.count)
    text.key("same_as")
    if let first = row.sameAs { text.string(first) } else { text.raw("null") }
    text.key("map_space")
    if let size = row.schedule.spaceSize {
      text.raw("{\"members\":")
      text.string(size.digits)
      text.member("log10", size.log10)
      text.raw("}")
    } else {
      text.raw("null")
    }
    if showingTimes { text.member("seconds", row.schedule.seconds) }
    switch row.schedule.outcome {
    case .infeasible(let reason):
      text.key("infeasible")
      text.infeasibility(reason)
    case .notFound:
      text.raw(",\"infeasible\":{\"reason\":\"not found\",\"rules\":[],\"fix\":null,\"fixes\":[]}")
    case .mapped(let found):
      guard let result = row.result, let cost = row.cost else { break }
      text.key("mapping")
      text.mapping(found.mapping, of: result.layer)
      text.member("edp_pj_cycles", cost.energyDelayProduct.picojouleCycles)
      text.member("bound", name(of: cost.bound))
      text.key("certificate")
      text.certificate(found.certificate, of: options.goal)
      text.key("results")
      RecordResults(
        layer: result.layer, architecture: evaluation.architecture,
        fields: Set(BatchField.allCases)
      ).write(result.outcome, to: &text)
    }
    text.raw("}")
  }
}
