/// Why a component cannot be estimated, or a table cannot be read.
public enum TechnologyError: Error, Hashable, Sendable {
  /// A number is not in its legal range.
  case outOfRange(field: String, got: Double, expected: String)
  /// One access would be wider than a whole bank.
  case accessWiderThanBank(accessBits: Int, bankBits: Int)
  /// One bank is smaller than the smallest array CACTI can build.
  case bankTooSmall(capacityBits: Int, banks: Int)
  /// A table lacks a column.
  case missingColumn(table: String, column: String)
  /// A table lacks a row that the model needs.
  case missingRow(table: String, key: String)
  /// A field of a table is not what its column holds.
  case malformedField(table: String, line: Int, column: String, got: String, expected: String)
}

extension TechnologyError: CustomStringConvertible {
  /// The message a user reads: where, what was got, what was expected, and the next step if there is one.
  public var description: String {
    switch self {
    case .outOfRange(let field, let got, let expected):
      "\(field): got \(formatted(got)), expected \(expected)"
    case .accessWiderThanBank(let accessBits, let bankBits):
      "accessBits: got \(accessBits), expected at most the \(bankBits) bits of one bank"
    case .bankTooSmall(let capacityBits, let banks):
      """
      capacityBits: got \(capacityBits) bits in \(banks) bank\(banks == 1 ? "" : "s"), expected at \
      least \(SRAMTable.smallestBankBits) bits (256 bytes) per bank
      hint: declare the memory as registers, or use fewer banks
      """
    case .missingColumn(let table, let column):
      "\(table): got no column \"\(column)\", expected one"
    case .missingRow(let table, let key):
      "\(table): got no row \"\(key)\", expected one"
    case .malformedField(let table, let line, let column, let got, let expected):
      "\(table):\(line): column \"\(column)\": got \"\(got)\", expected \(expected)"
    }
  }

  private func formatted(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}
