import Foundation
import Interchange
import Study

extension SweepFile.Axis {
  /// Reads one member of `sweep`.
  init(_ node: SpecificationNode) throws(SpecificationError) {
    try node.checkKeys(["limit", "side", "values", "from", "to", "count", "spacing"])
    let expected = "a metric, a parameter, or an expression over parameters"
    let named = try node.required("limit", expected: expected)
    let quantity = try named.text(expected: expected)
    guard !quantity.contains(where: { "<>=".contains($0) }) else {
      throw named.wrong(
        expected: "what is limited, without a bound", hint: "bounds are values, or from, to, count")
    }
    var side = MetricLimit.Side.atMost
    if let sideNode = node.optional("side") {
      guard let known = MetricLimit.Side(rawValue: try sideNode.text()) else {
        throw sideNode.wrong(expected: "\"<=\" or \">=\"")
      }
      side = known
    }
    let finite = -1e300...1e300
    var values: [Double] = []
    if let list = node.optional("values") {
      for key in ["from", "to", "count", "spacing"] {
        if let extra = node.optional(key) {
          throw extra.wrong(expected: "no \(key) beside values")
        }
      }
      for item in try list.items(expected: "a list of numbers") {
        let value = try item.number(in: finite)
        guard !values.contains(value) else { throw item.wrong(expected: "distinct numbers") }
        values.append(value)
      }
      guard (2...64).contains(values.count) else { throw list.wrong(expected: "2 to 64 numbers") }
    } else {
      values = try Self.range(node, finite)
    }
    values.sort { side == .atMost ? $0 < $1 : $0 > $1 }
    self.init(limit: quantity, side: side, values: values)
  }

  private static func range(_ node: SpecificationNode, _ finite: ClosedRange<Double>)
    throws(SpecificationError) -> [Double]
  {
    let from = try node.required("from", expected: "values, or from, to and count").number(
      in: finite)
    let end = try node.required("to", expected: "the last bound")
    let to = try end.number(in: finite)
    let count = try node.required("count", expected: "a number of steps").integer(in: 2...64)
    guard to != from else { throw end.wrong(expected: "another number than from") }
    guard to > from else {
      throw end.wrong(
        expected: "a number above from, \(compact(from))",
        hint: "give the smaller bound first; steps begin with the tightest whatever the side")
    }
    let spacing = try node.optional("spacing")?.text() ?? "linear"
    switch spacing {
    case "linear":
      return (0..<count).map { from + (to - from) * Double($0) / Double(count - 1) }
    case "log":
      guard from > 0, to > 0 else { throw end.wrong(expected: "positive bounds for log spacing") }
      // Four digits are what people read; the ends are exact.
      return (0..<count).map { index in
        if index == 0 { return from }
        if index == count - 1 { return to }
        let value = from * pow(to / from, Double(index) / Double(count - 1))
        return Double(String(format: "%.4g", value)) ?? value
      }
    default:
      throw try node.required("spacing", expected: "linear or log").wrong(expected: "linear or log")
    }
  }
}
