import Foundation

/// Files and folders that only their owner reads and writes.
enum PrivateFiles {
  /// Makes a folder and those above it that are missing, for the owner only.
  static func makeFolder(_ path: String) throws(DistributionError) {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return
    }
    let parent = (path as NSString).deletingLastPathComponent
    if !parent.isEmpty, parent != path { try makeFolder(parent) }
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw .unwritable(file: path, reason: String(cString: strerror(errno)))
    }
  }

  /// Writes a new file and waits until it is on the disk; nothing stays of it when that fails.
  static func write(_ bytes: [UInt8], to file: String) throws(DistributionError) {
    func failure(_ code: Int32) -> DistributionError {
      unlink(file)
      return .unwritable(file: file, reason: String(cString: strerror(code)))
    }
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(errno) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        let code = errno
        close(descriptor)
        throw failure(code)
      }
      rest = rest.dropFirst(count)
    }
    let isSynced = fsync(descriptor) == 0
    let code = errno
    // Some file systems report a full disk only here.
    let isClosed = close(descriptor) == 0
    guard isSynced, isClosed else { throw failure(isSynced ? errno : code) }
  }

  /// Writes a file whole or not at all, in place of an older one.
  static func replace(_ file: String, with bytes: [UInt8]) throws(DistributionError) {
    let partial = "\(file).\(uniqueSuffix()).partial"
    try write(bytes, to: partial)
    guard rename(partial, file) == 0 else {
      let code = errno
      unlink(partial)
      throw .unwritable(file: file, reason: String(cString: strerror(code)))
    }
    sync(folderOf: file)
  }

  /// Adds a line with one write, so that lines of several writers do not mix.
  ///
  /// What cannot be written is lost: such lines are for people.
  static func append(_ line: String, to file: String) {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
  }

  /// Makes names in a folder durable.
  static func sync(folderOf file: String) {
    let folder = (file as NSString).deletingLastPathComponent
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// `HOST-PID-NUMBER`, different for every call on every host.
  static func uniqueSuffix() -> String {
    "\(nodeName())-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
  }

  /// Names in a folder, sorted; none for one that is not there.
  static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }
}

/// The node this program runs on, as its scheduler calls it; letters, digits, underscores (in place of dots) and dashes.
public func nodeName() -> String {
  let environment = ProcessInfo.processInfo.environment
  var name = environment["SLURMD_NODENAME"] ?? ""
  if name.isEmpty {
    var buffer = [UInt8](repeating: 0, count: 256)
    let code = buffer.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { gethostname($0.assumingMemoryBound(to: CChar.self), 255) } ?? -1
    }
    if code == 0 { name = String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self) }
  }
  let plain = name.filter {
    $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_")
      || $0 == "."
  }
  return plain.isEmpty ? "unknown" : plain.replacing(".", with: "_")
}
