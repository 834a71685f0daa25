import Foundation

/// Why a stream of records cannot be read on.
public enum BatchError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The operating system refused to read.
  case cannotRead(code: Int32)

  /// The system's words.
  public var description: String {
    switch self {
    case .cannotRead(let code): "cannot read: \(String(cString: strerror(code)))"
    }
  }
}

/// Splits a file into blocks of whole lines, in bounded memory.
struct LineBlocks {
  struct Block {
    var bytes: [UInt8]
    /// The lines without their newlines.
    var lineRanges: [Range<Int>]
  }

  private let descriptor: Int32
  private var rest: [UInt8] = []
  private var ended = false

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// The next lines: what is there, at most about a block.
  ///
  /// Waits only while not one line is complete, so that a caller may send one record and wait for its answer. A line that
  /// outgrows the limit is cut and its tail is thrown away.
  mutating func next() throws -> Block? {
    guard !ended || !rest.isEmpty else { return nil }
    var bytes = rest
    rest = []
    // `rest` never holds a newline.
    var hasLine = false
    while !ended, !hasLine || (bytes.count < BatchEvaluation.blockSize && isReady) {
      let old = bytes.count
      try readMore(into: &bytes)
      hasLine = hasLine || containsNewline(bytes, from: old)
      if !hasLine, bytes.count > BatchEvaluation.longestLine + BatchEvaluation.blockSize {
        try skipToNewline(after: &bytes)
        hasLine = true
      }
    }
    guard let last = bytes.lastIndex(of: 0x0a) else {
      return bytes.isEmpty ? nil : Block(bytes: bytes, lineRanges: [bytes.indices])
    }
    if ended {
      return Block(bytes: bytes, lineRanges: lines(in: bytes, upTo: bytes.count))
    }
    rest = Array(bytes[(last + 1)...])
    return Block(bytes: bytes, lineRanges: lines(in: bytes, upTo: last + 1))
  }

  /// Whether reading would not wait.
  private var isReady: Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) > 0
  }

  private func containsNewline(_ bytes: [UInt8], from start: Int) -> Bool {
    bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress, start < buffer.count else { return false }
      return memchr(base + start, 0x0a, buffer.count - start) != nil
    }
  }

  private func lines(in bytes: [UInt8], upTo end: Int) -> [Range<Int>] {
    bytes.withUnsafeBytes { buffer in
      var ranges: [Range<Int>] = []
      var start = 0
      while start < end, let base = buffer.baseAddress {
        guard let found = memchr(base + start, 0x0a, end - start) else {
          ranges.append(start..<end)
          break
        }
        let newline = UnsafeRawPointer(found) - base
        ranges.append(start..<newline)
        start = newline + 1
      }
      return ranges
    }
  }

  /// Waits for input, looking now and then whether the task was cancelled.
  private func waitForInput() throws {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&request, 1, 200) == 0 { try Task.checkCancellation() }
  }

  private mutating func readMore(into bytes: inout [UInt8]) throws {
    try waitForInput()
    // As much as a pipe holds.
    let step = 1 << 16
    let old = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: step))
    let got = bytes.withUnsafeMutableBytes { buffer in
      read(descriptor, buffer.baseAddress.map { $0 + old }, step)
    }
    bytes.removeLast(step - max(got, 0))
    guard got >= 0 else {
      guard errno == EINTR else { throw BatchError.cannotRead(code: errno) }
      return
    }
    if got == 0 { ended = true }
  }

  /// Reads and forgets the remainder of an overlong line.
  private mutating func skipToNewline(after bytes: inout [UInt8]) throws {
    var tail: [UInt8] = []
    while !ended {
      tail.removeAll(keepingCapacity: true)
      try readMore(into: &tail)
      if let newline = tail.firstIndex(of: 0x0a) {
        bytes.append(contentsOf: tail[newline...])
        return
      }
    }
  }
}
