/// Orders of one level's temporal loops, reduced to those that can cost less than every other.
///
/// Only how far out the innermost loop an operand depends on stands, and for a sliding window which loop that is, decides
/// what is delivered (rule 3); so the orders of a set of loops fall into a few classes.
///
/// The collapse of orders into stationarity classes is common to the field (Interstellar, Sunstone, Turbo-Charged Mapper);
/// the second list is ours: it keeps exactly the orders whose restarts Timeloop credits (rule 3c).
struct LoopOrders {
  /// One order.
  struct Order {
    /// Dimensions, outermost first.
    var sequence: [Int]
    /// For each operand, the loops at or outside the innermost it depends on, as bits; 0 when it depends on none.
    var outside: [UInt32]
    /// For each operand, dimensions from the innermost it depends on outwards while they slide along one axis.
    var chains: [[Int]]
  }

  /// Orders that no other one beats when no restart is credited, then orders with two or more loops in a row along a
  /// window.
  let all: [Order]
  /// How many of them are of the first kind.
  let plainCount: Int

  /// Reduces all orders of the dimensions in `mask`.
  ///
  /// - Parameters:
  ///   - relevance: For each operand and dimension, whether one depends on the other.
  ///   - axis: For each operand and dimension, the window axis it moves along, or -1.
  ///   - allows: Whether an order, outermost first, is allowed.
  init(
    mask: UInt32, relevance: [[Bool]], axis: [[Int]], creditsSlidingRestart: Bool,
    allows: ([Int]) -> Bool
  ) {
    let dimensions = (0..<32).filter { mask >> UInt32($0) & 1 == 1 }
    var plain: [[Int]: Order] = [:]
    var plainKeys: [[Int]] = []
    var sliding: [Order] = []
    var slidingKeys: Set<[Int]> = []
    let operandCount = relevance.count

    func consider(_ sequence: [Int]) {
      guard allows(sequence) else { return }
      var outside = [UInt32](repeating: 0, count: operandCount)
      var chains = [[Int]](repeating: [], count: operandCount)
      var longest = 0
      for t in 0..<operandCount {
        guard let last = sequence.lastIndex(where: { relevance[t][$0] }) else { continue }
        outside[t] = sequence[...last].reduce(0) { $0 | 1 << UInt32($1) }
        let along = axis[t][sequence[last]]
        guard along >= 0 else { continue }
        for dimension in sequence[...last].reversed() where relevance[t][dimension] {
          guard axis[t][dimension] == along else { break }
          chains[t].append(dimension)
        }
        longest = max(longest, chains[t].count)
      }
      let order = Order(sequence: sequence, outside: outside, chains: chains)
      let key = outside.map { Int($0) } + chains.map { $0.first ?? -1 }
      if plain[key] == nil {
        plain[key] = order
        plainKeys.append(key)
      }
      if creditsSlidingRestart, longest > 1 {
        var key = outside.map { Int($0) }
        for (t, chain) in chains.enumerated() {
          key.append(-1)
          for dimension in chain {
            let position = sequence.firstIndex(of: dimension) ?? 0
            key.append(dimension)
            key.append(Int(sequence[..<position].reduce(UInt32(0)) { $0 | 1 << UInt32($1) }))
          }
          key.append(t)
        }
        if slidingKeys.insert(key).inserted { sliding.append(order) }
      }
    }
    func permute(_ prefix: [Int], _ rest: [Int]) {
      if rest.isEmpty {
        consider(prefix)
        return
      }
      for i in rest.indices {
        var remaining = rest
        let next = remaining.remove(at: i)
        permute(prefix + [next], remaining)
      }
    }
    permute([], dimensions)
    let orders = plainKeys.compactMap { plain[$0] }
    let unbeaten = orders.enumerated().filter { i, order in
      !orders.enumerated().contains { j, other in
        i != j && LoopOrders.covers(other, order)
          && !(j > i && LoopOrders.covers(order, other))
      }
    }.map(\.element)
    all = unbeaten + sliding
    plainCount = unbeaten.count
  }

  /// Whether `a` delivers at most what `b` does, for every operand and whatever the factors, restarts aside.
  private static func covers(_ a: Order, _ b: Order) -> Bool {
    for t in a.outside.indices {
      guard a.outside[t] & ~b.outside[t] == 0 else { return false }
      guard let last = b.chains[t].first else { continue }
      guard a.chains[t].first == last else { return false }
    }
    return true
  }
}
