/// Which scores of a list of designs are asked for: the best few of every group, as far as they are above a floor.
///
/// All others may be answered by anything that is not above the floor, nor above the best few: what a score is made of need not
/// be computed where a part of it tells already that the design will not be chosen.
struct ScoreDemand: Hashable, Sendable {
  /// How many of every group.
  var count: Int
  /// The group of every design.
  var groups: [Int]
  /// By group; scores up to it are of no use.
  var floors: [Double]

  /// The best `count` of all.
  init(best count: Int, of designCount: Int, above floor: Double = -.infinity) {
    self.count = count
    groups = [Int](repeating: 0, count: designCount)
    floors = [floor]
  }

  /// The best of every group.
  init(bestOfGroups groups: [Int], above floors: [Double]) {
    count = 1
    self.groups = groups
    self.floors = floors
  }
}

/// The best scores of every group so far.
struct DemandedScores {
  private let demand: ScoreDemand
  /// By group, descending.
  private var best: [[Double]]

  init(_ demand: ScoreDemand) {
    self.demand = demand
    best = [[Double]](repeating: [], count: demand.floors.count)
  }

  /// Whether a design whose score is at most `bound` may still be asked for.
  func mayNeed(_ design: Int, _ bound: Double) -> Bool {
    let group = demand.groups[design]
    guard bound > demand.floors[group] else { return false }
    return best[group].count < demand.count || bound > best[group][demand.count - 1]
  }

  mutating func know(_ design: Int, _ score: Double) {
    let group = demand.groups[design]
    guard score > demand.floors[group] else { return }
    let place = best[group].firstIndex { score > $0 } ?? best[group].count
    guard place < demand.count else { return }
    best[group].insert(score, at: place)
    if best[group].count > demand.count { best[group].removeLast() }
  }
}
