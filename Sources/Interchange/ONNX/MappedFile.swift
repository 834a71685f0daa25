import Foundation

/// The bytes of a file, mapped into memory: pages that are never looked at are never read.
enum MappedFile {
  /// Calls `body` with the bytes of a regular file; the pointer is valid during the call only.
  static func withBytes<Result>(
    ofFile path: String, _ body: (UnsafeRawBufferPointer) throws(ONNXError) -> Result
  ) throws(ONNXError) -> Result {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("measure") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(operation: "map", reason: "not a regular file")
    }
    guard status.st_size > 0 else { throw .noGraph(byteCount: 0) }
    let count = Int(status.st_size)
    guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
    else { throw failure("map") }
    defer { munmap(base, count) }
    madvise(base, count, MADV_RANDOM)
    return try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  private static func failure(_ operation: String) -> ONNXError {
    .unreadable(operation: operation, reason: String(cString: strerror(errno)))
  }
}
