import Foundation

/// The file of a training that was interrupted: a text line, a header in JSON, lists of numbers, a hash of all bytes.
///
/// Layout, little-endian: the 20 bytes of `magic`; version (4 bytes); length of the header (8 bytes); the header;
/// weights, first and second moments of Adam, and, where there are any, the best weights, 4 bytes each; the FNV-1a hash
/// of everything before (8 bytes).
struct SurrogateCheckpoint {
  static let magic = Array("dovetail surrogate\r\n".utf8)
  static let version: UInt32 = 1
  /// Longest header that is read.
  static let longestHeader = 64 << 20

  struct Header: Codable {
    var architecture: NetworkArchitecture
    var weightCount: Int
    var seed: UInt64
    /// Steps done; with the seed it says where every stream of random numbers stands.
    var step: Int
    var optionsFingerprint: UInt64
    var dataFingerprint: UInt64
    var swarm: [NegativeSwarm.Member]?
    var bestStep: Int?
    var bestScore: Double?
    var history: [SurrogateTraining.Validation]
  }

  var header: Header
  var weights: [Float]
  var first: [Float]
  var second: [Float]
  var best: [Float]?

  /// The bytes of the file; equal states give equal bytes.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let text = [UInt8](try encoder.encode(header))
    var bytes = Self.magic
    bytes.reserveCapacity(text.count + 16 * weights.count + 64)
    Self.append(UInt64(Self.version), count: 4, to: &bytes)
    Self.append(UInt64(text.count), count: 8, to: &bytes)
    bytes += text
    for list in [weights, first, second, best ?? []] {
      for number in list { Self.append(UInt64(number.bitPattern), count: 4, to: &bytes) }
    }
    var digest = Digest()
    digest.add(bytes)
    Self.append(digest.value, count: 8, to: &bytes)
    return bytes
  }

  /// Reads the bytes of a file.
  ///
  /// - Throws: `SurrogateError` with the first thing that is wrong.
  init(_ bytes: [UInt8], file: String) throws(SurrogateError) {
    guard bytes.count >= Self.magic.count, Array(bytes.prefix(Self.magic.count)) == Self.magic
    else {
      throw .notACheckpoint(
        file: file, got: bytes.isEmpty ? "an empty file" : "a file of something else")
    }
    var place = Self.magic.count
    guard bytes.count >= place + 20 else {
      throw .damaged(
        file: file, what: "size", got: "\(bytes.count) bytes",
        expected: "at least \(place + 20)")
    }
    let version = Self.number(bytes, at: place, count: 4)
    guard version <= UInt64(Self.version), version > 0 else {
      throw .newer(
        file: file, version: Int(truncatingIfNeeded: version), known: Int(Self.version))
    }
    var digest = Digest()
    digest.add(Array(bytes.dropLast(8)))
    let expected = Self.number(bytes, at: bytes.count - 8, count: 8)
    guard digest.value == expected else {
      throw .damaged(
        file: file, what: "hash", got: String(digest.value, radix: 16),
        expected: String(expected, radix: 16))
    }
    let length = Self.number(bytes, at: place + 4, count: 8)
    place += 12
    guard length <= UInt64(min(Self.longestHeader, bytes.count - 8 - place)) else {
      throw .damaged(
        file: file, what: "length of the header", got: "\(length)",
        expected: "at most \(min(Self.longestHeader, bytes.count - 8 - place))")
    }
    do {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      header = try decoder.decode(
        Header.self, from: Data(bytes[place..<(place + Int(length))]))
    } catch {
      throw .damaged(
        file: file, what: "header", got: "unreadable JSON", expected: "that of version 1")
    }
    place += Int(length)
    let count = header.weightCount
    let lists = header.bestStep == nil ? 3 : 4
    guard count >= 0, count <= NetworkArchitecture.largestWeightCount,
      bytes.count == place + lists * 4 * count + 8
    else {
      throw .damaged(
        file: file, what: "size", got: "\(bytes.count) bytes",
        expected: "\(lists) lists of \(count) weights after the header")
    }
    weights = Self.list(bytes, at: place, count)
    first = Self.list(bytes, at: place + 4 * count, count)
    second = Self.list(bytes, at: place + 8 * count, count)
    best = lists == 4 ? Self.list(bytes, at: place + 12 * count, count) : nil
  }

  init(
    header: Header, weights: [Float], first: [Float], second: [Float], best: [Float]?
  ) {
    self.header = header
    self.weights = weights
    self.first = first
    self.second = second
    self.best = best
  }

  private static func append(_ value: UInt64, count: Int, to bytes: inout [UInt8]) {
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }

  private static func number(_ bytes: [UInt8], at place: Int, count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[place + $1]) << (8 * $1) }
  }

  private static func list(_ bytes: [UInt8], at place: Int, _ count: Int) -> [Float] {
    (0..<count).map {
      Float(bitPattern: UInt32(number(bytes, at: place + 4 * $0, count: 4)))
    }
  }
}
