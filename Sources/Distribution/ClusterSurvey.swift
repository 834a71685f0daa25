public import Foundation

/// What the folder of a distributed run shows, without asking a scheduler: tasks, who is at them, what each node did.
///
/// Files that were read stay read: looking again costs what is new.
public struct ClusterSurvey: Sendable {
  /// A task that shows signs of life.
  public struct RunningTask: Hashable, Sendable {
    /// The node.
    public var host: String
    /// The manifest's folder, for example `batch-000001`.
    public var batch: String
    /// The shard.
    public var shard: Int
    /// Seconds since the last sign.
    public var secondsAgo: Double
  }

  /// Shards of all manifests.
  public private(set) var taskCount = 0
  /// Shards with a result.
  public private(set) var finishedCount = 0
  /// Evaluations in the results.
  public private(set) var itemCount = 0
  /// What works now, in the order of manifests and shards.
  public private(set) var running: [RunningTask] = []
  /// What each node did.
  public private(set) var tally = NodeTally()

  /// Seconds without a sign after which a task is taken for gone.
  static let silentSeconds = 30.0

  private struct Batch {
    var folder: ShardFolder
    var itemCount: Int
    var shardSize: Int
    var finished: Set<Int> = []
    var eventCount = 0

    var shardCount: Int { (itemCount + shardSize - 1) / shardSize }
  }

  private let folder: String
  private var batches: [String: Batch] = [:]

  /// Names the folder of a distributed run; it need not be there yet.
  public init(folder: String) { self.folder = folder }

  /// Reads what is new.
  ///
  /// - Parameter now: The time of this look.
  public mutating func look(now: Date) {
    running = []
    for name in PrivateFiles.names(in: folder) where name.hasPrefix("batch-") {
      guard var batch = batches[name] ?? Self.batch("\(folder)/\(name)") else { continue }
      if batches[name] == nil { taskCount += batch.shardCount }
      for shard in batch.folder.finishedShards() where !batch.finished.contains(shard) {
        guard let header = Self.header(batch.folder.result(ofShard: shard)) else { continue }
        batch.finished.insert(shard)
        let count = min(batch.shardSize, max(0, batch.itemCount - shard * batch.shardSize))
        finishedCount += 1
        itemCount += count
        tally.change(header.host) { node in
          node.finishedCount += 1
          node.itemCount += count
          node.seconds += max(0, header.ended - header.begun)
        }
      }
      let events = batch.folder.noted()
      for event in events.dropFirst(batch.eventCount) { tally.add(event) }
      batch.eventCount = events.count
      for (shard, file, host) in batch.folder.allCheckpoints()
      where !batch.finished.contains(shard) {
        var information = stat()
        guard stat(file, &information) == 0 else { continue }
        let age = now.timeIntervalSince1970 - Double(information.st_mtim.tv_sec)
        guard age < Self.silentSeconds else { continue }
        running.append(
          RunningTask(host: host, batch: name, shard: shard, secondsAgo: max(0, age)))
      }
      batches[name] = batch
    }
  }

  /// The first line of a file, which need not be whole otherwise.
  private static func firstLine(_ file: String) -> Data? {
    guard let handle = FileHandle(forReadingAtPath: file) else { return nil }
    defer { try? handle.close() }
    var data = Data()
    while let piece = try? handle.read(upToCount: 65_536), !piece.isEmpty {
      data += piece
      if let end = data.firstIndex(of: 0x0a) { return data[..<end] }
    }
    return nil
  }

  private static func header(_ file: String) -> ShardResult.Header? {
    firstLine(file).flatMap { try? JSONDecoder().decode(ShardResult.Header.self, from: $0) }
  }

  private static func batch(_ path: String) -> Batch? {
    struct Header: Decodable {
      var items: Int
      var shardSize: Int
    }
    let folder = ShardFolder(path: path)
    guard let line = firstLine(folder.manifest),
      let header = try? JSONDecoder().decode(Header.self, from: line), header.shardSize >= 1,
      header.items >= 1
    else { return nil }
    return Batch(folder: folder, itemCount: header.items, shardSize: header.shardSize)
  }
}
