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

  @inline(__always)
  func append(_ element: Element) {
    if count == capacity { grow(to: 2 * capacity) }
    (base + count).initialize(to: element)
    count += 1
  }

  func replace(with elements: UnsafeBufferPointer<Element>) {
    if elements.count > capacity { grow(to: 2 * elements.count) }
    if let source = elements.baseAddress {
      base.initialize(from: source, count: elements.count)
    }
    count = elements.count
  }

  private func grow(to newCapacity: Int) {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
    larger.initialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity = newCapacity
  }
}
