import DesignSpace
import Interchange

extension SpecificationNode {
  /// A design as a mapping of parameters to values: `{array: 16, dataflow: both}`.
  ///
  /// - Throws: `SpecificationError` for anything else.
  func parameterValues() throws(SpecificationError) -> [String: ParameterValue] {
    var values: [String: ParameterValue] = [:]
    for (key, value) in try pairs(expected: "a mapping of parameters to values") {
      let text = try value.text(expected: "a value")
      values[key] = Double(text).map { .number($0) } ?? .text(text)
    }
    return values
  }
}
