import Execution
import Foundation

/// Where the weights of a network are in one flat vector, under which names, and how they begin.
struct ParameterLayout: Sendable {
  /// How a block of weights begins.
  enum Start: Sendable {
    /// All equal.
    case constant(Float)
    /// Uniform in `+-sqrt(6 / (fanIn + fanOut))`.
    ///
    /// - SeeAlso: Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
    ///   equation 16; the default of the layers PRIME is built from.
    case glorot(fanIn: Int, fanOut: Int)
  }

  /// A matrix of weights, row-major.
  struct Block: Sendable {
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
