/// The least number of hops to the children of a fan-out, whatever the layout of the split (rule 11).
///
/// Children fill the grid row by row in every layout, so the way to each and the way to all of them together are known. The
/// way to a group is at least the mean of the ways to its members, and the ways to all groups at least the way to all.
struct HopFloor {
  /// By number of children: sum of the ways to each; the way to all as one group.
  private let each: [Double]
  private let all: [Double]

  init(x: Int, y: Int) {
    var each = [0.0]
    var all = [0.0]
    var sum = 0.0
    // Ways are doubled, so that they are whole.
    var lowest = [Int](repeating: 0, count: x)
    var highest = [Int](repeating: 0, count: x)
    var vertical = 0
    for child in 0..<(x * y) {
      let column = child % x
      let row = 2 * (child / x) + 1 - y
      sum += Double(2 * column + abs(row)) / 2
      vertical -= highest[column] - lowest[column]
      lowest[column] = min(lowest[column], row)
      highest[column] = max(highest[column], row)
      vertical += highest[column] - lowest[column]
      each.append(child == 0 ? 0 : sum)
      all.append(child == 0 ? 0 : Double(2 * min(child, x - 1) + vertical) / 2)
    }
    self.each = each
    self.all = all
  }

  /// Least hops of all groups of up to `copies` children each.
  func hops(children: Int, copies: Double) -> Double {
    max(all[children], each[children] / copies)
  }
}
