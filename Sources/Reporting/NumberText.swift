import Foundation

/// A number as people read it: four significant digits, whole from a thousand on, powers of ten at the extremes.
public func readableNumber(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "not known" : value < 0 ? "-∞" : "∞" }
  if value == 0 { return "0" }
  let magnitude = abs(value)
  if magnitude >= 1e9 || magnitude < 1e-3 {
    let exponent = Int(log10(magnitude).rounded(.down))
    let mantissa = value / pow(10, Double(exponent))
    return "\(trimmed(String(format: "%.3f", mantissa)))e\(exponent)"
  }
  if magnitude >= 1000 || value == value.rounded(), magnitude < 1e9 {
    return grouped(value.rounded())
  }
  let digits = 3 - Int(log10(magnitude).rounded(.down))
  return trimmed(String(format: "%.\(max(0, digits))f", value))
}

/// A number with all its digits, the shortest text that reads back as the same number.
func exactNumber(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
  if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
  return "\(value)"
}

private func trimmed(_ text: String) -> String {
  guard text.contains(".") else { return text }
  var text = text
  while text.hasSuffix("0") { text.removeLast() }
  if text.hasSuffix(".") { text.removeLast() }
  return text
}

private func grouped(_ value: Double) -> String {
  let digits = String(Int64(abs(value)))
  guard digits.count > 4 else { return (value < 0 ? "-" : "") + digits }
  var text = ""
  for (offset, digit) in digits.enumerated() {
    if offset > 0, (digits.count - offset) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return (value < 0 ? "-" : "") + text
}
