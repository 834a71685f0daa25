public import Execution
import Foundation

/// Which feasible rows a training does not see, so that models can be compared on them.
public enum HoldOut: Hashable, Sendable, Codable {
  /// None; the last weights are kept.
  case none
  /// A random share of every context.
  case random(share: Double)
  /// The best share of every context: does the model order designs better than all it has seen?
  ///
  /// Ties with the worst hidden row are hidden, too, unless no row would be left.
  case best(share: Double)

  /// Splits rows.
  ///
  /// - Parameters:
  ///   - rows: Feasible rows.
  ///   - targets: Cost of every row of the data, lower is better.
  ///   - contexts: Context of every row of the data.
  ///   - seed: Of every draw.
  /// - Returns: Rows to train on and rows to compare on, both ascending; a context keeps at least one row to train on.
  /// - Throws: `SurrogateError.option` for a share outside 0 to 0.9.
  public func split(
    _ rows: [Int], targets: [Float], contexts: [Int32], seed: Seed
  ) throws(SurrogateError) -> (training: [Int], heldOut: [Int]) {
    let share: Double
    switch self {
    case .none: return (rows.sorted(), [])
    case .random(let value), .best(let value): share = value
    }
    guard share >= 0, share <= 0.9 else {
      throw .option(name: "held-out share", got: "\(share)", expected: "a number in 0...0.9")
    }
    var groups: [[Int]] = []
    for row in rows.sorted() {
      let context = Int(contexts[row])
      while groups.count <= context { groups.append([]) }
      groups[context].append(row)
    }
    var training: [Int] = []
    var heldOut: [Int] = []
    for (context, group) in groups.enumerated() where !group.isEmpty {
      let count = min(group.count - 1, Int((share * Double(group.count)).rounded()))
      var chosen: Set<Int>
      switch self {
      case .best where count > 0:
        let order = group.sorted { (targets[$0], $0) < (targets[$1], $1) }
        let bound = targets[order[count - 1]]
        let tied = order.filter { targets[$0] <= bound }
        chosen = Set(tied.count < group.count ? tied : Array(order.prefix(count)))
      case .random:
        var order = group
        var generator = seed.child("hold out", context).generator()
        for place in 0..<count {
          order.swapAt(place, place + generator.index(below: order.count - place))
        }
        chosen = Set(order.prefix(count))
      default: chosen = []
      }
      for row in group {
        if chosen.contains(row) { heldOut.append(row) } else { training.append(row) }
      }
    }
    return (training.sorted(), heldOut.sorted())
  }
}
