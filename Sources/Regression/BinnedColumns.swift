import LinearAlgebra

/// Columns as small numbers: the bin each value falls into, so that splits are found by counting.
///
/// A column of at most 256 distinct values has a bin for each and nothing is lost; others have 256 bins of about equally
/// many rows. Edges are halfway between neighboring values; a value on an edge belongs to the lower bin.
struct BinnedColumns: Sendable {
  let rowCount: Int
  /// The bin of a row, column after column.
  let codes: [UInt8]
  /// For each column, the upper edges of all bins but the last, ascending.
  let edges: [[Double]]

  /// - Complexity: O(*d n* log *n*).
  init(_ points: Matrix) {
    rowCount = points.rowCount
    var codes: [UInt8] = []
    codes.reserveCapacity(points.rowCount * points.columnCount)
    var edges: [[Double]] = []
    for index in 0..<points.columnCount {
      let values = points.column(index)
      let own = Self.edges(values.sorted())
      codes += values.map { Self.bin(of: $0, own) }
      edges.append(own)
    }
    self.codes = codes
    self.edges = edges
  }

  var columnCount: Int { edges.count }

  private static func edges(_ sorted: [Double]) -> [Double] {
    // Where a new value begins.
    let starts = sorted.indices.dropFirst().filter { sorted[$0] != sorted[$0 - 1] }
    guard starts.count > 255 else { return starts.map { middle(sorted[$0 - 1], sorted[$0]) } }
    var result: [Double] = []
    var place = 0
    for bin in 1...255 {
      let wanted = bin * sorted.count / 256
      while place < starts.count && starts[place] < wanted { place += 1 }
      guard place < starts.count else { break }
      result.append(middle(sorted[starts[place] - 1], sorted[starts[place]]))
      place += 1
    }
    return result
  }

  /// A number at least `low` and below `high`.
  private static func middle(_ low: Double, _ high: Double) -> Double {
    let middle = max(low, 0.5 * low + 0.5 * high)
    return middle < high ? middle : low
  }

  private static func bin(of value: Double, _ edges: [Double]) -> UInt8 {
    var low = 0
    var high = edges.count
    while low < high {
      let middle = (low + high) / 2
      if value <= edges[middle] { high = middle } else { low = middle + 1 }
    }
    return UInt8(low)
  }
}
