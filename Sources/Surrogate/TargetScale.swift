import Foundation

/// How measured costs become numbers around zero for a network, and back.
///
/// Costs are minimized: of a metric to maximize the cost is its negative. Values far outside the middle of the data are
/// pulled to a fence first, so that a row of 1e12 does not make all others equal.
public struct TargetScale: Hashable, Sendable, Codable {
  /// What is standardized.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// The cost itself, as PRIME has it.
    case raw
    /// Its logarithm; every cost must be above zero.
    case log
    /// The normal quantile of its rank.
    case rank
    /// `log` when all costs are above zero and the largest is more than three times the smallest, else `raw`.
    case automatic
  }

  /// What is standardized; never `automatic`.
  public let kind: Kind
  /// Mean of the transformed costs within the fences.
  public let center: Double
  /// Deviation of the same, 1 when all are equal.
  public let deviation: Double
  /// Transformed costs are at least this.
  public let lowFence: Double
  /// Transformed costs are at most this.
  public let highFence: Double
  /// For `rank`: the sorted costs, at most 1,000 of them, evenly spaced among all.
  public let quantiles: [Double]

  /// Fences are this many robust deviations (quartile distance / 1.349) from the median, where the quartiles differ.
  public static let fence = 8.0

  /// Fits a scale.
  ///
  /// - Throws: `SurrogateError.data` without costs, for a cost that is no finite number, and for a cost that is not
  ///   above zero with `log`.
  public init(fitting costs: [Double], kind: Kind = .automatic) throws(SurrogateError) {
    guard !costs.isEmpty else {
      throw .data(
        what: "targets", got: "no feasible design", expected: "at least one",
        hint: "loosen the limits, or log more simulations")
    }
    if let bad = costs.first(where: { !$0.isFinite }) {
      throw .data(what: "targets", got: "\(bad)", expected: "finite numbers", hint: nil)
    }
    let sorted = costs.sorted()
    let (least, most) = (sorted[0], sorted[sorted.count - 1])
    var kind = kind
    if kind == .automatic { kind = least > 0 && most > 3 * least ? .log : .raw }
    if kind == .log, least <= 0 {
      throw .data(
        what: "targets on a log scale", got: "\(least)", expected: "numbers above zero",
        hint: "use the raw scale or ranks")
    }
    self.kind = kind
    let last = sorted.count - 1
    quantiles =
      kind == .rank
      ? sorted.count <= 1_000
        ? sorted : (0..<1_000).map { sorted[Int((Double(last * $0) / 999).rounded())] } : []
    guard kind != .rank else {
      (center, deviation) = (0, 1)
      (lowFence, highFence) = (-.greatestFiniteMagnitude, .greatestFiniteMagnitude)
      return
    }
    let moved = kind == .log ? sorted.map { Foundation.log($0) } : sorted
    let spread = (moved[last * 3 / 4] - moved[last / 4]) / 1.349
    let middle = moved[last / 2]
    lowFence = spread > 0 ? max(moved[0], middle - Self.fence * spread) : moved[0]
    highFence = spread > 0 ? min(moved[last], middle + Self.fence * spread) : moved[last]
    // Scaled down first: the sum of squares of numbers near 1e300 would overflow.
    let unit = max(abs(lowFence), abs(highFence), .leastNormalMagnitude)
    let (low, high) = (lowFence, highFence)
    let fenced = moved.map { min(max($0, low), high) }
    let mean = fenced.reduce(0) { $0 + $1 / unit } / Double(fenced.count)
    let variance =
      fenced.reduce(0) { $0 + ($1 / unit - mean) * ($1 / unit - mean) } / Double(fenced.count)
    center = mean * unit
    let measured = variance.squareRoot() * unit
    deviation = measured > 1e-12 * max(abs(center), .leastNormalMagnitude) ? measured : 1
  }

  /// The number a network learns for a cost.
  public func standardized(_ cost: Double) -> Double {
    if kind == .rank { return Self.normalQuantile(rank(of: cost)) }
    let moved = kind == .log ? Foundation.log(max(cost, .leastNormalMagnitude)) : cost
    return (min(max(moved, lowFence), highFence) - center) / deviation
  }

  /// The cost that a number stands for; of ranks one between the two nearest costs.
  public func cost(of standardized: Double) -> Double {
    guard kind != .rank else {
      let share = 0.5 * erfc(-standardized / 2.0.squareRoot())
      let place = min(max(share * Double(quantiles.count) - 0.5, 0), Double(quantiles.count - 1))
      let low = Int(place)
      let high = min(low + 1, quantiles.count - 1)
      return quantiles[low] + (place - Double(low)) * (quantiles[high] - quantiles[low])
    }
    let moved = center + deviation * standardized
    return kind == .log ? exp(moved) : moved
  }

  /// The share of costs below, counting half of the equal ones, inside `(0, 1)`.
  private func rank(of cost: Double) -> Double {
    func count(_ isBelow: (Double) -> Bool) -> Int {
      var (low, high) = (0, quantiles.count)
      while low < high {
        let middle = (low + high) / 2
        if isBelow(quantiles[middle]) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    let below = Double(count { $0 < cost })
    let notAbove = Double(count { $0 <= cost })
    let share = (below + notAbove) / 2 / Double(quantiles.count)
    let margin = 0.5 / Double(quantiles.count)
    return min(max(share, margin), 1 - margin)
  }

  /// The number that a standard normal variable is below with a probability, by bisection to 1e-12.
  private static func normalQuantile(_ probability: Double) -> Double {
    var (low, high) = (-9.0, 9.0)
    while high - low > 1e-12 {
      let middle = (low + high) / 2
      if 0.5 * erfc(-middle / 2.0.squareRoot()) < probability {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }
}
