/// Different finite numbers, few of them, asked a million times.
///
/// Open addressing over bit patterns; zero and minus zero are one number.
struct NumberSet {
  private var slots: [UInt64] = Array(repeating: empty, count: 64)
  /// Number of different numbers.
  private(set) var count = 0

  /// The bits of a number that is not finite.
  private static let empty = UInt64.max

  /// Adds a number.
  ///
  /// - Returns: How many there are now.
  mutating func insert(_ number: Double) -> Int {
    let bits = (number + 0).bitPattern
    let slot = self.slot(of: bits)
    guard slots[slot] != bits else { return count }
    slots[slot] = bits
    count += 1
    if count * 2 > slots.count {
      let old = slots
      slots = Array(repeating: Self.empty, count: old.count * 4)
      for bits in old where bits != Self.empty { slots[self.slot(of: bits)] = bits }
    }
    return count
  }

  /// All of them, increasing.
  func sorted() -> [Double] {
    slots.filter { $0 != Self.empty }.map(Double.init(bitPattern:)).sorted()
  }

  private func slot(of bits: UInt64) -> Int {
    // Fibonacci hashing spreads the upper bits, where small whole numbers differ.
    let hash = bits &* 0x9e37_79b9_7f4a_7c15
    var slot = Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & UInt64(slots.count - 1))
    while slots[slot] != Self.empty, slots[slot] != bits { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }
}
