import Accelerator
import Workload

/// What tiles need and levels have, as flat tables over active dimensions.
final class TileTables {
  let limitedLevels: UInt32
  /// `n`: position in the layer.
  let layerDimension: UnsafeMutablePointer<Int>
  private let operandCount: Int
  private let integers: UnsafeMutablePointer<Int>
  /// `L`: usable bits.
  let usable: UnsafeMutablePointer<Int>
  /// `L x T`: bits of an element.
  private let elementBits: UnsafeMutablePointer<Int>
  /// `T + 1`, `axes + 1`: where axes and terms begin.
  private let axisStart: UnsafeMutablePointer<Int>
  private let termStart: UnsafeMutablePointer<Int>
  private let termDimension: UnsafeMutablePointer<Int>
  private let termCoefficient: UnsafeMutablePointer<Int>

  init(_ space: MapSpace, _ dimensions: [Int]) {
    let levels = space.architecture.levels
    let operands = space.layer.operands
    operandCount = operands.count
    var axisStarts = [0]
    var termStarts = [0]
    var terms: [(Int, Int)] = []
    for operand in operands {
      for axis in operand.axes {
        let active = axis.terms.compactMap { term in
          dimensions.firstIndex(of: term.dimension).map { ($0, term.coefficient) }
        }
        guard !active.isEmpty else { continue }
        terms += active
        termStarts.append(terms.count)
      }
      axisStarts.append(termStarts.count - 1)
    }
    let count =
      dimensions.count + levels.count * (1 + operands.count) + axisStarts.count + termStarts.count
      + 2 * terms.count
    integers = .allocate(capacity: max(count, 1))
    integers.initialize(repeating: 0, count: max(count, 1))
    layerDimension = integers
    usable = layerDimension + dimensions.count
    elementBits = usable + levels.count
    axisStart = elementBits + levels.count * operands.count
    termStart = axisStart + axisStarts.count
    termDimension = termStart + termStarts.count
    termCoefficient = termDimension + terms.count
    var limited: UInt32 = 0
    for (i, level) in levels.enumerated() {
      usable[i] = level.usableWords.map { $0 * level.wordBits } ?? .max
      if level.capacityWords != nil { limited |= 1 << UInt32(i) }
      for (t, operand) in operands.enumerated() {
        elementBits[i * operands.count + t] = operand.bits ?? level.wordBits
      }
    }
    limitedLevels = limited
    for (i, dimension) in dimensions.enumerated() { layerDimension[i] = dimension }
    for (i, start) in axisStarts.enumerated() { axisStart[i] = start }
    for (i, start) in termStarts.enumerated() { termStart[i] = start }
    for (i, term) in terms.enumerated() {
      (termDimension[i], termCoefficient[i]) = term
    }
  }

  deinit { integers.deallocate() }

  /// Whether the kept tiles of the given extents fit at a level (rule 1).
  @inline(__always)
  func fits(_ level: Int, _ keep: UInt32, _ extents: UnsafePointer<Int>) -> Bool {
    var bits = 0
    for t in 0..<operandCount
    where (keep &>> UInt32(truncatingIfNeeded: 24 &+ t)) & 1 == 1 {
      guard let words = tileBits(level, t, extents) else { return false }
      let (sum, overflow) = bits.addingReportingOverflow(words)
      if overflow { return false }
      bits = sum
    }
    return bits <= usable[level]
  }

  /// Bits of one operand's tile of the given extents; `nil` beyond 2^63.
  @inline(__always)
  func tileBits(_ level: Int, _ t: Int, _ extents: UnsafePointer<Int>) -> Int? {
    var words = elementBits[level &* operandCount &+ t]
    var axis = axisStart[t]
    let lastAxis = axisStart[t &+ 1]
    while axis < lastAxis {
      var reach = 1
      var term = termStart[axis]
      let lastTerm = termStart[axis &+ 1]
      while term < lastTerm {
        reach = reach &+ termCoefficient[term] &* (extents[termDimension[term]] &- 1)
        term &+= 1
      }
      let (product, overflow) = words.multipliedReportingOverflow(by: reach)
      if overflow { return nil }
      words = product
      axis &+= 1
    }
    return words
  }
}
