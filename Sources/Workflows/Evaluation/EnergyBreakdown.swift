import Accelerator
import CostModel
import Quantities
import Workload

/// Where the energy of layers goes: by memory level and tensor, networks, leakage, MACs, idle units; in pJ.
struct EnergyBreakdown: Sendable {
  /// A memory level with the network below it.
  struct Level: Sendable {
    var name: String
    /// In the order of `tensors`.
    var byTensor: [Double]
    var leakage = 0.0
    var network = 0.0

    var sum: Double { byTensor.reduce(leakage + network, +) }
  }

  /// Names of the tensors of all layers, in the order of first appearance.
  let tensors: [String]
  /// Outermost first.
  private(set) var levels: [Level]
  private(set) var compute = 0.0
  private(set) var idle = 0.0
  /// Name of the MAC array.
  let computeName: String

  /// Sums over the legal layers, occurrences counted.
  init(of layers: [NetworkEvaluation.LayerResult], in evaluation: NetworkEvaluation) {
    var names: [String] = []
    for result in layers {
      for operand in result.layer.operands where !names.contains(operand.name) {
        names.append(operand.name)
      }
    }
    tensors = names
    computeName = evaluation.architecture.compute.name
    levels = evaluation.architecture.levels.map {
      Level(name: $0.name, byTensor: [Double](repeating: 0, count: names.count))
    }
    for result in layers {
      guard let cost = result.cost else { continue }
      let times = Double(result.count)
      for index in levels.indices {
        for (operand, traffic) in zip(result.layer.operands, cost.levels[index].tensors) {
          guard let column = names.firstIndex(of: operand.name) else { continue }
          levels[index].byTensor[column] += times * (traffic?.energy.picojoules ?? 0)
        }
        levels[index].leakage += times * cost.levels[index].leakage.picojoules
        levels[index].network += times * cost.networks[index].energy.picojoules
      }
      compute += times * cost.computeEnergy.picojoules
      idle += times * cost.idleEnergy.picojoules
    }
  }

  var sum: Double { levels.reduce(compute + idle) { $0 + $1.sum } }
}
