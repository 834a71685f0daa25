import DesignSpace
import Foundation
import Interchange

/// What the cells of a column look like, gathered in one pass and bounded memory.
struct ColumnSurvey {
  /// Most different numbers, and most different texts, that are told apart.
  static let mostNumbers = 4_096
  static let mostTexts = 65_536
  /// A numeric column with at most this many different values has levels.
  static let mostLevels = 64

  private(set) var missingCount = 0
  private(set) var numberCount = 0
  private(set) var infiniteCount = 0
  private(set) var textCount = 0
  private(set) var decimalCommaCount = 0
  private(set) var decimalCommaSample = ""
  private(set) var firstText: (text: String, line: Int)?
  private(set) var isWhole = true
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity
  private var step = 0
  private var first: Double?
  private var last: Double?
  private(set) var numbers: NumberSet? = NumberSet()
  private(set) var texts: ByteInterner? = ByteInterner()
  /// Whether numbers are numbered as texts, too, for a column of both.
  private let keepsNumbersAsText: Bool

  init(keepsNumbersAsText: Bool) {
    self.keepsNumbersAsText = keepsNumbersAsText
  }

  mutating func add(_ cell: UnsafeBufferPointer<UInt8>, line: Int) {
    switch CellValue(cell) {
    case .missing: missingCount += 1
    case .infinite: infiniteCount += 1
    case .number(let number):
      numberCount += 1
      add(number)
      if keepsNumbersAsText || textCount > 0 { addText(cell) }
    case .text:
      textCount += 1
      if firstText == nil { firstText = (shortened(String(decoding: cell, as: UTF8.self)), line) }
      if CellValue.isDecimalComma(cell) {
        decimalCommaCount += 1
        decimalCommaSample = String(decoding: cell, as: UTF8.self)
      }
      if textCount == 1, !keepsNumbersAsText, let numbers {
        // Numbers before the first text become texts, as they would have been written.
        for number in numbers.sorted() {
          var text = readable(number)
          text.withUTF8 { addText($0) }
        }
      }
      addText(cell)
    }
  }

  private mutating func addText(_ cell: UnsafeBufferPointer<UInt8>) {
    _ = texts?.number(of: cell)
    if (texts?.count ?? 0) > Self.mostTexts { texts = nil }
  }

  private func readable(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? number.description
  }

  private mutating func add(_ number: Double) {
    // Neighboring rows often agree.
    if number == last { return }
    last = number
    minimum = min(minimum, number)
    maximum = max(maximum, number)
    if isWhole {
      if let whole = Int(exactly: number), abs(whole) <= Parameter.largestInteger / 2 {
        step = greatestCommonDivisor(step, abs(whole - Int(first ?? number)))
        if first == nil { first = number }
      } else {
        isWhole = false
      }
    }
    if let count = numbers?.insert(number), count > Self.mostNumbers { numbers = nil }
  }

  private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }

  /// Distance that divides all differences of whole numbers, from 1.
  var commonStep: Int { max(step, 1) }
}
