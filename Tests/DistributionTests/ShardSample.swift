import Foundation

@testable import Distribution

/// A manifest of whole numbers, whose answers are their squares.
struct ShardSample {
  let temporary: TemporaryFolder
  let folder: ShardFolder
  let manifest: Manifest

  static let subject = Manifest.Subject(
    kind: "squares", study: "name: \"squares\"\n", inputs: [], version: "1")

  init(count: Int = 10, shardSize: Int = 4) throws {
    temporary = try TemporaryFolder()
    folder = ShardFolder(path: "\(temporary.path)/batch-000001")
    try folder.make()
    manifest = try Manifest(
      writing: folder.manifest, subject: Self.subject, shardSize: shardSize,
      items: (0..<count).map { "{\"number\":\($0)}" })
  }

  static func answer(_ item: String) -> String {
    let number = Int(item.filter(\.isNumber)) ?? 0
    return "{\"square\":\(number * number)}"
  }

  func worker(_ shard: Int, host: String = "n1", threads: Int = 1) throws -> ShardWorker {
    try ShardWorker(manifest, in: folder, shard: shard, threadCount: threads, host: host)
  }

  func bytes(ofShard shard: Int) -> [UInt8] {
    Array(FileManager.default.contents(atPath: folder.result(ofShard: shard)) ?? Data())
  }

  func remove() { temporary.remove() }
}
