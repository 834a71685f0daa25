/// Which operands can rest at a level together while its innermost temporal loop runs.
///
/// The innermost temporal loop above a boundary runs over one dimension; every operand that depends on it is delivered in
/// each iteration, the others may rest. So a bound needs to look at one option per maximal set of resting operands.
struct StationarityOptions {
  /// Maximal sets of operands, as bits; at least one, possibly empty.
  let sets: [UInt32]

  /// - Parameter relevance: For each operand and dimension, whether one depends on the other.
  init(relevance: [[Bool]]) {
    let dimensionCount = relevance.first?.count ?? 0
    var found: [UInt32] = []
    for d in 0..<dimensionCount {
      let resting = relevance.indices.reduce(UInt32(0)) {
        relevance[$1][d] ? $0 : $0 | 1 << UInt32($1)
      }
      if !found.contains(resting) { found.append(resting) }
    }
    let maximal = found.filter { set in
      !found.contains { $0 != set && set & ~$0 == 0 }
    }
    sets = maximal.isEmpty ? [0] : maximal
  }
}
