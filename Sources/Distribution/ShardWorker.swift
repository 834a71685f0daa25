import Dispatch
import Execution
import Foundation

/// Works on one shard of a manifest: answers its items, and puts the result in its place.
///
/// Cancelled (a scheduler's SIGTERM), it leaves a checkpoint of what is finished, and a later worker goes on from there. It may
/// be killed, or run twice at a time, at any moment.
public struct ShardWorker: Sendable {
  /// How work ended.
  public enum Ending: Hashable, Sendable {
    /// The result is in its place: by this worker, or by another one.
    case finished(ShardResult.Commitment)
    /// Somebody had finished it before.
    case wasFinished
    /// Cancelled; as many items are in the checkpoint.
    case checkpointed(Int)
  }

  /// Seconds between checkpoints; what a kill without warning costs at most, beside the item under way.
  static let checkpointSeconds = 10.0
  /// Seconds between signs of life.
  static let heartbeatSeconds = 5.0

  private let manifest: Manifest
  private let folder: ShardFolder
  private let shard: Int
  private let threadCount: Int
  private let host: String
  private let checkpoint: String

  /// Prepares work.
  ///
  /// - Parameters:
  ///   - manifest: The manifest.
  ///   - folder: Its folder.
  ///   - shard: The number, from 0.
  ///   - threadCount: Items at once, from 1.
  ///   - host: The name of this node; `nil` for what the scheduler or the system calls it.
  /// - Throws: `DistributionError.unknownShard`.
  public init(
    _ manifest: Manifest, in folder: ShardFolder, shard: Int, threadCount: Int = 1,
    host: String? = nil
  ) throws(DistributionError) {
    guard (0..<manifest.shardCount).contains(shard) else {
      throw .unknownShard(file: folder.manifest, got: shard, count: manifest.shardCount)
    }
    self.manifest = manifest
    self.folder = folder
    self.shard = shard
    self.threadCount = max(1, threadCount)
    self.host = host ?? nodeName()
    checkpoint = folder.checkpoint(ofShard: shard, host: self.host, process: getpid())
  }

  /// Answers what is not answered yet.
  ///
  /// - Parameter answer: The answer to an item, an object of JSON on one line; called on several threads.
  /// - Throws: `DistributionError.unwritable`, and what `answer` throws.
  public func run(answer: @escaping @Sendable (String) async throws -> String) async throws
    -> Ending
  {
    if (try? ShardResult(reading: folder.result(ofShard: shard), of: manifest, shard: shard)) != nil
    {
      return .wasFinished
    }
    let begun = Date().timeIntervalSince1970
    var rows = kept()
    let range = manifest.range(ofShard: shard)
    var open = range.filter { rows[$0] == nil }[...]
    func result(isPartial: Bool) -> ShardResult {
      ShardResult(
        header: ShardResult.Header(
          manifest: manifest.hash, shard: shard, host: host, begun: begun,
          ended: Date().timeIntervalSince1970, isPartial: isPartial),
        rows: range.compactMap { rows[$0] })
    }
    func save() { try? PrivateFiles.replace(checkpoint, with: result(isPartial: true).bytes) }
    save()
    let heart = heartbeat()
    defer { heart.cancel() }
    var saved = monotonicSeconds()
    do {
      try await withThrowingTaskGroup(of: ShardResult.Row.self) { group in
        func begin() {
          guard let item = open.popFirst() else { return }
          let text = manifest.items[item]
          group.addTask {
            let start = monotonicSeconds()
            let answer = try await answer(text)
            return ShardResult.Row(
              item: item, seconds: monotonicSeconds() - start, answer: answer)
          }
        }
        for _ in 0..<threadCount { begin() }
        while let row = try await group.next() {
          rows[row.item] = row
          try Task.checkCancellation()
          begin()
          if monotonicSeconds() - saved > Self.checkpointSeconds, rows.count < range.count {
            save()
            saved = monotonicSeconds()
          }
        }
      }
    } catch is CancellationError {
      save()
      return .checkpointed(rows.count)
    } catch {
      save()
      throw error
    }
    let ending: ShardResult.Commitment
    do {
      ending = try result(isPartial: false).commit(to: folder, of: manifest)
    } catch {
      save()
      throw error
    }
    for (file, _) in folder.checkpoints(ofShard: shard) { unlink(file) }
    return .finished(ending)
  }

  /// What earlier workers left.
  private func kept() -> [Int: ShardResult.Row] {
    Self.kept(folder, manifest, shard: shard)
  }

  /// The rows in the checkpoints of a shard; those that are damaged count for nothing.
  static func kept(_ folder: ShardFolder, _ manifest: Manifest, shard: Int)
    -> [Int: ShardResult.Row]
  {
    var rows: [Int: ShardResult.Row] = [:]
    for (file, _) in folder.checkpoints(ofShard: shard) {
      guard let part = try? ShardResult(reading: file, of: manifest, shard: shard) else { continue }
      for row in part.rows { rows[row.item] = rows[row.item] ?? row }
    }
    return rows
  }

  /// Shows that the worker lives, by the time of its checkpoint.
  private func heartbeat() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: .global())
    let file = checkpoint
    timer.schedule(deadline: .now() + Self.heartbeatSeconds, repeating: Self.heartbeatSeconds)
    timer.setEventHandler { utimes(file, nil) }
    timer.resume()
    return timer
  }
}
