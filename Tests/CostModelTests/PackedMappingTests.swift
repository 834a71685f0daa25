import Accelerator
import CostModel
import Interchange
import Quantities
import Testing
import Workload

@Suite struct PackedMappingTests {
  @Test func packedRecordsReadBack() throws {
    for entry in ReferenceCorpusTests.perfect {
      let record = entry.record
      var batch = PackedMappings(
        levelCount: record.architecture.levels.count, loopCapacity: Mapping.largestLoopCount)
      batch.append(record.mapping)
      batch.append(record.mapping)
      #expect(batch.count == 2)
      let back = try batch.mapping(at: 1, for: record.layer, on: record.architecture)
      #expect(back == record.mapping, "\(record.identifier)")
    }
  }

  @Test func totalsOfABatchAreThoseOfTheFullCost() throws {
    for entry in ReferenceCorpusTests.perfect {
      let record = entry.record
      let model = LoopNestCostModel(
        layer: record.layer, architecture: record.architecture, terms: .countingOnly)
      var batch = PackedMappings(
        levelCount: record.architecture.levels.count, loopCapacity: Mapping.largestLoopCount)
      batch.append(record.mapping)
      guard case .legal(let cost) = model.cost(of: record.mapping) else { continue }
      let totals = try #require(model.totals(of: batch).first)
      #expect(totals.verdict.isLegal)
      #expect(totals.energy == cost.energy.picojoules)
      #expect(totals.cycles == cost.cycles.count)
    }
  }

  @Test func everyCountIsWrittenOut() throws {
    for entry in ReferenceCorpusTests.perfect.prefix(60) {
      let record = entry.record
      let model = LoopNestCostModel(
        layer: record.layer, architecture: record.architecture, terms: .countingOnly)
      guard case .legal(let cost) = model.cost(of: record.mapping) else { continue }
      let evaluator = MappingEvaluator(model)
      var counts = [Int](repeating: -1, count: evaluator.countsPerMapping)
      var batch = PackedMappings(
        levelCount: record.architecture.levels.count, loopCapacity: Mapping.largestLoopCount)
      batch.append(record.mapping)
      counts.withUnsafeMutableBufferPointer { counts in
        batch.words.withUnsafeBufferPointer { words in
          guard let output = counts.baseAddress, let packed = words.baseAddress else { return }
          _ = evaluator.totals(of: packed, writingCountsTo: output)
        }
      }
      let operands = record.layer.operands.count
      let pairs = cost.levels.count * operands
      for (level, values) in cost.levels.enumerated() {
        for t in 0..<operands {
          let traffic = values.tensors[t]
          let instances = traffic?.instances ?? 1
          let pair = level * operands + t
          #expect(counts[pair] * instances == traffic?.reads ?? 0)
          #expect(counts[pairs + pair] * instances == traffic?.fills ?? 0)
          #expect(counts[2 * pairs + pair] * instances == traffic?.updates ?? 0)
        }
      }
    }
  }
}
