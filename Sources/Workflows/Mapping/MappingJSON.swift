import Accelerator
import MappingSearch
import Workload

extension JSONText {
  /// A mapping in the schema of the reference records' `mapping`.
  mutating func mapping(_ mapping: Mapping, of layer: Layer) {
    raw("{\"levels\":[")
    for (index, nest) in mapping.nests.enumerated() {
      raw(index > 0 ? ",{\"temporal\":" : "{\"temporal\":")
      loops(nest.temporal, of: layer)
      key("spatial_x")
      loops(nest.spatialX, of: layer)
      key("spatial_y")
      loops(nest.spatialY, of: layer)
      key("keep")
      strings(zip(layer.operands, nest.keeps).filter(\.1).map(\.0.name))
      raw("}")
    }
    raw("]}")
  }

  private mutating func loops(_ loops: [Loop], of layer: Layer) {
    raw("[")
    for (index, loop) in loops.enumerated() {
      raw(index > 0 ? ",[" : "[")
      string(layer.dimensions[loop.dimension].name)
      raw(",")
      number(loop.factor)
      if !loop.isPerfect {
        raw(",")
        number(loop.residual)
      }
      raw("]")
    }
    raw("]")
  }

  mutating func strings(_ texts: [String]) {
    raw("[")
    for (index, text) in texts.enumerated() {
      if index > 0 { raw(",") }
      string(text)
    }
    raw("]")
  }

  /// How good a mapping is known to be.
  mutating func certificate(_ certificate: ScheduleCertificate, of goal: MappingOptions.Goal) {
    raw("{\"mapper\":")
    string(certificate.mapper.rawValue)
    member("objective", goal.rawValue)
    member("proven", certificate.isOptimal)
    member("value", certificate.value)
    key("lower_bound")
    number(certificate.proof?.lowerBound ?? .nan)
    key("gap")
    number(certificate.gap ?? .nan)
    member("evaluations", certificate.evaluationCount)
    if let reason = certificate.reason { member("reason", reason) }
    if let proof = certificate.proof {
      let counts = proof.counts
      member("nodes", counts.nodes)
      member("states", counts.states)
      raw(",\"pruned\":{\"shapes\":")
      number(counts.prunedShapes)
      member("tiles", counts.prunedTiles)
      member("splits", counts.prunedSplits)
      member("orders", counts.prunedOrders)
      member("partials", counts.prunedPartials)
      member("states", counts.prunedStates)
      member("dominated", counts.dominated)
      raw("}")
      member("table_entries", counts.tableEntries)
      member("largest_frontier", counts.largestFrontier)
      member("keep_sets", counts.keepSets)
      member("searched_keep_sets", counts.searchedKeepSets)
      key("exclusions")
      strings(proof.exclusions.map(\.rawValue))
    }
    raw("}")
  }

  /// Why nothing fits, and what helps.
  mutating func infeasibility(_ reason: MappingInfeasibility) {
    switch reason.cause {
    case .capacity(let level, let tiles, let need, let have):
      raw("{\"reason\":\"capacity\",\"level\":")
      string(level)
      member("tensor", (tiles.max { $0.words < $1.words } ?? tiles.first)?.tensor ?? "")
      raw(",\"tensors\":[")
      for (index, tile) in tiles.enumerated() {
        raw(index > 0 ? ",{\"tensor\":" : "{\"tensor\":")
        string(tile.tensor)
        member("need", tile.words)
        raw("}")
      }
      raw("]")
      member("need", need)
      member("have", have)
    case .rules(let rules):
      raw("{\"reason\":\"rules\",\"rules\":")
      strings(rules.map(\.text))
    case .notFound(let rules):
      raw("{\"reason\":\"not found\",\"rules\":")
      strings(rules.map(\.text))
    }
    key("fix")
    if let first = reason.fixes.first { string(first.change) } else { raw("null") }
    key("fixes")
    strings(reason.fixes.map(\.change))
    member("message", reason.description)
    raw("}")
  }
}
