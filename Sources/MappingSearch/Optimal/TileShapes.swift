import Workload

/// All shapes a tile can have: a divisor of every bound, numbered with mixed radix.
///
/// Only dimensions with more than one iteration count; they are numbered `0..<count` in the layer's order. Legend: `n`
/// dimensions, `S` shapes.
final class TileShapes {
  /// Positions in the layer of the dimensions.
  let dimensions: [Int]
  let bounds: [Int]
  /// Divisors of each bound, increasing.
  let divisors: [[Int]]
  /// Step of the number when the divisor of a dimension goes up by one place.
  let stride: [Int]
  let count: Int
  /// For each dimension, `divisors x divisors`: place of the quotient, or -1.
  let quotient: UnsafeMutablePointer<UnsafeMutablePointer<Int16>>
  /// Number of dimensions.
  let n: Int
  private let divisorCount: UnsafeMutablePointer<Int>
  private let strides: UnsafeMutablePointer<Int>
  /// `S x n`: place of the divisor of each dimension.
  let digits: UnsafeMutablePointer<UInt8>
  /// `S`: product of all extents.
  let volume: UnsafeMutablePointer<Double>
  /// `T x S`: elements of the tile of each operand.
  let tile: UnsafeMutablePointer<Double>

  /// - Returns: `nil` when there are more than `limit` shapes, or a bound has more than 255 divisors.
  init?(_ layer: Layer, limit: Int) {
    dimensions = layer.dimensions.indices.filter { layer.dimensions[$0].bound > 1 }
    bounds = dimensions.map { layer.dimensions[$0].bound }
    divisors = bounds.map { bound in
      var small: [Int] = []
      var large: [Int] = []
      var candidate = 1
      while candidate * candidate <= bound {
        if bound % candidate == 0 {
          small.append(candidate)
          if candidate * candidate != bound { large.append(bound / candidate) }
        }
        candidate += 1
      }
      return small + large.reversed()
    }
    var strides: [Int] = []
    var total = 1
    for list in divisors {
      guard list.count <= Int(UInt8.max) else { return nil }
      strides.append(total)
      let (next, overflow) = total.multipliedReportingOverflow(by: list.count)
      guard !overflow, next <= limit else { return nil }
      total = next
    }
    stride = strides
    count = total
    n = dimensions.count
    quotient = .allocate(capacity: max(n, 1))
    divisorCount = .allocate(capacity: max(n, 1))
    self.strides = .allocate(capacity: max(n, 1))
    for (d, list) in divisors.enumerated() {
      divisorCount[d] = list.count
      self.strides[d] = stride[d]
      quotient[d] = .allocate(capacity: list.count * list.count)
      for (i, a) in list.enumerated() {
        for (j, b) in list.enumerated() {
          quotient[d][i * list.count + j] =
            a % b == 0 ? Int16(list.firstIndex(of: a / b) ?? -1) : -1
        }
      }
    }
    let operandCount = layer.operands.count
    digits = .allocate(capacity: count * max(dimensions.count, 1))
    volume = .allocate(capacity: count)
    tile = .allocate(capacity: count * operandCount)
    var extents = [Int](repeating: 1, count: layer.dimensions.count)
    for shape in 0..<count {
      var product = 1.0
      for (i, list) in divisors.enumerated() {
        let digit = shape / strides[i] % list.count
        digits[shape * dimensions.count + i] = UInt8(digit)
        extents[dimensions[i]] = list[digit]
        product *= Double(list[digit])
      }
      volume[shape] = product
      for (t, operand) in layer.operands.enumerated() {
        tile[t * count + shape] = Double(operand.volume(extents: extents))
      }
    }
  }

  deinit {
    for d in 0..<n { quotient[d].deallocate() }
    quotient.deallocate()
    divisorCount.deallocate()
    strides.deallocate()
    digits.deallocate()
    volume.deallocate()
    tile.deallocate()
  }

  /// Extent of a dimension in a shape.
  @inline(__always)
  func extent(_ shape: Int, _ dimension: Int) -> Int {
    divisors[dimension][Int(digits[shape * dimensions.count + dimension])]
  }

  /// The shape after splitting by factors at the given places, or `-1 - d` when the first factor that does not divide it
  /// is that of dimension *d*.
  @inline(__always)
  func child(_ shape: Int, _ places: UnsafePointer<UInt8>) -> Int {
    var child = shape
    for d in 0..<n where places[d] != 0 {
      let digit = Int(digits[shape &* n &+ d])
      let place = Int(quotient[d][digit &* divisorCount[d] &+ Int(places[d])])
      guard place >= 0 else { return -1 - d }
      child = child &- (digit &- place) &* strides[d]
    }
    return child
  }

  /// The shape whose divisors are at the given places.
  func whole(of places: UnsafePointer<UInt8>) -> Int {
    (0..<n).reduce(0) { $0 + Int(places[$1]) * strides[$1] }
  }

  /// The largest shape: the whole layer.
  var whole: Int { count - 1 }
}
