import Foundation

/// Where values stand along an axis and where it has ticks.
///
/// Linear ticks are multiples of 1, 2 or 5 times a power of ten (Heckbert 1990, "Nice Numbers for Graph Labels", Graphics
/// Gems); logarithmic ones are powers of ten, with 2 and 5 between when there are few.
struct AxisScale {
  let low: Double
  let high: Double
  let isLogarithmic: Bool
  let ticks: [Double]

  /// A scale that shows values.
  ///
  /// - Parameter fromZero: Whether it starts at zero, as lengths must.
  init(_ values: [Double], isLogarithmic: Bool, fromZero: Bool = false) {
    self.isLogarithmic = isLogarithmic
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if isLogarithmic {
      if low <= 0 { low = 1 }
      if high <= low { high = low * 10 }
      let first = log10(low)
      let last = log10(high)
      let margin = max(0.02, (last - first) * 0.03)
      self.low = pow(10, first - margin)
      self.high = pow(10, last + margin)
      let steps: [Double] =
        last - first <= 1 ? [1, 1.5, 2, 3, 5, 7] : last - first <= 3 ? [1, 2, 5] : [1]
      let stride = max(1, Int(((last - first) / 8).rounded(.up)))
      var ticks: [Double] = []
      for power in Int(first.rounded(.down))...Int(last.rounded(.up)) where power % stride == 0 {
        for step in steps {
          let tick = step * pow(10, Double(power))
          if tick >= self.low, tick <= self.high { ticks.append(tick) }
        }
      }
      self.ticks = ticks
      return
    }
    if fromZero {
      low = min(0, low)
      high = max(0, high)
    }
    if high - low <= max(1e-290, 1e-12 * max(abs(low), abs(high))) {
      let room = max(abs(low), abs(high)) < 1e-290 ? 1 : abs(low) * 0.1
      if !fromZero || low != 0 { low -= room }
      high += room
    }
    let rough = (high - low) / 6
    let power = pow(10, log10(rough).rounded(.down))
    let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? 10 * power
    let margin = (high - low) * 0.03
    self.low = fromZero && low == 0 ? 0 : low - margin
    self.high = high + margin
    var ticks: [Double] = []
    var index = (self.low / step).rounded(.up)
    while index * step <= self.high, ticks.count < 20 {
      ticks.append(index * step)
      index += 1
    }
    self.ticks = ticks
  }

  /// Share of the axis below a value, in `[0, 1]` for values on it.
  func share(of value: Double) -> Double {
    isLogarithmic
      ? (log10(value) - log10(low)) / (log10(high) - log10(low)) : (value - low) / (high - low)
  }
}

extension Chart {
  /// The scales of both axes; along bars, of the length of whole stacks.
  var scales: (x: AxisScale, y: AxisScale) {
    let places = series.flatMap(\.places)
    guard kind == .bars else {
      return (
        AxisScale(places.map(\.x), isLogarithmic: x.isLogarithmic),
        AxisScale(places.map(\.y), isLogarithmic: y.isLogarithmic)
      )
    }
    var totals = [Double](repeating: 0, count: max(1, categories.count))
    for place in places where totals.indices.contains(Int(place.x)) {
      totals[Int(place.x)] += place.y
    }
    return (
      AxisScale(totals, isLogarithmic: x.isLogarithmic, fromZero: !x.isLogarithmic),
      AxisScale([], isLogarithmic: false)
    )
  }
}
