import Foundation

/// Numbers that are encoded as one run of bytes, eight a number, little-endian: every bit survives, also of NaN.
public struct PackedNumbers: Hashable, Sendable, Codable {
  /// The numbers.
  public let values: [Double]

  /// Packs numbers.
  public init(_ values: [Double]) { self.values = values }

  /// Reads a run of bytes.
  ///
  /// - Throws: `DecodingError` for bytes that are not a whole number of numbers.
  public init(from decoder: any Decoder) throws {
    values = try unpacked(decoder, UInt64.self).map { Double(bitPattern: $0) }
  }

  /// Writes a run of bytes.
  public func encode(to encoder: any Encoder) throws {
    try pack(values.map(\.bitPattern), encoder)
  }
}

/// Whole numbers from -2^31 to 2^31 - 1 that are encoded as one run of bytes, four a number, little-endian.
public struct PackedIntegers: Hashable, Sendable, Codable {
  /// The numbers.
  public let values: [Int32]

  /// Packs numbers.
  public init(_ values: [Int32]) { self.values = values }

  /// Reads a run of bytes.
  ///
  /// - Throws: `DecodingError` for bytes that are not a whole number of numbers.
  public init(from decoder: any Decoder) throws {
    values = try unpacked(decoder, UInt32.self).map { Int32(bitPattern: $0) }
  }

  /// Writes a run of bytes.
  public func encode(to encoder: any Encoder) throws {
    try pack(values.map { UInt32(bitPattern: $0) }, encoder)
  }
}

private func pack<Word: FixedWidthInteger>(_ words: [Word], _ encoder: any Encoder) throws {
  var container = encoder.singleValueContainer()
  let data = words.map(\.littleEndian).withUnsafeBytes { Data($0) }
  try container.encode(data)
}

private func unpacked<Word: FixedWidthInteger>(_ decoder: any Decoder, _: Word.Type) throws
  -> [Word]
{
  let container = try decoder.singleValueContainer()
  let data = try container.decode(Data.self)
  let width = MemoryLayout<Word>.size
  guard data.count % width == 0 else {
    throw DecodingError.dataCorruptedError(
      in: container, debugDescription: "\(data.count) bytes, expected a multiple of \(width)")
  }
  return [Word](unsafeUninitializedCapacity: data.count / width) { buffer, count in
    data.withUnsafeBytes { bytes in UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes) }
    count = data.count / width
  }.map { Word(littleEndian: $0) }
}

extension Matrix: Codable {
  private enum CodingKeys: String, CodingKey { case rowCount, columnCount, values }

  /// Reads a matrix.
  ///
  /// - Throws: `DecodingError` where the number of elements is not rows times columns.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let rowCount = try container.decode(Int.self, forKey: .rowCount)
    let columnCount = try container.decode(Int.self, forKey: .columnCount)
    let values = try container.decode(PackedNumbers.self, forKey: .values).values
    let (count, isTooLarge) = rowCount.multipliedReportingOverflow(by: columnCount)
    guard rowCount >= 0, columnCount >= 0, !isTooLarge, values.count == count else {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container,
        debugDescription: "\(values.count) numbers, expected \(rowCount) x \(columnCount)")
    }
    self.init(rowCount: rowCount, columnCount: columnCount, values: values)
  }

  /// Writes the size and one run of numbers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(rowCount, forKey: .rowCount)
    try container.encode(columnCount, forKey: .columnCount)
    try container.encode(PackedNumbers(values), forKey: .values)
  }
}
