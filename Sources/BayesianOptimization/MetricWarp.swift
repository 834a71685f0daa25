import Foundation
import GaussianProcesses

/// A strictly increasing map from measured values to numbers that suit a Gaussian process.
///
/// Values are first held within `1e150`, so that sums of squares stay finite, and warped ones within 8 standard deviations
/// above and 50 below the mean of those it was made from: how terrible a terrible design is says nothing about good ones.
struct MetricWarp: Hashable, Sendable {
  /// The form before standardization.
  enum Form: Hashable, Sendable {
    case linear
    /// The natural logarithm; of positive values.
    case log
    /// `sign(t) log(1 + |t| / scale)` of `t = value - center`: linear near the center, logarithmic far from it.
    case signedLog(center: Double, scale: Double)
  }

  let form: Form
  private let center: Double
  private let scale: Double

  init(_ form: Form, _ values: [Double]) {
    self.form = form
    let raw = values.map { Self.apply(form, $0) }
    let count = Double(max(1, raw.count))
    let mean = raw.reduce(0) { $0 + $1 / count }
    let variance = raw.reduce(0) { $0 + ($1 - mean) / count * ($1 - mean) }
    center = mean
    let deviation = variance.squareRoot()
    scale = deviation > 1e-12 * max(abs(mean), 1e-300) ? deviation : max(abs(mean), 1)
  }

  /// What a value becomes.
  func warped(_ value: Double) -> Double {
    min(8, max(-50, (Self.apply(form, value) - center) / scale))
  }

  /// The logarithm of the derivative at a value.
  func logSlope(_ value: Double) -> Double {
    let value = Self.held(value)
    let slope: Double
    switch form {
    case .linear: slope = 0
    case .log: slope = -Foundation.log(max(value, 1e-300))
    case .signedLog(let center, let scale): slope = -Foundation.log(abs(value - center) + scale)
    }
    return slope - Foundation.log(scale)
  }

  private static func held(_ value: Double) -> Double { min(1e150, max(-1e150, value)) }

  private static func apply(_ form: Form, _ value: Double) -> Double {
    let value = held(value)
    switch form {
    case .linear: return value
    case .log: return Foundation.log(max(value, 1e-300))
    case .signedLog(let center, let scale):
      let t = value - center
      return t < 0 ? -log1p(-t / scale) : log1p(t / scale)
    }
  }

  /// The forms worth comparing for values, the plainest first.
  ///
  /// - Parameter center: Where resolution matters: the bound of a limit, or the best cost.
  static func candidates(for values: [Double], around center: Double) -> [Form] {
    var forms: [Form] = [.linear]
    let smallest = values.min() ?? 0
    let largest = values.max() ?? 0
    if smallest > 0, largest > 2 * smallest { forms.append(.log) }
    let distances = values.map { abs(held($0) - held(center)) }.filter { $0 > 0 }.sorted()
    guard let farthest = distances.last, distances.count >= 4 else { return forms }
    for share in [0.15, 0.5] {
      let scale = distances[Int(share * Double(distances.count))]
      if farthest > 4 * scale { forms.append(.signedLog(center: held(center), scale: scale)) }
    }
    return forms
  }
}
