/// Working memory of one evaluation, as bare pointers so that the kernels touch no reference count.
///
/// Legend: `L` memory levels, `T` operands, `W` window axes. Row `L` of tile tables is the MAC (extent 1).
struct KernelScratch {
  /// `16`: extent of each dimension inside the loop being walked.
  var extent: UnsafeMutablePointer<Int>
  /// `64`: extent of its dimension inside each loop of the mapping.
  var step: UnsafeMutablePointer<Int>
  /// `(L + 1) x T`: words of the tile.
  var tile: UnsafeMutablePointer<Int>
  /// `(L + 1) x T`: words of the tile with every window axis left out.
  var plainTile: UnsafeMutablePointer<Int>
  /// `(L + 1) x W`: extent of each window axis.
  var window: UnsafeMutablePointer<Int>
  /// `L x T`: words delivered to one child of the level (rule 3).
  var delivered: UnsafeMutablePointer<Int>
  /// `L x T`: distinct tiles among the children of one instance (rule 4).
  var groups: UnsafeMutablePointer<Int>
  /// `L x T`: words asked of one instance, bypassed levels passed through (rules 4 and 5).
  var asked: UnsafeMutablePointer<Int>
  /// `L + 1`: used instances of each level, the MACs last.
  var used: UnsafeMutablePointer<Int>
  /// `L + 1`: cumulative expansion along X.
  var usedX: UnsafeMutablePointer<Int>
  /// `L + 1`: cumulative expansion along Y.
  var usedY: UnsafeMutablePointer<Int>
  /// `L`: fan-out used below each level along X.
  var fanX: UnsafeMutablePointer<Int>
  /// `L`: fan-out used below each level along Y.
  var fanY: UnsafeMutablePointer<Int>
  /// `L`: result words one instance ever owns.
  var partition: UnsafeMutablePointer<Int>
  /// `64`: temporal iterations outside each temporal loop of the mapping, 0 for spatial loops.
  var prefix: UnsafeMutablePointer<Int>
  /// Innermost relevant temporal loop seen so far by operand, or -1.
  var lastRelevant: UnsafeMutablePointer<SIMD8<Int32>>
  /// `W` each: unit and stride of group labels along a window axis.
  var labelUnit: UnsafeMutablePointer<Int>
  var labelStride: UnsafeMutablePointer<Int>
  /// `L x T`: reads of one instance, in elements; likewise fills and updates.
  var reads: UnsafeMutablePointer<Int>
  var fills: UnsafeMutablePointer<Int>
  var updates: UnsafeMutablePointer<Int>
  /// `L`: cycles each level needs.
  var levelCycles: UnsafeMutablePointer<Int>
  /// `L x T`: energy of all instances, in pJ.
  var energy: UnsafeMutablePointer<Double>
  /// `L x T`: energy of the network below all instances of the level, in pJ.
  var networkEnergy: UnsafeMutablePointer<Double>
  /// Tables of the hop kernel.
  var hops: UnsafeMutablePointer<HopScratch>
}

/// Owns the memory behind a `KernelScratch`; one per worker, reused for every mapping.
final class ScratchOwner {
  let address: UnsafePointer<KernelScratch>
  var scratch: KernelScratch { address.pointee }
  private let integers: UnsafeMutablePointer<Int>
  private let numbers: UnsafeMutablePointer<Double>
  private let lanes: UnsafeMutablePointer<SIMD8<Int32>>

  init(for plan: CostPlan) {
    let levels = plan.levelCount
    let operandCount = plan.operandCount
    let windowCount = max(plan.windows.count, 1)
    let integerCount =
      16 + 64 * 2 + (levels + 1) * (2 * operandCount + windowCount + 3) + 3 * levels * operandCount
      + 3 * levels * operandCount + 4 * levels + 2 * windowCount
    integers = .allocate(capacity: integerCount)
    integers.initialize(repeating: 0, count: integerCount)
    lanes = .allocate(capacity: 1)
    lanes.initialize(to: .zero)
    let hops = UnsafeMutablePointer<HopScratch>.allocate(capacity: 1)
    hops.initialize(to: HopScratch())
    numbers = .allocate(capacity: 2 * levels * operandCount)
    numbers.initialize(repeating: 0, count: 2 * levels * operandCount)
    var next = integers
    func take(_ count: Int) -> UnsafeMutablePointer<Int> {
      defer { next += count }
      return next
    }
    let scratch = KernelScratch(
      extent: take(16), step: take(64), tile: take((levels + 1) * operandCount),
      plainTile: take((levels + 1) * operandCount),
      window: take((levels + 1) * windowCount), delivered: take(levels * operandCount),
      groups: take(levels * operandCount), asked: take(levels * operandCount),
      used: take(levels + 1), usedX: take(levels + 1), usedY: take(levels + 1), fanX: take(levels),
      fanY: take(levels),
      partition: take(levels), prefix: take(64), lastRelevant: lanes,
      labelUnit: take(windowCount), labelStride: take(windowCount),
      reads: take(levels * operandCount), fills: take(levels * operandCount),
      updates: take(levels * operandCount), levelCycles: take(levels),
      energy: numbers, networkEnergy: numbers + levels * operandCount, hops: hops)
    precondition(next == integers + integerCount, "scratch layout does not add up")
    let kept = UnsafeMutablePointer<KernelScratch>.allocate(capacity: 1)
    kept.initialize(to: scratch)
    address = UnsafePointer(kept)
  }

  deinit {
    integers.deallocate()
    numbers.deallocate()
    lanes.deallocate()
    scratch.hops.pointee.deallocate()
    scratch.hops.deallocate()
    address.deallocate()
  }
}
