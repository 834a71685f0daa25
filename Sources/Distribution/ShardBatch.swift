import Foundation

/// One manifest under way, with the state of its shards.
final class ShardBatch {
  enum State: Equatable {
    /// To be handed out, not before a time.
    case idle(notBefore: Double)
    /// Handed out; when it was first missed by the scheduler.
    case submitted(absentSince: Double?)
    case finished
    /// Given up.
    case retired
  }

  let folder: ShardFolder
  let manifest: Manifest
  let line: SubmitLine
  var states: [State]
  /// Times that each shard was handed out by this driver.
  var attempts: [Int]
  /// Of shards that run: what is saved of them, and since when it is no more.
  var progress: [Int: (saved: SavedAmount?, since: Double)] = [:]
  /// What was saved of shards when they were handed out again.
  var savedBefore: [Int: SavedAmount] = [:]
  private(set) var openCount: Int
  /// Whether the results were listed since something ended.
  var isOpen: Bool { openCount > 0 }

  init(_ manifest: Manifest, in folder: ShardFolder, settings: ExecutorSettings, wasSubmitted: Bool)
  {
    self.folder = folder
    self.manifest = manifest
    line = SubmitLine(settings, hash: manifest.hash)
    states = Array(
      repeating: wasSubmitted ? .submitted(absentSince: nil) : .idle(notBefore: 0),
      count: manifest.shardCount)
    attempts = Array(repeating: 0, count: manifest.shardCount)
    openCount = manifest.shardCount
  }

  /// Whether a shard has neither a result nor been given up.
  func isOpen(_ shard: Int) -> Bool { states[shard] != .finished && states[shard] != .retired }

  func close(_ shard: Int, _ state: State) {
    if isOpen(shard) { openCount -= 1 }
    states[shard] = state
  }

  /// Shards that are handed out.
  var submittedShards: [Int] {
    states.indices.filter { if case .submitted = states[$0] { true } else { false } }
  }
}
