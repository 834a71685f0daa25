/// Elements at an address that stays until they are replaced, so that a row can point to them.
final class RowStorage<Element: BitwiseCopyable> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private var capacity = 64

  init() {
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  func removeAll() { count = 0 }

  /// Drops what is behind the first `length` elements.
  func truncate(to length: Int) { count = min(count, length) }

  func append(_ elements: UnsafeBufferPointer<Element>) {
    if count + elements.count > capacity { grow(to: 2 * (count + elements.count)) }
    if let source = elements.baseAddress {
      (base + count).initialize(from: source, count: elements.count)
    }
    count += elements.count
  }

  /// Appends what another storage holds.
  func append(_ other: RowStorage<Element>) {
    append(UnsafeBufferPointer(start: other.base, count: other.count))
  }

  /// Elements in an array of their own.
  func copy(_ range: Range<Int>) -> [Element] {
    Array(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  @inline(__always)
  func append(_ element: Element) {
    if count == capacity { grow(to: 2 * capacity) }
    (base + count).initialize(to: element)
    count += 1
  }

  private func grow(to newCapacity: Int) {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
    larger.initialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity = newCapacity
  }
}
