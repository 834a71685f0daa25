/// How well one list of numbers orders another, over all pairs.
///
/// - Complexity: O(*n* log *n*).
/// - SeeAlso: Kendall 1938, "A new measure of rank correlation"; Knight 1966, "A computer method for calculating
///   Kendall's tau with ungrouped data".
public struct RankCorrelation: Hashable, Sendable {
  /// Pairs both lists order alike, strictly.
  public let concordantCount: Int
  /// Pairs the lists order in opposite ways.
  public let discordantCount: Int
  /// Pairs that are equal in the first list.
  public let firstTieCount: Int
  /// Pairs that are equal in the second list.
  public let secondTieCount: Int
  /// All pairs.
  public let pairCount: Int

  /// Counts pairs.
  ///
  /// - Parameters:
  ///   - first: Finite numbers.
  ///   - second: As many finite numbers.
  public init(_ first: [Double], _ second: [Double]) {
    precondition(first.count == second.count, "lists of one length are compared")
    let n = first.count
    let order = first.indices.sorted {
      (first[$0], second[$0], $0) < (first[$1], second[$1], $1)
    }
    func ties(_ isEqual: (Int, Int) -> Bool) -> Int {
      var total = 0
      var run = 0
      for place in order.indices {
        run = place > 0 && isEqual(order[place - 1], order[place]) ? run + 1 : 0
        total += run
      }
      return total
    }
    let firstTies = ties { first[$0] == first[$1] }
    let bothTies = ties { first[$0] == first[$1] && second[$0] == second[$1] }
    var values = order.map { second[$0] }
    var room = values
    // Within equal numbers of the first list the second one ascends, so no inversion is counted there.
    let discordant = Self.inversions(&values, &room, 0, n)
    var secondTies = 0
    var run = 0
    for place in values.indices {
      run = place > 0 && values[place - 1] == values[place] ? run + 1 : 0
      secondTies += run
    }
    pairCount = n * (n - 1) / 2
    firstTieCount = firstTies
    secondTieCount = secondTies
    discordantCount = discordant
    concordantCount = pairCount - firstTies - secondTies + bothTies - discordant
  }

  /// The published measure, in `[-1, 1]`: ties count as concordant; `nil` for less than two numbers.
  ///
  /// A constant prediction is perfect by it, so it is for comparison with PRIME only.
  ///
  /// PRIME's release computes `2 P / (n (n - 1)) - 1` with `P` the ordered pairs that are not discordant.
  public var tiesConcordant: Double? {
    guard pairCount > 0 else { return nil }
    return 1 - 2 * Double(discordantCount) / Double(pairCount)
  }

  /// Kendall's tau-b, in `[-1, 1]`, which corrects for ties; `nil` when one of the lists is constant.
  ///
  /// - SeeAlso: Kendall 1945, "The treatment of ties in ranking problems".
  public var tauB: Double? {
    let first = Double(pairCount - firstTieCount)
    let second = Double(pairCount - secondTieCount)
    guard first > 0, second > 0 else { return nil }
    return Double(concordantCount - discordantCount) / (first.squareRoot() * second.squareRoot())
  }

  /// Sorts a range and counts the strict inversions in it.
  private static func inversions(
    _ values: inout [Double], _ room: inout [Double], _ start: Int, _ end: Int
  ) -> Int {
    guard end - start > 1 else { return 0 }
    let middle = (start + end) / 2
    var count = inversions(&values, &room, start, middle)
    count += inversions(&values, &room, middle, end)
    var (left, right) = (start, middle)
    for place in start..<end {
      if right >= end || (left < middle && values[left] <= values[right]) {
        room[place] = values[left]
        left += 1
      } else {
        count += middle - left
        room[place] = values[right]
        right += 1
      }
    }
    for place in start..<end { values[place] = room[place] }
    return count
  }
}
