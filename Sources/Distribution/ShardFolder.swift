import Foundation

/// The files of one manifest: its results, checkpoints and messages.
public struct ShardFolder: Hashable, Sendable {
  /// The folder.
  public let path: String

  /// Names a folder.
  public init(path: String) { self.path = path }

  /// The folder of a manifest.
  public init(ofManifest file: String) {
    let folder = (file as NSString).deletingLastPathComponent
    path = folder.isEmpty ? "." : folder
  }

  /// The manifest.
  public var manifest: String { "\(path)/manifest.jsonl" }
  /// What went wrong, a line each.
  var events: String { "\(path)/events.jsonl" }
  /// What is submitted.
  var script: String { "\(path)/submit.sh" }
  var results: String { "\(path)/results" }
  var checkpoints: String { "\(path)/checkpoints" }
  var logs: String { "\(path)/logs" }

  /// The result of a shard.
  public func result(ofShard shard: Int) -> String { "\(results)/\(Self.number(shard)).jsonl" }

  /// What a task of a shard said.
  func log(ofShard shard: Int) -> String { "\(logs)/\(shard).log" }

  /// What a worker on a shard has so far; several may be at it.
  func checkpoint(ofShard shard: Int, host: String, process: Int32) -> String {
    "\(checkpoints)/\(Self.number(shard)).\(host).\(process).jsonl"
  }

  /// Checkpoints of a shard with the hosts that wrote them.
  func checkpoints(ofShard shard: Int) -> [(file: String, host: String)] {
    allCheckpoints().filter { $0.shard == shard }.map { ($0.file, $0.host) }
  }

  /// Checkpoints of all shards.
  func allCheckpoints() -> [(shard: Int, file: String, host: String)] {
    PrivateFiles.names(in: checkpoints).compactMap { name in
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 4, parts[3] == "jsonl", let shard = Int(parts[0]) else { return nil }
      return (shard, "\(checkpoints)/\(name)", String(parts[1]))
    }
  }

  /// Workers that were or are on a shard: host and number of the process.
  func workers(onShard shard: Int) -> [(file: String, host: String, process: pid_t)] {
    checkpoints(ofShard: shard).compactMap { file, host in
      let name = (file as NSString).lastPathComponent
      return name.split(separator: ".").dropFirst(2).first.flatMap { pid_t($0) }
        .map { (file, host, $0) }
    }
  }

  /// What of every shard is in checkpoints, by number and bytes of its files: it changes as evaluations end.
  func savedAmounts(of only: Int? = nil) -> [Int: SavedAmount] {
    var amounts: [Int: SavedAmount] = [:]
    for (shard, file, _) in allCheckpoints() where only == nil || only == shard {
      var information = stat()
      guard stat(file, &information) == 0 else { continue }
      amounts[shard, default: SavedAmount()].fileCount += 1
      amounts[shard, default: SavedAmount()].byteCount += Int(information.st_size)
    }
    return amounts
  }

  /// Numbers of the shards with a result, in order.
  func finishedShards() -> [Int] {
    PrivateFiles.names(in: results).compactMap { name in
      guard name.hasSuffix(".jsonl"), name.utf8.count == 12 else { return nil }
      return Int(name.dropLast(6))
    }
  }

  func make() throws(DistributionError) {
    for folder in [path, results, checkpoints, logs] { try PrivateFiles.makeFolder(folder) }
  }

  func note(_ event: ShardEvent) { PrivateFiles.append(lineOfJSON(event), to: events) }

  /// What is noted, in order; lines that are cut short are left out.
  func noted() -> [ShardEvent] {
    guard let data = FileManager.default.contents(atPath: events) else { return [] }
    let decoder = JSONDecoder()
    return data.split(separator: 0x0a).compactMap { try? decoder.decode(ShardEvent.self, from: $0) }
  }

  private static func number(_ shard: Int) -> String {
    let digits = String(shard)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }
}

/// How much of a shard is in checkpoints.
struct SavedAmount: Hashable {
  var fileCount = 0
  var byteCount = 0
}

/// Something that happened to a shard and is worth telling.
struct ShardEvent: Codable, Hashable {
  enum Kind: String, Codable {
    /// An array with the shard was handed to the scheduler.
    case submitted
    /// A second worker finished it, with the same answers.
    case duplicate
    /// A second worker finished it, with other answers.
    case contradiction
    /// Its result was cut short or changed.
    case damaged
    /// It left the scheduler without a result.
    case lost
    /// It was given up after too many attempts.
    case retired
  }

  var event: Kind
  var shard: Int
  var host: String?
  var detail: String?
}
