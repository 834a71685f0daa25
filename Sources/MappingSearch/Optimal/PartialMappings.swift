/// The partial mappings of one boundary that no other one dominates.
///
/// A partial mapping fixes the levels outside the boundary. Two of them with the same tile shape, the same number of used
/// instances and the same signature have the same completions; one dominates when nothing it decided, and nothing a
/// completion multiplies, is larger.
struct PartialMappings {
  let valueCount: Int
  let recordStride: Int
  let width: Int
  private(set) var count = 0
  private(set) var aliveCount = 0
  private(set) var dominatedCount = 0
  var shape: [Int32] = []
  var used: [Double] = []
  var bound: [Double] = []
  var alive: [Bool] = []
  var loopCount: [UInt8] = []
  var signature: [UInt64] = []
  /// Energy of hops that are decided, in pJ; part of the first value.
  var hopEnergy: [Double] = []
  /// Sharing at the boundary (`BoundaryClasses`), `width` entries each.
  var sharing: [Double] = []
  var values: [Double] = []
  var records: [UInt32] = []
  private var next: [Int32] = []
  private var heads: [Key: Int32] = [:]

  private struct Key: Hashable {
    var shape: Int32
    var used: Double
    var signature: UInt64
  }

  init(valueCount: Int, recordStride: Int, width: Int) {
    self.valueCount = valueCount
    self.recordStride = recordStride
    self.width = width
  }

  /// No partial mappings, of the same kind.
  func emptied() -> PartialMappings {
    PartialMappings(valueCount: valueCount, recordStride: recordStride, width: width)
  }

  /// Adds a partial mapping unless another one dominates it; those it dominates die.
  mutating func insert(
    shape: Int, used: Double, signature: UInt64, bound: Double, loopCount: Int,
    hopEnergy: Double, sharing: UnsafePointer<Double>,
    values candidate: UnsafePointer<Double>, record: UnsafePointer<UInt32>
  ) {
    let key = Key(shape: Int32(shape), used: used, signature: signature)
    let head = heads[key] ?? -1
    var member = head
    while member >= 0 {
      let i = Int(member)
      if alive[i] {
        var noneLarger = true
        var noneSmaller = true
        for v in 0..<valueCount {
          let old = values[i * valueCount + v]
          if old > candidate[v] { noneLarger = false }
          if old < candidate[v] { noneSmaller = false }
        }
        if noneLarger {
          dominatedCount += 1
          return
        }
        if noneSmaller {
          alive[i] = false
          aliveCount -= 1
          dominatedCount += 1
        }
      }
      member = next[i]
    }
    heads[key] = Int32(count)
    next.append(head)
    self.shape.append(Int32(shape))
    self.used.append(used)
    self.bound.append(bound)
    self.signature.append(signature)
    self.loopCount.append(UInt8(loopCount))
    alive.append(true)
    self.hopEnergy.append(hopEnergy)
    self.sharing.append(contentsOf: UnsafeBufferPointer(start: sharing, count: width))
    values.append(contentsOf: UnsafeBufferPointer(start: candidate, count: valueCount))
    records.append(contentsOf: UnsafeBufferPointer(start: record, count: recordStride))
    count += 1
    aliveCount += 1
  }

  /// The living, best bound first; equal bounds in the order they came.
  func ranked() -> [Int] {
    (0..<count).filter { alive[$0] }.sorted { (bound[$0], $0) < (bound[$1], $1) }
  }
}
