import CZlib
import Foundation

/// The bytes of a file front to back, decompressed when they are gzip, in bounded memory.
///
/// Gzip is told by its first two bytes, not by the name. Several members one after another are read as one stream, as
/// `gzip -d` does.
public final class InputBytes {
  private let file: String
  private let descriptor: Int32
  private var stream: UnsafeMutablePointer<z_stream>?
  private var packed: [UInt8] = []
  private var packedPosition = 0
  private var hasEnded = false
  private var memberHasEnded = false

  /// Whether the gzip data stop in the middle of a member; known at the end.
  public private(set) var isTruncated = false

  private static let packedSize = 1 << 17

  /// Opens a regular file or a pipe.
  ///
  /// - Throws: `TableError.cannotOpen`.
  public init(file: String) throws(TableError) {
    self.file = file
    descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .cannotOpen(file: file, reason: String(cString: strerror(errno)))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
      throw .cannotOpen(file: file, reason: "it is a folder")
    }
    try fill()
    if packed.starts(with: [0x1f, 0x8b]) {
      let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
      stream.initialize(to: z_stream())
      // 15 bits of window, plus 16 for the gzip format.
      guard
        inflateInit2_(stream, 31, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK
      else {
        stream.deallocate()
        throw .corrupt(file: file, reason: "no memory")
      }
      self.stream = stream
    }
  }

  deinit {
    if let stream {
      inflateEnd(stream)
      stream.deallocate()
    }
    if descriptor >= 0 { close(descriptor) }
  }

  /// Reads at most `target.count` bytes; 0 means the end.
  ///
  /// - Throws: `TableError.cannotOpen` when the system refuses, `TableError.corrupt` for damaged gzip data.
  public func read(into target: UnsafeMutableRawBufferPointer) throws(TableError) -> Int {
    guard stream != nil else { return try readPlain(into: target) }
    return try readPacked(into: target)
  }

  private func readPlain(into target: UnsafeMutableRawBufferPointer) throws(TableError) -> Int {
    if packedPosition == packed.count { try fill() }
    let count = min(target.count, packed.count - packedPosition)
    packed.withUnsafeBytes { bytes in
      target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[packedPosition..<(packedPosition + count)]))
    }
    packedPosition += count
    return count
  }

  private func readPacked(into target: UnsafeMutableRawBufferPointer) throws(TableError) -> Int {
    guard let stream else { return 0 }
    while !hasEnded {
      if packedPosition == packed.count { try fill() }
      if packed.isEmpty {
        hasEnded = true
        isTruncated = !memberHasEnded
        break
      }
      if memberHasEnded {
        // Zero bytes after the last member are padding of tapes; anything else must be a member.
        guard let next = packed[packedPosition...].firstIndex(where: { $0 != 0 }) else {
          packedPosition = packed.count
          continue
        }
        packedPosition = next
        inflateReset(stream)
        memberHasEnded = false
      }
      let available = packed.count - packedPosition
      let (code, produced) = packed.withUnsafeMutableBufferPointer { bytes -> (Int32, Int) in
        stream.pointee.next_in = bytes.baseAddress.map { $0 + packedPosition }
        stream.pointee.avail_in = UInt32(available)
        stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(target.count)
        let code = inflate(stream, Z_NO_FLUSH)
        packedPosition += available - Int(stream.pointee.avail_in)
        return (code, target.count - Int(stream.pointee.avail_out))
      }
      switch code {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: memberHasEnded = true
      default:
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
        throw .corrupt(file: file, reason: reason)
      }
      if produced > 0 { return produced }
    }
    return 0
  }

  /// Reads the next piece of the file; an empty `packed` means the end.
  private func fill() throws(TableError) {
    packedPosition = 0
    if packed.count != Self.packedSize { packed = [UInt8](repeating: 0, count: Self.packedSize) }
    while true {
      let got = packed.withUnsafeMutableBytes {
        Foundation.read(descriptor, $0.baseAddress, Self.packedSize)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else {
        throw .cannotOpen(file: file, reason: String(cString: strerror(errno)))
      }
      if got < Self.packedSize { packed.removeLast(Self.packedSize - got) }
      return
    }
  }
}
