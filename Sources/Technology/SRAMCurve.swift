import Foundation

/// CACTI's answer for one array, as natural logarithms, with energy and leakage freed of the supply.
struct SRAMPoint: Sendable {
  /// ln(pJ / V^2) per access.
  var readEnergy: Double
  /// ln(pJ / V^2) per access.
  var writeEnergy: Double
  /// ln(mW / V).
  var leakage: Double
  /// ln(mm^2).
  var area: Double
  /// ln(ns).
  var access: Double
  /// Random cycle in ns, not a logarithm: it jumps and is never interpolated.
  var cycle: Double
  /// Whether a size below the smallest row was answered with that row.
  var isClamped = false
  /// Whether a size above the largest row was extrapolated.
  var isExtrapolated = false

  /// The point `share` of the way to `other`; the cycle is the larger one.
  func mixed(with other: SRAMPoint, share: Double) -> SRAMPoint {
    guard share > 0 else { return self }
    let mix = { (a: Double, b: Double) in a + share * (b - a) }
    return SRAMPoint(
      readEnergy: mix(readEnergy, other.readEnergy),
      writeEnergy: mix(writeEnergy, other.writeEnergy), leakage: mix(leakage, other.leakage),
      area: mix(area, other.area), access: mix(access, other.access),
      cycle: max(cycle, other.cycle), isClamped: isClamped || other.isClamped,
      isExtrapolated: isExtrapolated || other.isExtrapolated)
  }
}

/// The rows of one flavor, node, bank count and word width, by size.
///
/// Between two sizes everything but the cycle is `ln`-linear over `ln` size: median error 1 to 4 %, 90th percentile
/// 5 to 16 % (read energy worst) on the half-step sizes held out of the table. Below the smallest size the smallest
/// row answers. Above the largest, energy grows as `S^0.54`, leakage and area as `S^0.96`, access and cycle as
/// `S^0.3`: exponents of one power law fitted per node to the same rows.
struct SRAMCurve: Sendable {
  /// Bits of one access.
  let wordBits: Int
  /// ln(bytes), ascending.
  private let sizes: [Double]
  private let points: [SRAMPoint]

  /// Rows in any order; read energy becomes its running maximum over size, so that it never falls with size.
  init(wordBits: Int, rows: [(bytes: Double, point: SRAMPoint)]) {
    let sorted = rows.sorted { $0.bytes < $1.bytes }
    var highest = -Double.infinity
    self.wordBits = wordBits
    sizes = sorted.map { log($0.bytes) }
    points = sorted.map { row in
      highest = max(highest, row.point.readEnergy)
      var point = row.point
      point.readEnergy = highest
      return point
    }
  }

  /// The array of a size in bytes.
  ///
  /// - Complexity: O(log rows).
  func point(bytes: Double) -> SRAMPoint {
    let size = log(bytes)
    var low = 0
    var high = sizes.count
    while low < high {
      let middle = (low + high) / 2
      if sizes[middle] < size { low = middle + 1 } else { high = middle }
    }
    guard low < sizes.count else { return extrapolated(to: size) }
    guard sizes[low] > size else { return points[low] }
    guard low > 0 else {
      var point = points[0]
      point.isClamped = true
      return point
    }
    let share = (size - sizes[low - 1]) / (sizes[low] - sizes[low - 1])
    return points[low - 1].mixed(with: points[low], share: share)
  }

  private func extrapolated(to size: Double) -> SRAMPoint {
    let last = sizes.count - 1
    let growth = size - sizes[last]
    var point = points[last]
    point.readEnergy += 0.54 * growth
    point.writeEnergy += 0.54 * growth
    point.leakage += 0.96 * growth
    point.area += 0.96 * growth
    point.access += 0.3 * growth
    point.cycle *= exp(0.3 * growth)
    point.isExtrapolated = true
    return point
  }
}
