import Foundation

/// Gives the leaves of flattened records their columns, in the order of first appearance.
struct LeafColumns {
  private(set) var columns: [TableColumn] = []
  private var names: [[UInt8]] = []
  private var numbers: [[UInt8]: Int] = [:]
  /// Cells of the current record, in the order of the columns.
  private let cells = RowStorage<TableCell>()
  private let bytes = RowStorage<UInt8>()

  /// Most columns that are accepted.
  static let mostColumns = 20_000

  /// Spreads leaves over the columns; `false` when a record would bring too many columns.
  mutating func place(_ flat: LiteralFlattener) -> Bool {
    cells.removeAll()
    bytes.removeAll()
    bytes.append(flat.bytes)
    for _ in columns { cells.append(TableCell(start: 0, count: 0)) }
    for (index, leaf) in flat.leaves.enumerated() {
      let column: Int
      // Records mostly have the same keys in the same order.
      if index < names.count, isEqual(leaf.path, names[index]) {
        column = index
      } else if let known = numbers[flat.bytes.copy(leaf.path)] {
        column = known
      } else {
        guard columns.count < Self.mostColumns else { return false }
        let path = flat.bytes.copy(leaf.path)
        column = columns.count
        names.append(path)
        numbers[path] = column
        let title = String(decoding: path, as: UTF8.self)
        columns.append(TableColumn(title: title.isEmpty ? "value" : title))
        cells.append(TableCell(start: 0, count: 0))
      }
      cells.base[column] = TableCell(start: leaf.text.lowerBound, count: leaf.text.count)
    }
    return true
  }

  private func isEqual(_ path: Range<Int>, _ name: [UInt8]) -> Bool {
    guard path.count == name.count else { return false }
    return name.withUnsafeBytes { other in
      other.baseAddress.map { memcmp(bytes.base + path.lowerBound, $0, other.count) == 0 } ?? true
    }
  }

  /// The record placed last, valid until the next one is.
  func row(line: Int, problem: TableRow.Problem?) -> TableRow {
    TableRow(
      line: line, cellCount: cells.count, problem: problem, base: UnsafePointer(bytes.base),
      cells: UnsafePointer(cells.base))
  }
}
