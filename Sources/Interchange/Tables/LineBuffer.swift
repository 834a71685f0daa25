import Foundation

/// A window over a stream that grows only as far as one record needs.
final class LineBuffer {
  /// Longest record that is accepted, in bytes.
  static let longestRecord = 1 << 26

  private let input: InputBytes
  private(set) var base: UnsafeMutablePointer<UInt8>
  private var capacity = 1 << 18
  /// First byte that no finished record has used.
  var start = 0
  /// One past the last byte that was read.
  private(set) var end = 0
  /// Whether the stream has no more bytes.
  private(set) var isAtEnd = false

  init(file: String) throws(TableError) {
    input = try InputBytes(file: file)
    base = .allocate(capacity: capacity)
    _ = try refill()
  }

  deinit { base.deallocate() }

  var isTruncated: Bool { input.isTruncated }

  /// Reads on behind `end`, moving the unused bytes to the front first; `false` at the end of the stream.
  func refill() throws(TableError) -> Bool {
    guard !isAtEnd else { return false }
    let rest = end - start
    if rest * 2 > capacity {
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
      memcpy(larger, base + start, rest)
      base.deallocate()
      base = larger
      capacity *= 2
    } else if start > 0 {
      memmove(base, base + start, rest)
    }
    start = 0
    end = rest
    while end < capacity {
      let space = UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end)
      let got = try input.read(into: space)
      if got == 0 {
        isAtEnd = true
        break
      }
      end += got
    }
    return end > rest
  }

  /// Drops a byte order mark of UTF-8 and refuses those of UTF-16.
  func checkEncoding(file: String) throws(TableError) {
    let head = UnsafeBufferPointer(start: base, count: min(end, 3))
    if head.elementsEqual([0xef, 0xbb, 0xbf]) { start = 3 }
    if head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) {
      throw .encoding(
        file: file, line: 1, got: "UTF-16", hint: "convert it: iconv -f utf-16 -t utf-8")
    }
    if memchr(base, 0, min(end, 4_096)) != nil {
      throw .encoding(
        file: file, line: 1, got: "zero bytes",
        hint: "this is no text; give CSV or JSON lines, plain or gzip")
    }
  }
}

/// Whether bytes are valid UTF-8.
func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  String(validating: bytes, as: UTF8.self) != nil
}
