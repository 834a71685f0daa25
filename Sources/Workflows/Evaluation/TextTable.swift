/// A table of text with aligned columns; numbers to the right, the first column to the left.
struct TextTable {
  private var rows: [[String]]

  init(header: [String]) {
    rows = [header]
  }

  mutating func append(_ row: [String]) {
    precondition(row.count == rows[0].count, "a row has another number of columns than the header")
    rows.append(row)
  }

  /// The lines, with a rule under the header.
  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      let cells = zip(row, widths).enumerated().map { index, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return index == 0 ? cell.0 + space : space + cell.0
      }
      var line = cells.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
    lines.insert(String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1)), at: 1)
    return lines.joined(separator: "\n") + "\n"
  }
}

/// A number with at least `digits` significant digits and thin grouping, for people.
func readable(_ value: Double, digits: Int = 4) -> String {
  guard value.isFinite else { return "-" }
  guard value != 0 else { return "0" }
  let magnitude = abs(value)
  if magnitude >= 1e15 { return scientific(value, digits: digits) }
  var integerDigits = 1
  var rest = magnitude
  while rest >= 10 {
    rest /= 10
    integerDigits += 1
  }
  if magnitude >= 1 { return fixed(value, decimals: max(0, digits - integerDigits)) }
  if magnitude < 1e-4 { return scientific(value, digits: digits) }
  var decimals = digits - 1
  var small = magnitude
  while small < 1 {
    small *= 10
    decimals += 1
  }
  return fixed(value, decimals: decimals)
}

/// A whole number with a comma between thousands.
func grouped(_ value: Int) -> String {
  var text = String(value.magnitude)
  var result = ""
  while text.count > 3 {
    result = "," + text.suffix(3) + result
    text.removeLast(3)
  }
  return (value < 0 ? "-" : "") + text + result
}

/// A share as a percentage with one decimal.
func percent(_ share: Double) -> String { fixed(100 * share, decimals: 1) + " %" }

private func scientific(_ value: Double, digits: Int) -> String {
  var exponent = 0
  var mantissa = value
  while abs(mantissa) >= 10 {
    mantissa /= 10
    exponent += 1
  }
  while abs(mantissa) < 1 {
    mantissa *= 10
    exponent -= 1
  }
  return "\(fixed(mantissa, decimals: digits - 1))e\(exponent)"
}

/// A number below 1e15 with a fixed number of decimals, rounded half away from zero.
func fixed(_ value: Double, decimals: Int) -> String {
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 9e18 else { return value.description }
  var digits = String(Int(scaled))
  while digits.count <= decimals { digits = "0" + digits }
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return sign + grouped(Int(scaled)) }
  let whole = Int(digits.dropLast(decimals)) ?? 0
  return "\(sign)\(grouped(whole)).\(digits.suffix(decimals))"
}
