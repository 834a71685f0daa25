/// Packs the values of a design into bytes and back: equal designs have equal bytes.
///
/// A whole value `v` is the variable-length number `zigzag(v) + 1`, an absent one is 0; a real value is its eight bytes,
/// little end first, an absent one the bytes of the canonical NaN. Twenty parameters of few levels take 20 to 30 bytes.
struct DesignCodec {
  let isWhole: [Bool]

  init(_ space: LogSpace) {
    isWhole = space.parameters.map(\.isWhole)
  }

  /// Appends the bytes of a design.
  func encode(_ values: [Double], into bytes: inout [UInt8]) {
    for (value, isWhole) in zip(values, isWhole) {
      guard isWhole else {
        appendReal(value.isNaN ? .nan : value == 0 ? 0 : value, to: &bytes)
        continue
      }
      guard !value.isNaN else {
        bytes.append(0)
        continue
      }
      let whole = Int64(value)
      var rest = UInt64(bitPattern: (whole << 1) ^ (whole >> 63)) + 1
      while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
  }

  /// The values of a design, absent ones as NaN; `nil` when the bytes are not a design of this space.
  func decode(_ bytes: UnsafeRawBufferPointer) -> [Double]? {
    var position = 0
    var values: [Double] = []
    values.reserveCapacity(isWhole.count)
    for isWhole in isWhole {
      guard isWhole else {
        guard let value = real(in: bytes, at: position) else { return nil }
        values.append(value)
        position += 8
        continue
      }
      var number: UInt64 = 0
      var shift: UInt64 = 0
      while true {
        guard position < bytes.count, shift < 64 else { return nil }
        let byte = bytes[position]
        position += 1
        number |= UInt64(byte & 0x7f) << shift
        shift += 7
        if byte < 0x80 { break }
      }
      guard number > 0 else {
        values.append(.nan)
        continue
      }
      let zigzag = number - 1
      values.append(Double(Int64(bitPattern: (zigzag >> 1)) ^ -Int64(bitPattern: zigzag & 1)))
    }
    return position == bytes.count ? values : nil
  }
}

/// Packs numbers into eight bytes each, little end first.
func appendReal(_ value: Double, to bytes: inout [UInt8]) {
  var pattern = value.bitPattern
  for _ in 0..<8 {
    bytes.append(UInt8(truncatingIfNeeded: pattern))
    pattern >>= 8
  }
}

/// The number at a byte offset, `nil` past the end.
func real(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Double? {
  guard offset + 8 <= bytes.count else { return nil }
  return Double(
    bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
}
