import Execution
import Foundation
import LinearAlgebra

/// Where the weights of a network are in one flat vector, under which names, and how they begin.
struct ParameterLayout: Hashable, Sendable {
  /// How a block of weights begins.
  enum Start: Hashable, Sendable {
    /// All equal.
    case constant(Float)
    /// Uniform in `+-sqrt(6 / (fanIn + fanOut))`.
    ///
    /// - SeeAlso: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
    ///   equation 16; the default of the layers PRIME is built from.
    case glorot(fanIn: Int, fanOut: Int)
  }

  /// A matrix of weights, row-major.
  struct Block: Hashable, Sendable {
    var name: String
    var offset: Int
    var rowCount: Int
    var columnCount: Int
    var start: Start

    var range: Range<Int> { offset..<(offset + rowCount * columnCount) }
  }

  private(set) var blocks: [Block] = []
  private(set) var count = 0

  /// Makes room for a matrix; returns its offset.
  mutating func add(_ name: String, _ rowCount: Int, _ columnCount: Int, _ start: Start) -> Int {
    blocks.append(
      Block(
        name: name, offset: count, rowCount: rowCount, columnCount: columnCount, start: start))
    count += rowCount * columnCount
    return blocks[blocks.count - 1].offset
  }

  /// Weights to begin a training with.
  func initialWeights(_ seed: Seed) -> [Float] {
    var weights = [Float](repeating: 0, count: count)
    for (index, block) in blocks.enumerated() {
      switch block.start {
      case .constant(let value):
        for place in block.range { weights[place] = value }
      case .glorot(let fanIn, let fanOut):
        var generator = seed.child("weights", index).generator()
        let bound = (6 / Double(fanIn + fanOut)).squareRoot()
        for place in block.range {
          weights[place] = Float((2 * generator.unitInterval() - 1) * bound)
        }
      }
    }
    return weights
  }
}

/// Where the numbers of a pass are in one arena: columns a row of the batch or of the context table.
struct ActivationLayout: Hashable, Sendable {
  /// Room for some numbers of every row.
  struct Slot: Hashable, Sendable {
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
