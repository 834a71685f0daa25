public import Workload

extension Mapping {
  /// Instructions a control processor needs that unrolls all temporal loops outside a level.
  ///
  /// One instruction starts a pass of everything below, one moves a tile of a tensor that changes between passes (stays
  /// of a tile cost nothing), and results that come back unfinished are also moved in again. Loops inside the level run in
  /// sequencers of their own and need none. A tensor's tile changes with every loop outside that indexes it, and with
  /// every loop around such a loop.
  ///
  /// - Parameters:
  ///   - layer: The layer the mapping was made for.
  ///   - level: Position of the level, at least 1.
  /// - Returns: At most `Int.max`.
  /// - Complexity: O(loops x tensors).
  public func instructionCount(of layer: Layer, outside level: Int) -> Int {
    precondition(nests.indices.contains(level), "a level of the mapping")
    let loops = nests[..<level].flatMap(\.temporal)
    let passes = Self.product(loops[...])
    var count = passes
    for operand in layer.operands {
      let innermost = loops.lastIndex { operand.isIndexed(by: $0.dimension) }
      let changes = innermost.map { Self.product(loops[...$0]) } ?? 1
      count = Self.sum(count, changes)
      guard operand.role == .result else { continue }
      let tiles = Self.product(
        loops.filter { operand.isIndexed(by: $0.dimension) }[...])
      count = Self.sum(count, changes - tiles)
    }
    return count
  }

  private static func product(_ loops: ArraySlice<Loop>) -> Int {
    loops.reduce(1) {
      let (value, overflow) = $0.multipliedReportingOverflow(by: $1.factor)
      return overflow ? Int.max : value
    }
  }

  private static func sum(_ a: Int, _ b: Int) -> Int {
    let (value, overflow) = a.addingReportingOverflow(b)
    return overflow ? Int.max : value
  }
}
