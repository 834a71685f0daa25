public import Accelerator
import Quantities
public import Workload

/// Energy, latency and traffic of mappings of one layer on one architecture.
///
/// Counts equal Timeloop's on perfect factors (Parashar et al. 2019; verified against its reference records); imperfect
/// factors are counted exactly as a walk over every iteration would. See `CostTerms` for what is added to counting.
public struct LoopNestCostModel: Sendable {
  let plan: CostPlan

  /// The layer.
  public var layer: Layer { plan.layer }
  /// The architecture.
  public var architecture: Architecture { plan.architecture }
  /// The terms that are on.
  public var terms: CostTerms { plan.terms }

  /// Compiles a layer on an architecture.
  ///
  /// - Parameters:
  ///   - layer: The layer.
  ///   - architecture: The machine.
  ///   - terms: Which terms of the model count.
  ///   - zeroShare: Share of zeros in the operand that gates work, in `0...1`; `nil` takes the
  ///     architecture's. Without zero gating it has no effect.
  /// - Complexity: O(levels x operands).
  public init(
    layer: Layer, architecture: Architecture, terms: CostTerms = .asDescribed,
    zeroShare: Double? = nil
  ) {
    precondition(zeroShare.map { (0...1).contains($0) } ?? true, "zero share out of range")
    plan = CostPlan(layer: layer, architecture: architecture, terms: terms, zeroShare: zeroShare)
  }

  /// The same layer on the same architecture with other terms.
  public func with(_ terms: CostTerms) -> LoopNestCostModel {
    LoopNestCostModel(
      layer: layer, architecture: architecture, terms: terms, zeroShare: plan.zeroShare)
  }

  /// The full cost of a mapping, or every reason why it cannot run.
  ///
  /// - Complexity: O(loops x operands + used instances) for perfect factors.
  public func cost(of mapping: Mapping) -> MappingOutcome {
    MappingEvaluator(self).cost(of: mapping)
  }

  /// Energy and cycles of a batch of perfect mappings, in order.
  ///
  /// - Returns: One entry per record; energy and cycles are zero where the verdict is not legal.
  public func totals(of batch: PackedMappings) -> [MappingTotals] {
    let evaluator = MappingEvaluator(self)
    return batch.words.withUnsafeBufferPointer { words in
      guard let base = words.baseAddress else { return [] }
      return (0..<batch.count).map { evaluator.totals(of: base + $0 * batch.stride) }
    }
  }
}

/// Energy and latency of one mapping, as the hot loop returns them.
public struct MappingTotals: Hashable, Sendable {
  /// Whether the mapping can run.
  public var verdict: Verdict
  /// Energy in pJ; zero when not legal.
  public var energy: Double
  /// Latency in cycles, a throughput bound: published Eyeriss latencies are 4 to 20 % longer; zero when not legal.
  public var cycles: Int

  /// Energy times latency, in pJ cycles.
  public var energyDelayProduct: Double { energy * Double(cycles) }
}

/// Evaluates mappings one after the other without allocating; one per thread.
public final class MappingEvaluator {
  let plan: CostPlan
  let owner: ScratchOwner
  let kernel: CostKernel
  /// Room for one record of the largest size.
  private let record: UnsafeMutablePointer<UInt32>

  deinit { record.deallocate() }

  /// Creates an evaluator with its working memory.
  ///
  /// Records are evaluated without link transfers, whatever the model's terms say: these need `cost(of:)`.
  public init(_ model: LoopNestCostModel) {
    plan = model.plan
    let words = model.plan.levelCount + Mapping.largestLoopCount
    record = .allocate(capacity: words)
    record.initialize(repeating: 0, count: words)
    owner = ScratchOwner(for: model.plan)
    kernel = CostKernel(plan: model.plan, scratch: owner.address)
  }

  /// Energy and cycles of one record of a `PackedMappings` batch.
  ///
  /// - Precondition: The record was made from a `Mapping` of the model's layer and architecture, or obeys the same rules.
  /// - Complexity: O(loops x operands), no allocation.
  public func totals(of record: UnsafePointer<UInt32>) -> MappingTotals {
    let totals = kernel.evaluate(record)
    return MappingTotals(verdict: totals.verdict, energy: totals.energy, cycles: totals.cycles)
  }

  /// Number of integers `counts` writes: reads, fills and updates for every level and operand.
  public var countsPerMapping: Int { 3 * plan.levelCount * plan.operandCount }

  /// Energy, cycles and every access count of one record, per used instance.
  ///
  /// - Parameters:
  ///   - record: A packed mapping, as `PackedMapping` lays it out.
  ///   - output: Room for `countsPerMapping` integers: reads, then fills, then updates, each row-major
  ///     (level, operand), outermost level first. Not written when the mapping is not legal.
  /// - Complexity: O(loops x operands), no allocation.
  public func totals(
    of record: UnsafePointer<UInt32>, writingCountsTo output: UnsafeMutablePointer<Int>
  ) -> MappingTotals {
    let totals = kernel.evaluate(record)
    if totals.verdict.isLegal {
      let pairs = plan.levelCount * plan.operandCount
      let s = owner.scratch
      var pair = 0
      for level in 0..<plan.levelCount {
        for t in 0..<plan.operandCount {
          let keeps = record[level] >> UInt32(24 + t) & 1 == 1
          output[pair] = keeps ? s.reads[pair] : 0
          output[pairs + pair] = keeps ? s.fills[pair] : 0
          output[2 * pairs + pair] = keeps ? s.updates[pair] : 0
          pair += 1
        }
      }
    }
    return MappingTotals(verdict: totals.verdict, energy: totals.energy, cycles: totals.cycles)
  }

  /// Energy and cycles of a mapping; `nil` when it is ragged or link transfers are on, which need `cost(of:)`.
  public func totals(of mapping: Mapping) -> MappingTotals? {
    guard mapping.isPerfect, !plan.terms.linkTransfers else { return nil }
    pack(mapping)
    return totals(of: record)
  }

  /// The full cost of a mapping, or every reason why it cannot run.
  public func cost(of mapping: Mapping) -> MappingOutcome {
    guard mapping.isPerfect else { return raggedCost(of: mapping) }
    pack(mapping)
    if plan.terms.linkTransfers { return linkedCost(of: mapping, record) }
    let totals = kernel.evaluate(record)
    guard totals.verdict.isLegal else { return .illegal(kernel.violations(record, plan)) }
    return .legal(kernel.describe(record, totals, plan))
  }

  private func pack(_ mapping: Mapping) {
    let capacity = plan.levelCount + Mapping.largestLoopCount
    PackedMappings.write(
      mapping, to: UnsafeMutableBufferPointer(start: record, count: capacity))
  }
}
