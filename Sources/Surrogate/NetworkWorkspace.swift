import LinearAlgebra

/// Where the numbers of a pass are in one arena: columns a row of the batch or of the context table.
struct ActivationLayout: Sendable {
  /// Room for some numbers of every row.
  struct Slot: Sendable {
    var offset: Int
    var isOfContexts: Bool
  }

  private(set) var rowWidth = 0
  private(set) var contextWidth = 0

  /// Makes room for `width` numbers of every row of a batch.
  mutating func add(_ width: Int) -> Slot {
    defer { rowWidth += width }
    return Slot(offset: rowWidth, isOfContexts: false)
  }

  /// Makes room for `width` numbers of every context.
  mutating func addForContexts(_ width: Int) -> Slot {
    defer { contextWidth += width }
    return Slot(offset: contextWidth, isOfContexts: true)
  }
}

/// The memory one pass works in; allocated once, so that a training step allocates nothing.
final class NetworkWorkspace {
  let rowCapacity: Int
  let contextCapacity: Int
  /// Products run on the calling thread, so that their bits do not depend on the number of cores.
  private static let singleThread: Void = BLASRuntime.useOneThread()
  private let arena: UnsafeMutablePointer<Float>
  private let contextStart: Int

  /// Allocates.
  ///
  /// - Parameter rowCapacity: Most rows of a batch.
  init(_ layout: ActivationLayout, rowCapacity: Int, contextCapacity: Int) {
    Self.singleThread
    self.rowCapacity = rowCapacity
    self.contextCapacity = contextCapacity
    contextStart = layout.rowWidth * rowCapacity
    let count = max(1, contextStart + layout.contextWidth * contextCapacity)
    arena = .allocate(capacity: count)
    arena.initialize(repeating: 0, count: count)
  }

  deinit { arena.deallocate() }

  subscript(slot: ActivationLayout.Slot) -> UnsafeMutablePointer<Float> {
    slot.isOfContexts
      ? arena + contextStart + slot.offset * contextCapacity : arena + slot.offset * rowCapacity
  }
}
