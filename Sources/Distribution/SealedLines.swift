import Foundation

/// A text file whose last line is the SHA-256 hash of all bytes before it: `{"sha256":"..."}`.
///
/// Half of one, or one with a changed byte, is told from a whole one.
public struct SealedLines: Sendable {
  /// The lines without the last one and without line ends.
  public let lines: [String]
  /// 64 hexadecimal digits.
  public let hash: String

  private static let opening = "{\"sha256\":\""
  private static let closing = "\"}\n"
  private static let sealCount = opening.utf8.count + 64 + closing.utf8.count

  /// The bytes of a file with lines, and its hash.
  ///
  /// - Parameter lines: Without line ends, and with none inside.
  public static func sealing(_ lines: some Sequence<String>) -> (bytes: [UInt8], hash: String) {
    var bytes: [UInt8] = []
    for line in lines {
      bytes += line.utf8
      bytes.append(0x0a)
    }
    let hash = SHA256.hex(bytes[...])
    bytes += (opening + hash + closing).utf8
    return (bytes, hash)
  }

  /// Reads a file.
  ///
  /// - Throws: `DistributionError` for a file that is absent, cut short or changed.
  public init(reading file: String) throws(DistributionError) {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw .unreadable(file: file, reason: String(cString: strerror(errno)))
    }
    try self.init(parsing: Array(data), file: file)
  }

  /// Reads bytes.
  ///
  /// - Throws: `DistributionError.cutShort`, `.wrongHash`.
  public init(parsing bytes: [UInt8], file: String) throws(DistributionError) {
    let end = bytes.count - Self.sealCount
    guard end >= 0, end == 0 || bytes[end - 1] == 0x0a else { throw .cutShort(file: file) }
    let seal = String(decoding: bytes[end...], as: UTF8.self)
    guard seal.hasPrefix(Self.opening), seal.hasSuffix(Self.closing) else {
      throw .cutShort(file: file)
    }
    let claimed = String(seal.dropFirst(Self.opening.count).prefix(64))
    let hash = SHA256.hex(bytes[..<end])
    guard hash == claimed else { throw .wrongHash(file: file, got: hash, expected: claimed) }
    lines = bytes[..<end].split(separator: 0x0a, omittingEmptySubsequences: false).dropLast().map {
      String(decoding: $0, as: UTF8.self)
    }
    self.hash = hash
  }
}
