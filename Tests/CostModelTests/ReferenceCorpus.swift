import Foundation
import Interchange

/// The records measured with Timeloop, see `References/timeloop/README.md`.
struct ReferenceCorpus {
  struct Entry: @unchecked Sendable {
    // `expected` is a tree of Foundation values that nothing mutates.
    var record: MappingRecord
    var tags: Set<String>
    var expected: [String: Any]
    /// Results without link transfers, equal to `expected` where those change nothing.
    var expectedWithoutLinks: [String: Any]
    var line: [UInt8]

    func results(_ withLinkTransfers: Bool) -> [String: Any] {
      withLinkTransfers ? expected : expectedWithoutLinks
    }
  }

  static let entries: [Entry] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("References/timeloop")
    let files =
      (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil))
      ?? []
    return files.filter { $0.pathExtension == "gz" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
      .flatMap { (try? read($0)) ?? [] }
  }()

  private static func read(_ file: URL) throws -> [Entry] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["-dc", file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let reader = MappingRecordReader()
    return try text.split(separator: UInt8(ascii: "\n")).map { line in
      let bytes = Array(line)
      let record = try bytes.withUnsafeBufferPointer { try reader.read($0).record }
      let tree = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
      let expected = tree["results"] as? [String: Any] ?? [:]
      return Entry(
        record: record, tags: Set(tree["tags"] as? [String] ?? []), expected: expected,
        expectedWithoutLinks: tree["results_no_link_transfers"] as? [String: Any] ?? expected,
        line: bytes)
    }
  }
}
