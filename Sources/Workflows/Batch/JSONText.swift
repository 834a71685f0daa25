import Study

/// JSON text as bytes, built front to back.
struct JSONText {
  private(set) var bytes: [UInt8] = []

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  mutating func raw(_ text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func raw(_ other: [UInt8]) { bytes.append(contentsOf: other) }

  mutating func raw(_ byte: UInt8) { bytes.append(byte) }

  /// A string with quotes, escaped.
  mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x0a: raw("\\n")
      case 0x09: raw("\\t")
      case 0x00..<0x20:
        raw("\\u00")
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func number(_ value: Int) {
    if value >= 0, value < 10 {
      bytes.append(UInt8(truncatingIfNeeded: 48 + value))
      return
    }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var rest = value.magnitude
      var start = 20
      repeat {
        start -= 1
        digits[start] = UInt8(truncatingIfNeeded: 48 + rest % 10)
        rest /= 10
      } while rest > 0
      if value < 0 { bytes.append(UInt8(ascii: "-")) }
      bytes.append(contentsOf: digits[start..<20])
    }
  }

  /// The shortest text that reads back to the same number; whole numbers without a fraction.
  ///
  /// What is not finite becomes `null`.
  mutating func number(_ value: Double) {
    if let whole = Int(exactly: value), abs(whole) < 1 << 53 {
      number(whole)
    } else if value.isFinite {
      raw(value.description)
    } else {
      raw("null")
    }
  }

  mutating func truth(_ value: Bool) { value ? raw("true") : raw("false") }

  /// A comma and the key of the next member of an object.
  mutating func key(_ name: StaticString) {
    raw(",\"")
    raw(name)
    raw("\":")
  }

  mutating func member(_ name: StaticString, _ value: Int) {
    key(name)
    number(value)
  }

  mutating func member(_ name: StaticString, _ value: Double) {
    key(name)
    number(value)
  }

  mutating func member(_ name: StaticString, _ value: String) {
    key(name)
    string(value)
  }

  mutating func member(_ name: StaticString, _ value: Bool) {
    key(name)
    truth(value)
  }
}

extension JSONText {
  /// A design as an object; values that are numbers are written as numbers.
  mutating func design(_ values: [(name: String, value: String)]) {
    raw("{")
    for (index, entry) in values.enumerated() {
      if index > 0 { raw(",") }
      string(entry.name)
      raw(":")
      if let number = Double(entry.value), number.isFinite {
        self.number(number)
      } else {
        string(entry.value)
      }
    }
    raw("}")
  }

  /// `"metrics":{...}`, by the names of a problem.
  mutating func metrics(_ values: [Double], of problem: Problem) {
    raw("\"metrics\":{")
    for (index, metric) in problem.metrics.enumerated() {
      if index > 0 { raw(",") }
      string(metric.name)
      raw(":")
      number(values[index])
    }
    raw("}")
  }
}
