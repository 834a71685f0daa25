import Workload

/// Rule 4 where children overlap: positions split along two dimensions of one window axis.
extension CountingKernel {
  /// Corrects the groups of a fan-out that splits two dimensions of one window axis: diagonals share (rule 4).
  ///
  /// Called right after the spatial loops of `level` were walked.
  @inline(never)
  func shareAlongWindows(
    _ spatialDimensions: UInt32, _ level: Int, _ record: UnsafePointer<UInt32>
  ) {
    for w in 0..<tables.windowCount {
      if tables.needsGeneralWindows {
        shareAlongGeneralWindow(windows[w], spatialDimensions, level, record)
        continue
      }
      let terms = tables.windowTerms + 4 * w
      let both: UInt32 = 1 << UInt32(terms[0]) | 1 << UInt32(terms[2])
      guard spatialDimensions & both == both, terms[3] != 0 else { continue }
      let first = spatialSplit(of: terms[0], level, record)
      let second = spatialSplit(of: terms[2], level, record)
      let distinct = distinctSums(
        first.count, terms[1] &* first.step, second.count, terms[3] &* second.step)
      let pair = level * tables.operandCount + tables.windowOperand[w]
      s.groups[pair] = s.groups[pair] / (first.count * second.count) * distinct
    }
  }

  /// The same for an axis of any number of terms, by listing the positions.
  private func shareAlongGeneralWindow(
    _ axis: WindowAxis, _ spatialDimensions: UInt32, _ level: Int, _ record: UnsafePointer<UInt32>
  ) {
    var positions: Set<Int> = [0]
    var children = 1
    for term in axis.terms where spatialDimensions >> UInt32(term.dimension) & 1 == 1 {
      let split = spatialSplit(of: term.dimension, level, record)
      children *= split.count
      positions = Set(
        positions.flatMap { position in
          (0..<split.count).map { position + $0 * split.step * term.coefficient }
        })
    }
    let pair = level * tables.operandCount + axis.operand
    s.groups[pair] = s.groups[pair] / children * positions.count
  }

  /// How often a dimension is split at the fan-out just walked, and the extent of one part.
  private func spatialSplit(of dimension: Int, _ level: Int, _ record: UnsafePointer<UInt32>) -> (
    count: Int, step: Int
  ) {
    let loops = record + tables.levelCount
    var count = 1
    var step = 1
    for l in Int(record[level] & 0xff)..<Int(record[level] >> 16 & 0xff)
    where Int(loops[l] & 0xf) == dimension {
      count *= Int(loops[l] >> 4)
      step = s.step[l]
    }
    return (count, step)
  }

  /// Number of distinct values of `i a + j b` for `i < n`, `j < m`.
  ///
  /// Two pairs collide exactly when they differ by a multiple of `(b / g, -a / g)`, `g` the greatest common divisor,
  /// so the distinct values are the pairs without such a predecessor.
  @inline(__always)
  private func distinctSums(_ n: Int, _ a: Int, _ m: Int, _ b: Int) -> Int {
    var (x, y) = (a, b)
    while y != 0 { (x, y) = (y, x % y) }
    return n * m - max(0, n - b / x) * max(0, m - a / x)
  }
}
