public import Accelerator
public import Workload

/// Mappings in the flat form the hot loop reads, all of one layer and one architecture.
///
/// A record is `levelCount + loopCapacity` words. Word `i < levelCount` describes level `i`: index after its last
/// temporal, spatial-Y and spatial-X loop in bits 0-7, 8-15, 16-23, and the keep set in bits 24-31 (bit *t* set when
/// operand *t* is stored). The following words are the loops, outermost first, level by level, temporal then Y
/// then X: dimension in bits 0-3, factor above. Loops with one iteration are left out; factors are perfect.
public struct PackedMappings: Sendable {
  /// Memory levels of the architecture.
  public let levelCount: Int
  /// Loops a record has room for.
  public let loopCapacity: Int
  /// All records, one after the other.
  public var words: [UInt32]

  /// Words of one record.
  @inlinable public var stride: Int { levelCount + loopCapacity }
  /// Number of records.
  @inlinable public var count: Int { words.count / stride }

  /// Creates an empty batch.
  ///
  /// - Parameters:
  ///   - levelCount: How many levels the machine has.
  ///   - loopCapacity: At most `Mapping.largestLoopCount`.
  public init(levelCount: Int, loopCapacity: Int = 32) {
    precondition(
      (1...Mapping.largestLoopCount).contains(loopCapacity), "loop capacity out of range")
    self.levelCount = levelCount
    self.loopCapacity = loopCapacity
    words = []
  }

  /// Appends a mapping.
  ///
  /// - Precondition: The mapping is perfect, has `levelCount` levels and at most `loopCapacity` loops.
  public mutating func append(_ mapping: Mapping) {
    precondition(mapping.isPerfect, "the packed form holds perfect factors only")
    appendFactors(of: mapping)
  }

  /// Appends the loops of a mapping as if no loop had a residual.
  mutating func appendFactors(of mapping: Mapping) {
    precondition(mapping.nests.count == levelCount, "the batch is for another architecture")
    let base = words.count
    words.append(contentsOf: repeatElement(0, count: stride))
    words.withUnsafeMutableBufferPointer {
      PackedMappings.write(mapping, to: UnsafeMutableBufferPointer(rebasing: $0[base...]))
    }
  }

  /// Writes one record; residuals are left out.
  ///
  /// - Precondition: The loops fit behind the level words.
  static func write(_ mapping: Mapping, to record: UnsafeMutableBufferPointer<UInt32>) {
    let levelCount = mapping.nests.count
    var next = levelCount
    func write(_ loops: [Loop]) -> UInt32 {
      for loop in loops {
        precondition(next < record.count, "the mapping has more loops than the record has room for")
        record[next] = UInt32(loop.factor) << 4 | UInt32(loop.dimension)
        next += 1
      }
      return UInt32(next - levelCount)
    }
    for (level, nest) in mapping.nests.enumerated() {
      var header = write(nest.temporal)
      header |= write(nest.spatialY) << 8
      header |= write(nest.spatialX) << 16
      for (operand, keeps) in nest.keeps.enumerated() where keeps {
        header |= 1 << UInt32(24 + operand)
      }
      record[level] = header
    }
  }

  /// The mapping at a position of the batch.
  ///
  /// - Throws: `MappingError` when the words do not describe a mapping of the layer.
  public func mapping(at position: Int, for layer: Layer, on architecture: Architecture)
    throws(MappingError) -> Mapping
  {
    let base = position * stride
    var start = 0
    var nests: [LoopNest] = []
    for level in 0..<levelCount {
      let header = words[base + level]
      let ends = (0..<3).map { Int(header >> UInt32(8 * $0) & 0xff) }
      let loops = { (from: Int, to: Int) in
        (from..<to).map { (index: Int) -> Loop in
          let word = self.words[base + self.levelCount + index]
          return Loop(dimension: Int(word & 0xf), factor: Int(word >> 4))
        }
      }
      nests.append(
        LoopNest(
          temporal: loops(start, ends[0]), spatialX: loops(ends[1], ends[2]),
          spatialY: loops(ends[0], ends[1]),
          keeps: layer.operands.indices.map { header >> UInt32(24 + $0) & 1 == 1 }))
      start = ends[2]
    }
    return try Mapping(nests: nests, for: layer, on: architecture)
  }
}
