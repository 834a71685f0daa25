import DesignSpace

/// Packs the coordinates of a design into bytes and back: equal designs have equal bytes.
///
/// The index of a counted value is the variable-length number `index + 1`, an inactive parameter is 0; a real value is its
/// eight bytes, little end first, an inactive one those of negative infinity. Twenty parameters of few levels take twenty
/// bytes.
struct DesignCodec: Sendable {
  let isCounted: [Bool]

  init(_ space: SearchSpace) {
    isCounted = space.parameters.map(\.isCounted)
  }

  /// Appends the bytes of a design.
  func encode(_ coordinates: [Double], into bytes: inout [UInt8]) {
    precondition(coordinates.count == isCounted.count, "a design of another space")
    for index in coordinates.indices {
      let coordinate = coordinates[index]
      guard isCounted[index] else {
        appendReal(coordinate, to: &bytes)
        continue
      }
      var rest = coordinate < 0 ? 0 : UInt64(coordinate) + 1
      while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
  }

  /// The coordinates of a design; `nil` when the bytes are not a design of this space.
  func decode(_ bytes: UnsafeRawBufferPointer) -> [Double]? {
    var position = 0
    var coordinates: [Double] = []
    coordinates.reserveCapacity(isCounted.count)
    for isCounted in isCounted {
      guard isCounted else {
        guard let value = real(in: bytes, at: position), !value.isNaN else { return nil }
        coordinates.append(value)
        position += 8
        continue
      }
      var number: UInt64 = 0
      var shift: UInt64 = 0
      while true {
        guard position < bytes.count, shift < 63 else { return nil }
        let byte = bytes[position]
        position += 1
        number |= UInt64(byte & 0x7f) << shift
        shift += 7
        if byte < 0x80 { break }
      }
      coordinates.append(number == 0 ? -.infinity : Double(number - 1))
    }
    return position == bytes.count ? coordinates : nil
  }
}

/// Appends a number as eight bytes, little end first.
func appendReal(_ value: Double, to bytes: inout [UInt8]) {
  withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
}

/// The number at a byte offset, `nil` past the end.
func real(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Double? {
  guard offset + 8 <= bytes.count else { return nil }
  return Double(
    bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
}
