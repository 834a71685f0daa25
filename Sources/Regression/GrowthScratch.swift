/// The work space of one growing tree: gradients of the rows at hand, and sums by bin or rows by value.
final class GrowthScratch {
  /// `H` of every row is 1.
  private var hasUnitWeights = true
  private let gradients: UnsafeMutablePointer<Double>
  private let weights: UnsafeMutablePointer<Double>
  /// Sums of `G` and `H` by bin, or of rows sorted by bin.
  private let sums: UnsafeMutablePointer<Double>
  private let sumWeights: UnsafeMutablePointer<Double>
  /// The bins of sorted rows.
  private let keys: UnsafeMutablePointer<UInt8>
  /// Entries of the sums in use.
  private var entryCount = 0

  init(rowCount: Int) {
    gradients = .allocate(capacity: max(1, rowCount))
    weights = .allocate(capacity: max(1, rowCount))
    sums = .allocate(capacity: 256)
    sumWeights = .allocate(capacity: 256)
    keys = .allocate(capacity: 256)
  }

  deinit {
    gradients.deallocate()
    weights.deallocate()
    sums.deallocate()
    sumWeights.deallocate()
    keys.deallocate()
  }

  /// Gathers gradients and weights of rows, in their order.
  func load(
    _ rows: UnsafeMutableBufferPointer<Int32>, _ gradients: [Double], _ hessians: [Double]?
  ) {
    hasUnitWeights = hessians == nil
    gradients.withUnsafeBufferPointer { source in
      for (place, row) in rows.enumerated() { self.gradients[place] = source[Int(row)] }
    }
    guard let hessians else { return }
    hessians.withUnsafeBufferPointer { source in
      for (place, row) in rows.enumerated() { weights[place] = source[Int(row)] }
    }
  }

  /// `G` and `H` of the first rows loaded.
  func totals(_ count: Int) -> (Double, Double) {
    var sum = 0.0
    var weight = hasUnitWeights ? Double(count) : 0
    for place in 0..<count { sum += gradients[place] }
    if !hasUnitWeights { for place in 0..<count { weight += weights[place] } }
    return (sum, weight)
  }

  /// Sums by bin; gives the lowest and highest bin in use.
  func count(
    _ rows: UnsafeMutableBufferPointer<Int32>, _ codes: UnsafeBufferPointer<UInt8>, _ base: Int,
    _ binCount: Int
  ) -> (first: UInt8, last: UInt8) {
    for bin in 0..<binCount {
      sums[bin] = 0
      sumWeights[bin] = 0
    }
    var first = UInt8.max
    var last = UInt8.min
    for place in 0..<rows.count {
      let code = codes[base + Int(rows[place])]
      first = min(first, code)
      last = max(last, code)
      sums[Int(code)] += gradients[place]
      sumWeights[Int(code)] += hasUnitWeights ? 1 : weights[place]
    }
    entryCount = binCount
    return (first, last)
  }

  /// Sorts at most 63 rows by bin, for columns with many more bins than rows; gives the lowest and highest bin.
  func sort(
    _ rows: UnsafeMutableBufferPointer<Int32>, _ codes: UnsafeBufferPointer<UInt8>, _ base: Int
  ) -> (first: UInt8, last: UInt8) {
    for place in 0..<rows.count {
      let code = codes[base + Int(rows[place])]
      var hole = place
      while hole > 0 && keys[hole - 1] > code {
        keys[hole] = keys[hole - 1]
        sums[hole] = sums[hole - 1]
        sumWeights[hole] = sumWeights[hole - 1]
        hole -= 1
      }
      keys[hole] = code
      sums[hole] = gradients[place]
      sumWeights[hole] = hasUnitWeights ? 1 : weights[place]
    }
    entryCount = rows.count
    return (keys[0], keys[rows.count - 1])
  }

  /// Compares all splits of a column with the best so far.
  func scan(
    _ node: TreeGrower.NodeView, _ column: Int, isSorted: Bool, _ options: TreeGrower.Options,
    _ best: inout TreeGrower.Split
  ) {
    var sum = 0.0
    var weight = 0.0
    for entry in 0..<(entryCount - 1) {
      sum += sums[entry]
      weight += sumWeights[entry]
      let bin = isSorted ? keys[entry] : UInt8(entry)
      guard isSorted ? keys[entry + 1] != bin : sumWeights[entry] > 0 else { continue }
      let gain = node.gain(sum, weight, options)
      if gain > best.gain { best = TreeGrower.Split(gain: gain, column: column, cut: bin) }
    }
  }

  /// Compares one split of a column with the best so far.
  func test(
    _ node: TreeGrower.NodeView, _ column: Int, isSorted: Bool,
    _ drawn: (cut: UInt8, threshold: Double), _ options: TreeGrower.Options,
    _ best: inout TreeGrower.Split
  ) {
    var sum = 0.0
    var weight = 0.0
    for entry in 0..<entryCount {
      guard (isSorted ? keys[entry] : UInt8(entry)) <= drawn.cut else { break }
      sum += sums[entry]
      weight += sumWeights[entry]
    }
    let gain = node.gain(sum, weight, options)
    guard gain > best.gain else { return }
    best = TreeGrower.Split(
      gain: gain, column: column, cut: drawn.cut, threshold: drawn.threshold)
  }
}

extension TreeGrower.NodeView {
  /// What splitting off `G` and `H` gains; below 0 when a leaf would be too light.
  @inline(__always)
  func gain(_ sum: Double, _ weight: Double, _ options: TreeGrower.Options) -> Double {
    let otherWeight = self.weight - weight
    guard weight >= options.leafWeight && otherWeight >= options.leafWeight else { return -1 }
    let other = self.sum - sum
    return sum * sum / (weight + options.penalty)
      + other * other / (otherWeight + options.penalty) - base
  }
}
