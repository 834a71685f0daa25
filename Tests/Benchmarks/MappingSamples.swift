import Accelerator
import CostModel
import Workload

/// The SplitMix64 generator by Steele, Lea and Flood (2014), enough for drawing benchmark inputs.
struct BenchmarkGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Distinct random legal mappings, drawn by rejection.
func legalMappings(
  count: Int, layer: Layer, architecture: Architecture, seed: UInt64
) -> PackedMappings {
  var generator = BenchmarkGenerator(state: seed)
  let model = LoopNestCostModel(layer: layer, architecture: architecture, terms: .countingOnly)
  let evaluator = MappingEvaluator(model)
  var batch = PackedMappings(levelCount: architecture.levels.count)
  var seen: Set<Mapping> = []
  while seen.count < count {
    guard let mapping = randomMapping(layer, architecture, &generator), !seen.contains(mapping)
    else { continue }
    var single = PackedMappings(levelCount: architecture.levels.count)
    single.append(mapping)
    let legal = single.words.withUnsafeBufferPointer { words in
      words.baseAddress.map { evaluator.totals(of: $0).verdict.isLegal } ?? false
    }
    guard legal else { continue }
    seen.insert(mapping)
    batch.append(mapping)
  }
  return batch
}

private func randomMapping(
  _ layer: Layer, _ architecture: Architecture, _ generator: inout BenchmarkGenerator
) -> Mapping? {
  var nests = architecture.levels.map { level in
    LoopNest(keeps: layer.operands.map { level.keptByDefault?.contains($0.name) ?? true })
  }
  var room = architecture.levels.indices.map { architecture.fanOut(below: $0) }
  for (d, dimension) in layer.dimensions.enumerated() {
    var rest = dimension.bound
    var prime = 2
    while rest > 1 {
      guard rest % prime == 0 else {
        prime += 1
        continue
      }
      rest /= prime
      let level = Int.random(in: 0..<nests.count, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0 where room[level].x >= prime:
        room[level].x /= prime
        nests[level].spatialX = merged(nests[level].spatialX, d, prime)
      case 1 where room[level].y >= prime:
        room[level].y /= prime
        nests[level].spatialY = merged(nests[level].spatialY, d, prime)
      default:
        nests[level].temporal = merged(nests[level].temporal, d, prime)
      }
    }
  }
  for level in nests.indices { nests[level].temporal.shuffle(using: &generator) }
  return try? Mapping(nests: nests, for: layer, on: architecture)
}

private func merged(_ loops: [Loop], _ dimension: Int, _ factor: Int) -> [Loop] {
  guard let index = loops.firstIndex(where: { $0.dimension == dimension }) else {
    return loops + [Loop(dimension: dimension, factor: factor)]
  }
  var loops = loops
  loops[index] = Loop(dimension: dimension, factor: loops[index].factor * factor)
  return loops
}
