import Foundation
import Interchange
import Synchronization

/// The file of a trained model: named sections, each packed on its own, so that a question reads what it needs.
///
/// Layout, little-endian: the 20 bytes of `magic`; version (4 bytes); length of the table of contents (4 bytes); the
/// table in JSON; the sections; the FNV-1a hash of everything before (8 bytes). A section, unpacked, is the length of a
/// JSON text (8 bytes), the text, and runs of bytes, each after its length (8 bytes), that the text refers to by number.
struct ModelArchive: Sendable {
  static let magic = Array("dovetail offline  \r\n".utf8)
  static let version: UInt32 = 1
  /// zlib packs no more than 1032 bytes into one, so that a wrong length asks for no memory.
  static let largestRatio = 1_100

  private struct Entry: Codable {
    var name: String
    var size: Int
    var packedSize: Int
  }

  private var entries: [Entry] = []
  private var sections: [[UInt8]] = []

  /// An empty archive.
  init() {}

  /// Adds a section.
  mutating func add(_ value: some Encodable, named name: String) throws {
    let bytes = try Self.encode(value)
    let packed = PackedBytes.packed(bytes)
    entries.append(Entry(name: name, size: bytes.count, packedSize: packed.count))
    sections.append(packed)
  }

  /// Whether there is a section.
  func contains(_ name: String) -> Bool { entries.contains { $0.name == name } }

  /// Reads a section.
  ///
  /// - Throws: `OfflineModelError.damaged`.
  func value<Value: Decodable>(_ type: Value.Type, named name: String, file: String)
    throws(OfflineModelError) -> Value
  {
    guard let index = entries.firstIndex(where: { $0.name == name }) else {
      throw .damaged(file: file, what: "contents", got: "no \(name)", expected: "one")
    }
    guard let bytes = PackedBytes.unpacked(sections[index], size: entries[index].size) else {
      throw .damaged(
        file: file, what: name, got: "damaged data", expected: "\(entries[index].size) bytes")
    }
    do {
      return try Self.decode(type, bytes)
    } catch {
      throw .damaged(
        file: file, what: name, got: "data that cannot be understood",
        expected: "those of version \(Self.version)")
    }
  }

  // MARK: Bytes

  /// The bytes of the file; equal values give equal bytes.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let table = try encoder.encode(entries)
    var bytes = Self.magic
    Self.append(UInt64(Self.version), count: 4, to: &bytes)
    Self.append(UInt64(table.count), count: 4, to: &bytes)
    bytes += table
    for section in sections { bytes += section }
    Self.append(Self.hash(bytes[...]), count: 8, to: &bytes)
    return bytes
  }

  /// Reads the bytes of a file.
  ///
  /// - Throws: `OfflineModelError` with the first thing that is wrong.
  init(_ bytes: [UInt8], file: String) throws(OfflineModelError) {
    guard bytes.starts(with: Self.magic) else {
      throw .foreign(file: file, got: bytes.isEmpty ? "an empty file" : "a file of something else")
    }
    let start = Self.magic.count + 8
    guard bytes.count >= start + 8 else {
      throw .damaged(
        file: file, what: "size", got: "\(bytes.count) bytes", expected: "at least \(start + 8)")
    }
    let version = Self.number(bytes, at: Self.magic.count, count: 4)
    guard version == UInt64(Self.version) else {
      throw .version(file: file, got: version, expected: UInt64(Self.version))
    }
    let hash = Self.hash(bytes.dropLast(8))
    let kept = Self.number(bytes, at: bytes.count - 8, count: 8)
    guard hash == kept else {
      throw .damaged(
        file: file, what: "hash", got: String(hash, radix: 16), expected: String(kept, radix: 16))
    }
    let length = Int(Self.number(bytes, at: Self.magic.count + 4, count: 4))
    guard length <= bytes.count - start - 8,
      let entries = try? JSONDecoder().decode(
        [Entry].self, from: Data(bytes[start..<(start + length)]))
    else {
      throw .damaged(
        file: file, what: "table of contents", got: "nothing readable",
        expected: "that of version \(Self.version)")
    }
    var place = start + length
    for entry in entries {
      let end = bytes.count - 8
      guard entry.packedSize >= 0, entry.packedSize <= end - place, entry.size >= 0,
        entry.size <= Self.largestRatio * (entry.packedSize + 1)
      else {
        throw .damaged(
          file: file, what: entry.name, got: "\(entry.packedSize) bytes",
          expected: "at most \(end - place)")
      }
      sections.append(Array(bytes[place..<(place + entry.packedSize)]))
      place += entry.packedSize
    }
    self.entries = entries
  }

  // MARK: Sections

  private static func encode(_ value: some Encodable) throws -> [UInt8] {
    let runs = Runs()
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    encoder.dataEncodingStrategy = .custom { data, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(runs.add([UInt8](data)))
    }
    let text = [UInt8](try encoder.encode(value))
    var bytes: [UInt8] = []
    append(UInt64(text.count), count: 8, to: &bytes)
    bytes += text
    for run in runs.all {
      append(UInt64(run.count), count: 8, to: &bytes)
      bytes += run
    }
    return bytes
  }

  private struct Unreadable: Error {}

  private static func decode<Value: Decodable>(_: Value.Type, _ bytes: [UInt8]) throws -> Value {
    var place = 0
    func next() throws -> Data {
      guard bytes.count - place >= 8 else { throw Unreadable() }
      let length = number(bytes, at: place, count: 8)
      place += 8
      guard length <= UInt64(bytes.count - place) else { throw Unreadable() }
      defer { place += Int(length) }
      return Data(bytes[place..<(place + Int(length))])
    }
    let text = try next()
    var runs: [Data] = []
    while place < bytes.count { runs.append(try next()) }
    let known = runs
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    decoder.dataDecodingStrategy = .custom { decoder in
      let index = try decoder.singleValueContainer().decode(Int.self)
      guard known.indices.contains(index) else { throw Unreadable() }
      return known[index]
    }
    return try decoder.decode(Value.self, from: text)
  }

  /// Runs of bytes in the order in which they are met.
  private final class Runs: Sendable {
    private let list = Mutex<[[UInt8]]>([])

    func add(_ run: [UInt8]) -> Int {
      list.withLock { list in
        list.append(run)
        return list.count - 1
      }
    }

    var all: [[UInt8]] { list.withLock { $0 } }
  }

  private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBufferPointer { bytes in
      bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
  }

  private static func append(_ value: UInt64, count: Int, to bytes: inout [UInt8]) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }

  private static func number(_ bytes: [UInt8], at place: Int, count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[place + $1]) << (8 * $1) }
  }
}
