import CostModel
import Quantities

/// Where two costs differ: integers exactly, amounts by more than 1e-12 of their size (sums in another order).
struct CostDifferences {
  private(set) var list: [String] = []

  init(between a: LayerCost, and b: LayerCost) {
    compare("cycles", a.cycles.count, b.cycles.count)
    compare("compute cycles", a.computeCycles.count, b.computeCycles.count)
    compare("macs", a.macCount, b.macCount)
    compare("used x", a.usedUnits.x, b.usedUnits.x)
    compare("used y", a.usedUnits.y, b.usedUnits.y)
    compare("average units", a.averageUnits, b.averageUnits)
    compare("utilization", a.utilization, b.utilization)
    compare("energy", a.energy.picojoules, b.energy.picojoules)
    compare("compute energy", a.computeEnergy.picojoules, b.computeEnergy.picojoules)
    compare("idle energy", a.idleEnergy.picojoules, b.idleEnergy.picojoules)
    if a.bound != b.bound { list.append("bound: \(a.bound), \(b.bound)") }
    for (index, (left, right)) in zip(a.levels, b.levels).enumerated() {
      compare("level \(index)", left, right)
    }
    for (index, (left, right)) in zip(a.networks, b.networks).enumerated() {
      compare("network \(index)", left, right)
    }
  }

  private mutating func compare(_ name: String, _ a: Int, _ b: Int) {
    if a != b { list.append("\(name): \(a), \(b)") }
  }

  private mutating func compare(_ name: String, _ a: Double, _ b: Double) {
    if abs(a - b) > 1e-12 * max(abs(a), abs(b)) { list.append("\(name): \(a), \(b)") }
  }

  private mutating func compare(_ name: String, _ a: LayerCost.Level, _ b: LayerCost.Level) {
    if a.name != b.name { list.append("\(name): \(a.name), \(b.name)") }
    compare("\(name) instances", a.instances, b.instances)
    compare("\(name) cycles", a.cycles.count, b.cycles.count)
    compare("\(name) slowdown", a.slowdown, b.slowdown)
    compare("\(name) leakage", a.leakage.picojoules, b.leakage.picojoules)
    compare("\(name) energy", a.energy.picojoules, b.energy.picojoules)
    for (t, (left, right)) in zip(a.tensors, b.tensors).enumerated() {
      guard var left, var right else {
        if left != right { list.append("\(name) operand \(t) is kept in one only") }
        continue
      }
      compare("\(name) operand \(t) energy", left.energy.picojoules, right.energy.picojoules)
      left.energy = .zero
      right.energy = .zero
      if left != right { list.append("\(name) operand \(t): \(left), \(right)") }
    }
  }

  private mutating func compare(_ name: String, _ a: LayerCost.Network, _ b: LayerCost.Network) {
    compare("\(name) fan-out", a.fanOut, b.fanOut)
    compare("\(name) instances", a.instances, b.instances)
    compare("\(name) energy", a.energy.picojoules, b.energy.picojoules)
    for (t, (left, right)) in zip(a.tensors, b.tensors).enumerated() {
      compare(
        "\(name) operand \(t) energy", left.energyPerInstance.picojoules,
        right.energyPerInstance.picojoules)
      compare("\(name) operand \(t) reductions", left.spatialReductions, right.spatialReductions)
      compare("\(name) operand \(t) ingresses", left.ingresses.count, right.ingresses.count)
      for (one, other) in zip(left.ingresses, right.ingresses) {
        compare("\(name) operand \(t) multicast", one.multicast, other.multicast)
        compare("\(name) operand \(t) scatter", one.scatter, other.scatter)
        compare("\(name) operand \(t) words", one.words, other.words)
        compare("\(name) operand \(t) word hops", one.wordHops, other.wordHops)
      }
    }
  }
}
