import DesignSpace

/// Counts how often the levels of counted parameters occur, with how many feasible designs, and which pairs occur.
struct LevelCoverage {
  /// Parameters with more values are told by their number of values only.
  static let mostLevels = 4_096
  /// Pairs are counted among parameters of at most this many values, and at most so many parameters.
  static let mostPairLevels = 128
  static let mostPairParameters = 64

  let parameters: [Parameter]
  /// Rows by parameter and level.
  private(set) var rows: [[Int]]
  /// Feasible rows by parameter and level.
  private(set) var feasible: [[Int]]
  /// The parameters whose pairs are counted.
  let paired: [Int]
  /// One bit a pair of levels, one list a pair of parameters.
  private var bits: [[UInt64]]

  init(_ space: SearchSpace) {
    parameters = space.parameters
    let counts = parameters.map { $0.valueCount ?? 0 }
    rows = counts.map { Array(repeating: 0, count: $0 <= Self.mostLevels ? $0 : 0) }
    feasible = rows
    let small = parameters.indices.filter { counts[$0] > 0 && counts[$0] <= Self.mostPairLevels }
    paired = small.count <= Self.mostPairParameters ? small : []
    bits = []
    for second in paired.indices {
      for first in 0..<second {
        bits.append(
          Array(repeating: 0, count: (counts[paired[first]] * counts[paired[second]] + 63) / 64))
      }
    }
  }

  mutating func add(_ coordinates: [Double], isFeasible: Bool) {
    for index in rows.indices where !rows[index].isEmpty && coordinates[index] >= 0 {
      let level = Int(coordinates[index])
      rows[index][level] += 1
      if isFeasible { feasible[index][level] += 1 }
    }
    var pair = 0
    for second in paired.indices {
      let right = coordinates[paired[second]]
      let width = rows[paired[second]].count
      for first in 0..<second {
        let left = coordinates[paired[first]]
        if left >= 0, right >= 0 {
          let bit = Int(left) * width + Int(right)
          bits[pair][bit >> 6] |= 1 << UInt64(bit & 63)
        }
        pair += 1
      }
    }
  }

  /// Levels seen and levels there are.
  var levels: (seen: Int, total: Int) {
    (rows.reduce(0) { $0 + $1.count { $0 > 0 } }, rows.reduce(0) { $0 + $1.count })
  }

  /// Pairs of levels seen and pairs there are, constraints of the space not looked at.
  var pairs: (seen: Int, total: Int) {
    var total = 0
    for second in paired.indices {
      for first in 0..<second { total += rows[paired[first]].count * rows[paired[second]].count }
    }
    return (bits.reduce(0) { $0 + $1.reduce(0) { $0 + $1.nonzeroBitCount } }, total)
  }
}
