import Accelerator
import CostModel
import Foundation
import Interchange
import Quantities
import Testing
import Workload

@Suite struct ReferenceCorpusTests {
  static let perfect = ReferenceCorpus.entries.filter {
    $0.tags.contains("perfect") || $0.tags.contains("fanout_per_level_exceeded_but_accepted")
  }

  static func cost(_ entry: ReferenceCorpus.Entry, _ terms: CostTerms = .countingOnly)
    -> MappingOutcome
  {
    LoopNestCostModel(
      layer: entry.record.layer, architecture: entry.record.architecture, terms: terms
    ).cost(of: entry.record.mapping)
  }

  static func terms(_ links: Bool) -> CostTerms {
    var terms = CostTerms.countingOnly
    terms.linkTransfers = links
    return terms
  }

  @Test func corpusIsComplete() {
    #expect(ReferenceCorpus.entries.count == 315)
    #expect(ReferenceCorpus.entries.count { $0.tags.contains("perfect") } == 244)
    #expect(ReferenceCorpus.entries.count { $0.tags.contains("sliding_restart_credit") } > 0)
  }

  @Test func verdictsAgree() {
    for entry in ReferenceCorpus.entries {
      let expected = entry.expected["valid"] as? Bool
      switch Self.cost(entry) {
      case .legal: #expect(expected == true, "\(entry.record.identifier)")
      case .illegal: #expect(expected == false, "\(entry.record.identifier)")
      }
    }
  }

  @Test(arguments: [false, true]) func countsAreEqualAsIntegers(withLinkTransfers links: Bool) {
    let terms = Self.terms(links)
    var compared = 0
    for entry in Self.perfect {
      guard case .legal(let cost) = Self.cost(entry, terms) else { continue }
      let levels = entry.results(links)["levels"] as? [[String: Any]] ?? []
      for level in cost.levels {
        let expected = levels.first { $0["name"] as? String == level.name } ?? [:]
        let tensors = expected["tensors"] as? [String: [String: Any]] ?? [:]
        for (operand, traffic) in zip(entry.record.layer.operands, level.tensors) {
          let values = tensors[operand.name] ?? [:]
          #expect(values["keep"] as? Bool == (traffic != nil))
          guard let traffic else { continue }
          let pairs: [(String, Int)] = [
            ("tile_size", traffic.tileSize), ("partition_size", traffic.partitionSize),
            ("instances", traffic.instances), ("reads", traffic.reads / traffic.instances),
            ("fills", traffic.fills / traffic.instances),
            ("updates", traffic.updates / traffic.instances),
            ("vector_reads", traffic.vectorReads), ("vector_fills", traffic.vectorFills),
            ("vector_updates", traffic.vectorUpdates),
          ]
          for (name, value) in pairs {
            compared += 1
            #expect(
              values[name] as? Int == value,
              "\(entry.record.identifier) \(level.name) \(operand.name) \(name)")
          }
        }
      }
    }
    #expect(compared > 15_000)
  }

  @Test(arguments: [false, true]) func energyAndCyclesAreEqual(withLinkTransfers links: Bool) {
    let terms = Self.terms(links)
    for entry in Self.perfect {
      guard case .legal(let cost) = Self.cost(entry, terms) else { continue }
      let expected = entry.results(links)
      let id = entry.record.identifier
      #expect(close(cost.energy.picojoules, expected["energy_pj"]), "\(id) energy")
      #expect(cost.cycles.count == expected["cycles"] as? Int, "\(id) cycles")
      #expect(close(cost.utilization, expected["utilization"], 1e-11), "\(id) utilization")
      let levels = expected["levels"] as? [[String: Any]] ?? []
      for level in cost.levels {
        let values = levels.first { $0["name"] as? String == level.name } ?? [:]
        #expect(close(level.energy.picojoules, values["energy_pj"]), "\(id) \(level.name)")
        #expect(close(level.leakage.picojoules, values["leakage_energy_pj"]), "\(id) \(level.name)")
        #expect(close(level.slowdown, values["slowdown"], 1e-11), "\(id) \(level.name)")
        #expect(level.cycles.count == values["cycles"] as? Int, "\(id) \(level.name)")
      }
    }
  }

  /// Cycles of a level in exact arithmetic: the ceiling of words over bandwidth, at least the compute cycles.
  @Test func ceilingsExceedExactArithmeticByAtMostOneCycle() {
    var rounded = 0
    for entry in Self.perfect {
      guard case .legal(let cost) = Self.cost(entry) else { continue }
      for (level, values) in zip(entry.record.architecture.levels, cost.levels) {
        var reads = 0
        var writes = 0
        for case .some(let traffic) in values.tensors {
          reads += traffic.reads / traffic.instances
          writes += (traffic.fills + traffic.updates) / traffic.instances
        }
        var exact = cost.computeCycles.count
        for (words, limit) in [
          (reads, level.bandwidth.read), (writes, level.bandwidth.write),
          (reads + writes, level.bandwidth.shared),
        ] {
          guard let limit, limit == limit.rounded() else { continue }
          exact = max(exact, (words + Int(limit) - 1) / Int(limit))
        }
        #expect([0, 1].contains(values.cycles.count - exact), "\(entry.record.identifier)")
        rounded += values.cycles.count - exact
      }
    }
    // The corpus has such cases; were there none, the test would prove nothing.
    #expect(rounded > 0)
  }

  @Test(arguments: [false, true]) func networksAreEqual(withLinkTransfers links: Bool) {
    let terms = Self.terms(links)
    var compared = 0
    for entry in Self.perfect {
      guard case .legal(let cost) = Self.cost(entry, terms) else { continue }
      let id = entry.record.identifier
      let networks = entry.results(links)["networks"] as? [[String: Any]] ?? []
      for (level, network) in zip(cost.levels, cost.networks) {
        let expected = networks.first { $0["outer"] as? String == level.name } ?? [:]
        #expect(close(network.energy.picojoules, expected["energy_pj"]), "\(id) \(level.name)")
        let tensors = expected["tensors"] as? [String: [String: Any]] ?? [:]
        for (operand, traffic) in zip(entry.record.layer.operands, network.tensors) {
          let values = tensors[operand.name] ?? [:]
          let place = "\(id) \(level.name) \(operand.name)"
          let ingresses = values["ingresses"] as? [[String: Any]] ?? []
          #expect(ingresses.count == traffic.ingresses.count, "\(place)")
          for (ingress, wanted) in zip(traffic.ingresses, ingresses) {
            compared += 1
            #expect(ingress.multicast == wanted["multicast"] as? Int, "\(place)")
            #expect(ingress.scatter == wanted["scatter"] as? Int, "\(place)")
            #expect(close(ingress.words, wanted["accesses"]), "\(place) words")
            #expect(close(ingress.wordHops, wanted["hops"]), "\(place) hops")
          }
          #expect(close(Double(traffic.linkTransfers), values["link_transfers"]), "\(place) links")
          #expect(close(traffic.averageHops, values["avg_hops"], 1e-9), "\(place)")
          #expect(
            close(traffic.spatialReductions, values["spatial_reductions"]), "\(place) reductions")
          #expect(
            close(traffic.energyPerInstance.picojoules, values["energy_per_instance_pj"]),
            "\(place)")
        }
      }
    }
    #expect(compared > 2_000)
  }
}

/// Equal to a relative difference, 1e-9 unless stated: the records are printed to 12 digits.
func close(_ value: Double, _ expected: Any?, _ tolerance: Double = 1e-9) -> Bool {
  guard let expected = (expected as? NSNumber)?.doubleValue else { return false }
  return abs(value - expected) <= tolerance * max(abs(expected), abs(value), 1e-300)
}
