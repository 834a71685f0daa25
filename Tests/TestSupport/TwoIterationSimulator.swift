public import Accelerator
public import Workload

/// Deliveries as Timeloop counts them (rule 3c): every loop runs iterations 0 and 1 only, the latter in place of all.
///
/// Perfect mappings only. One child is watched, at position 0; for each boundary and tensor it holds the last tile
/// and the last translation.
///
/// - A tile that has not moved loads nothing.
/// - A move with no translation remembered loads what is new and remembers the translation.
/// - A move by the remembered translation loads what is new.
/// - Any other move loads the whole tile and forgets the translation.
///
/// What is new is the tile without its overlap with the last one, if they differ along one axis only; otherwise all.
public struct TwoIterationSimulator {
  private let layer: Layer
  private let nests: [LoopNest]

  /// Creates a simulator of a perfect mapping.
  public init(_ mapping: Mapping, of layer: Layer) {
    precondition(mapping.isPerfect, "two iterations stand for all only if they are alike")
    self.layer = layer
    nests = mapping.nests
  }

  /// Words delivered to one child of the level over the whole layer.
  ///
  /// - Parameter level: Not the innermost.
  public func delivered(_ operand: Int, below level: Int) -> Int {
    var loops: [Loop] = []
    for outer in 0...level { loops += nests[outer].temporal }
    var extent = layer.dimensions.map { _ in 1 }
    for inner in (level + 1)..<nests.count {
      for loop in nests[inner].temporal + nests[inner].spatialY + nests[inner].spatialX {
        extent[loop.dimension] *= loop.factor
      }
    }
    let size = layer.operands[operand].axes.map { $0.extent(of: extent) }
    // The steps of the loops need the extents inside, fan-outs included.
    var steps: [Int] = []
    for outer in (0...level).reversed() {
      for loop in nests[outer].spatialY + nests[outer].spatialX {
        extent[loop.dimension] *= loop.factor
      }
      for loop in nests[outer].temporal.reversed() {
        steps.insert(extent[loop.dimension], at: 0)
        extent[loop.dimension] *= loop.factor
      }
    }
    var words = 0
    var last: [Int]?
    var translation: [Int]?
    for visit in 0..<(1 << loops.count) {
      var weight = 1
      var start = layer.dimensions.map { _ in 0 }
      for (k, loop) in loops.enumerated() where visit >> (loops.count - 1 - k) & 1 == 1 {
        weight *= loop.factor - 1
        start[loop.dimension] += steps[k]
      }
      let corner = layer.operands[operand].axes.map { axis in
        axis.terms.reduce(0) { $0 + $1.coefficient * start[$1.dimension] }
      }
      let full = size.reduce(1, *)
      guard let before = last else {
        words += weight * full
        last = corner
        continue
      }
      let move = zip(corner, before).map { $0 - $1 }
      last = corner
      guard move.contains(where: { $0 != 0 }) else { continue }
      if translation == nil || translation == move {
        translation = move
        words += weight * newPart(of: size, after: move)
      } else {
        words += weight * full
        translation = nil
      }
    }
    return words
  }

  /// Words of a box that were not in a box of the same size, the one before a move.
  private func newPart(of size: [Int], after move: [Int]) -> Int {
    let full = size.reduce(1, *)
    let moved = move.indices.filter { move[$0] != 0 }
    guard moved.count == 1, abs(move[moved[0]]) < size[moved[0]] else { return full }
    return full / size[moved[0]] * abs(move[moved[0]])
  }
}
