import Accelerator
import CostModel
import Workload

/// What a set of rules leaves open, as flat tables.
struct MapSpaceTables {
  /// By place (temporal, X, Y), then (level, dimension).
  var low: [[Int]]
  var high: [[Int]]
  var fanOuts: [MapSpace.FanOutLimit]
  var prefixes: [MapSpace.OrderPrefix]
  var usedFloors: [Int]
  var smallestUsedUnits = 1
  var keeps: [[UInt32]]
  var ordersSpatial: [Bool]

  init(_ compiler: MapSpaceCompiler, rules: [CompiledRule]) {
    let layer = compiler.layer
    let levels = compiler.architecture.levels
    let bounds = layer.dimensions.map(\.bound)
    // Each fan-out by itself: rule 13 alone would let a buffer feed children it has no wires to.
    let inner = levels.indices.map { compiler.architecture.fanOut(below: $0) }
    low = Array(repeating: Array(repeating: 1, count: levels.count * bounds.count), count: 3)
    high = [
      levels.flatMap { _ in bounds }, inner.flatMap { mesh in bounds.map { min($0, mesh.x) } },
      inner.flatMap { mesh in bounds.map { min($0, mesh.y) } },
    ]
    fanOuts = inner.map { MapSpace.FanOutLimit(x: $0.x, y: $0.y, total: $0.count) }
    prefixes = levels.map { _ in MapSpace.OrderPrefix() }
    usedFloors = levels.map { _ in 1 }
    ordersSpatial = levels.map {
      compiler.terms.networks && ($0.network.energyPerHop > 0 || $0.network.routerEnergy > 0)
    }
    var keeping: [[MapSpaceConstraints.Keeping]] = levels.enumerated().map { index, level in
      layer.operands.map { operand in
        if index == 0 { return .keep }
        if compiler.constraints.freesKeepSets { return .free }
        return level.keptByDefault?.contains(operand.name) ?? true ? .keep : .bypass
      }
    }
    keeps = []
    for rule in rules {
      switch rule.effect {
      case .factor(let place, let level, let dimension, let factor):
        let slot = level * bounds.count + dimension
        switch factor {
        case .exactly(let value):
          low[place.rawValue][slot] = max(low[place.rawValue][slot], value)
          high[place.rawValue][slot] = min(high[place.rawValue][slot], value)
        case .atMost(let value):
          high[place.rawValue][slot] = min(high[place.rawValue][slot], value)
        }
      case .allowed(let place, let level, let dimensions):
        for dimension in bounds.indices where dimensions >> UInt32(dimension) & 1 == 0 {
          high[place.rawValue][level * bounds.count + dimension] = 1
        }
      case .largestX(let level, let limit): fanOuts[level].x = min(fanOuts[level].x, limit)
      case .largestY(let level, let limit): fanOuts[level].y = min(fanOuts[level].y, limit)
      case .largestTotal(let level, let limit):
        fanOuts[level].total = min(fanOuts[level].total, limit)
      case .innermost(let level, let order): prefixes[level].innermost = order
      case .outermost(let level, let order): prefixes[level].outermost = order
      case .tensor(let level, let tensor, let choice): keeping[level][tensor] = choice
      case .utilization(let level, let units): usedFloors[level] = max(usedFloors[level], units)
      case .arrayUtilization(let units): smallestUsedUnits = max(smallestUsedUnits, units)
      }
    }
    keeps = keeping.map { row in
      var sets: [UInt32] = [0]
      for (tensor, choice) in row.enumerated() {
        let bit: UInt32 = 1 << UInt32(24 + tensor)
        switch choice {
        case .keep: sets = sets.map { $0 | bit }
        case .bypass: break
        case .free: sets = sets + sets.map { $0 | bit }
        }
      }
      return sets
    }
  }
}
