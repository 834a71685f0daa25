/// Finds columns that are constant, or that another column determines by a straight line or a renaming.
///
/// Holds for all rows seen or is not reported. O(*columns*^2) state; pairs drop out at the first row that contradicts, so
/// a row costs little more than its columns.
struct DependentColumns {
  struct Column {
    var name: String
    /// Words, whose numbers mean nothing.
    var isNominal: Bool
  }

  /// What a pair of columns still could be.
  private struct Line {
    var first: Int
    var second: Int
    var slope: Double?
  }

  private struct Renaming {
    var first: Int
    var second: Int
    var forward: [Double: Double] = [:]
    var backward: [Double: Double] = [:]
  }

  private let columns: [Column]
  private var origin: [Double] = []
  private var varies: [Bool]
  private var lines: [Line] = []
  private var renamings: [Renaming] = []

  /// Pairs of more columns than this are not looked at.
  static let mostColumns = 200

  init(columns: [Column]) {
    self.columns = columns
    varies = columns.map { _ in false }
    guard columns.count <= Self.mostColumns else { return }
    for second in columns.indices {
      for first in 0..<second {
        if !columns[first].isNominal, !columns[second].isNominal {
          lines.append(Line(first: first, second: second))
        } else if columns[first].isNominal, columns[second].isNominal {
          renamings.append(Renaming(first: first, second: second))
        }
      }
    }
  }

  /// Looks at a row; NaN and infinity are values that are not there, and skip the pairs of their column.
  mutating func add(_ row: [Double]) {
    if origin.isEmpty { origin = row }
    for index in columns.indices where row[index].isFinite {
      if !origin[index].isFinite { origin[index] = row[index] }
      if row[index] != origin[index] { varies[index] = true }
    }
    var index = 0
    while index < lines.count {
      if Self.holds(&lines[index], row, origin) {
        index += 1
      } else {
        lines.swapAt(index, lines.count - 1)
        lines.removeLast()
      }
    }
    index = 0
    while index < renamings.count {
      if Self.holds(&renamings[index], row) {
        index += 1
      } else {
        renamings.swapAt(index, renamings.count - 1)
        renamings.removeLast()
      }
    }
  }

  private static func holds(_ line: inout Line, _ row: [Double], _ origin: [Double]) -> Bool {
    let x = row[line.first] - origin[line.first]
    let y = row[line.second] - origin[line.second]
    guard x.isFinite, y.isFinite else { return true }
    guard let slope = line.slope else {
      if x == 0 { return y == 0 }
      line.slope = y / x
      return true
    }
    let scale = abs(row[line.second]) + abs(origin[line.second])
    return abs(y - slope * x) <= 1e-9 * scale
  }

  private static func holds(_ pair: inout Renaming, _ row: [Double]) -> Bool {
    let x = row[pair.first]
    let y = row[pair.second]
    let there = pair.forward.updateValue(y, forKey: x) ?? y
    let back = pair.backward.updateValue(x, forKey: y) ?? x
    return there == y && back == x
  }

  /// Names of columns with one value.
  var constants: [String] {
    columns.indices.filter { !varies[$0] }.map { columns[$0].name }
  }

  /// Sentences such as `b = 2 a + 1`, for pairs that both vary.
  var dependencies: [String] {
    var sentences: [String] = []
    let ordered = lines.sorted { ($0.second, $0.first) < ($1.second, $1.first) }
    for line in ordered where varies[line.first] && varies[line.second] {
      guard let slope = line.slope, slope != 0 else { continue }
      let offset = origin[line.second] - slope * origin[line.first]
      let (a, b) = (columns[line.first].name, columns[line.second].name)
      let scale = abs(origin[line.second]) + abs(slope * origin[line.first])
      let isProportional = abs(offset) <= 1e-9 * scale
      if isProportional, abs(slope - 1) <= 1e-12 {
        sentences.append("\(b) is a copy of \(a)")
      } else {
        let tail = isProportional ? "" : offset < 0 ? " - \(short(-offset))" : " + \(short(offset))"
        sentences.append("\(b) = \(short(slope)) \(a)\(tail)")
      }
    }
    for pair in renamings.sorted(by: { ($0.second, $0.first) < ($1.second, $1.first) })
    where varies[pair.first] && varies[pair.second] {
      sentences.append(
        "\(columns[pair.second].name) tells the same as \(columns[pair.first].name) in other words")
    }
    return sentences
  }

  private func short(_ value: Double) -> String {
    plainText(of: format6(value))
  }

  /// Six significant digits.
  private func format6(_ value: Double) -> Double {
    guard value != 0, value.isFinite else { return value }
    var scale = 1.0
    var magnitude = abs(value)
    while magnitude < 100_000 {
      magnitude *= 10
      scale *= 10
    }
    while magnitude >= 1_000_000 {
      magnitude /= 10
      scale /= 10
    }
    return (value * scale).rounded() / scale
  }
}
