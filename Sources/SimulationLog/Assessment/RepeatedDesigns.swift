import Foundation

/// Finds designs that were evaluated more than once for the same workload, in two passes over the rows.
///
/// The first pass keeps eight bytes a row, the second the designs that may have repeats.
struct RepeatedDesigns {
  private struct Key: Hashable {
    var context: Int?
    var coordinates: [Double]
  }

  private struct Group {
    var rows: [Int] = []
    var feasibleCount = 0
    var infeasibleCount = 0
    var values: [Double] = []
  }

  private var hashes: [UInt64] = []
  private var suspects: Set<UInt64> = []
  private var groups: [Key: Group] = [:]
  private var order: [Key] = []

  mutating func note(_ trial: LoggedTrial) { hashes.append(Self.hash(trial)) }

  /// Ends the first pass.
  mutating func prepare() {
    hashes.sort()
    for index in hashes.indices.dropFirst() where hashes[index] == hashes[index - 1] {
      suspects.insert(hashes[index])
    }
    hashes = []
  }

  /// The second pass; the value is the objective's, NaN where it is not known.
  mutating func add(_ trial: LoggedTrial, value: Double) {
    guard suspects.contains(Self.hash(trial)) else { return }
    let key = Key(context: trial.context, coordinates: trial.coordinates)
    if groups[key] == nil { order.append(key) }
    var group = groups[key] ?? Group()
    group.rows.append(trial.id)
    if trial.isFeasible {
      group.feasibleCount += 1
      group.values.append(value)
    } else if case .infeasible = trial.verdict {
      group.infeasibleCount += 1
    }
    groups[key] = group
  }

  private static func hash(_ trial: LoggedTrial) -> UInt64 {
    var hash = 0xcbf2_9ce4_8422_2325 ^ UInt64(trial.context.map { $0 + 1 } ?? 0)
    for coordinate in trial.coordinates {
      hash = (hash ^ coordinate.bitPattern) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 32
    }
    return hash
  }

  /// What was found.
  var summary: LogAssessment.Repeats {
    var result = LogAssessment.Repeats()
    var squares = 0.0
    var freedom = 0
    for key in order {
      guard let group = groups[key], group.rows.count > 1 else { continue }
      result.designCount += 1
      result.extraRowCount += group.rows.count - 1
      let low = group.values.min() ?? 0
      let high = group.values.max() ?? 0
      let isMixed = group.feasibleCount > 0 && group.infeasibleCount > 0
      if isMixed || high - low > 1e-9 * max(abs(low), abs(high)) {
        result.contradictionCount += 1
        if result.examples.count < 5 { result.examples.append(group.rows.prefix(5).map { $0 }) }
      }
      if isMixed { result.mixedVerdictCount += 1 }
      guard group.values.count > 1, low > 0 else { continue }
      // Relative to the lowest, so that equal values have no noise at all, not that of rounding.
      let logs = group.values.map { Foundation.log($0 / low) }
      let mean = logs.reduce(0, +) / Double(logs.count)
      squares += logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      freedom += logs.count - 1
    }
    if freedom > 0 {
      result.relativeNoise = (squares / Double(freedom)).squareRoot()
      result.degreesOfFreedom = freedom
    }
    return result
  }
}
