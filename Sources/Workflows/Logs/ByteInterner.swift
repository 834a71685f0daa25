import Foundation

/// Numbers byte strings in the order of first appearance, without making a `String` of each.
struct ByteInterner {
  private var slots: [Int32] = Array(repeating: -1, count: 64)
  private var starts: [Int] = [0]
  private var bytes: [UInt8] = []

  /// Number of different strings.
  var count: Int { starts.count - 1 }

  /// The number of a string, given when it is new.
  mutating func number(of key: UnsafeBufferPointer<UInt8>) -> Int {
    if count * 2 >= slots.count { grow() }
    let slot = self.slot(of: key)
    if slots[slot] >= 0 { return Int(slots[slot]) }
    slots[slot] = Int32(count)
    bytes.append(contentsOf: key)
    starts.append(bytes.count)
    return count - 1
  }

  /// The number of a string that was seen, `nil` for another.
  func known(_ key: UnsafeBufferPointer<UInt8>) -> Int? {
    let found = slots[slot(of: key)]
    return found >= 0 ? Int(found) : nil
  }

  /// The string with a number.
  func text(_ number: Int) -> String {
    String(decoding: bytes[starts[number]..<starts[number + 1]], as: UTF8.self)
  }

  /// All strings in the order of their numbers.
  var texts: [String] { (0..<count).map(text) }

  private func slot(of key: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    var slot = Int(truncatingIfNeeded: (hash ^ (hash >> 29)) & UInt64(slots.count - 1))
    while slots[slot] >= 0, !isEqual(Int(slots[slot]), key) {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private func isEqual(_ number: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = starts[number]
    guard starts[number + 1] - start == key.count else { return false }
    guard let other = key.baseAddress, key.count > 0 else { return true }
    return bytes.withUnsafeBufferPointer { own in
      own.baseAddress.map { memcmp($0 + start, other, key.count) == 0 } ?? false
    }
  }

  private mutating func grow() {
    let old = (0..<count).map { Array(bytes[starts[$0]..<starts[$0 + 1]]) }
    slots = Array(repeating: -1, count: slots.count * 4)
    for (number, key) in old.enumerated() {
      key.withUnsafeBufferPointer { slots[slot(of: $0)] = Int32(number) }
    }
  }
}
