import Foundation
import Testing

@testable import Distribution

@Suite struct ShardWorkerTests {
  @Test func answersItsShard() async throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    let ending = try await sample.worker(2).run { ShardSample.answer($0) }
    #expect(ending == .finished(.first))
    let result = try ShardResult(
      reading: sample.folder.result(ofShard: 2), of: sample.manifest, shard: 2)
    #expect(result.rows.map(\.item) == [8, 9])
    #expect(result.rows.map(\.answer) == ["{\"square\":64}", "{\"square\":81}"])
    #expect(result.host == "n1")
    #expect(sample.folder.finishedShards() == [2])
    #expect(sample.folder.allCheckpoints().isEmpty)
  }

  @Test func aShardThatDoesNotExistIsRefused() throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    #expect(
      throws: DistributionError.unknownShard(file: sample.folder.manifest, got: 3, count: 3)
    ) { try sample.worker(3) }
    #expect(
      "\(DistributionError.unknownShard(file: "m", got: 3, count: 3))"
        == "m: shard: got 3, expected 0 to 2")
  }

  @Test func threadsDoNotMatter() async throws {
    for threads in [1, 3] {
      let sample = try ShardSample(count: 20, shardSize: 20)
      defer { sample.remove() }
      _ = try await sample.worker(0, threads: threads).run { item in
        try await Task.sleep(for: .milliseconds(item.count % 3))
        return ShardSample.answer(item)
      }
      let result = try ShardResult(
        reading: sample.folder.result(ofShard: 0), of: sample.manifest, shard: 0)
      #expect(result.rows.map(\.answer) == sample.manifest.items.map(ShardSample.answer))
    }
  }

  /// A task on a node that was declared dead goes on and writes its result, too.
  @Test func theFirstWriterStaysAndTheSecondIsCounted() async throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    let orphan = try sample.worker(0, host: "n1")
    let second = try sample.worker(0, host: "n2")
    // Both find nothing, and both finish.
    async let one = orphan.run { item in
      try await Task.sleep(for: .milliseconds(50))
      return ShardSample.answer(item)
    }
    async let other = second.run { item in
      try await Task.sleep(for: .milliseconds(50))
      return ShardSample.answer(item)
    }
    let endings = try await [one, other]
    #expect(endings.contains(.finished(.first)))
    #expect(endings.contains(.finished(.duplicate)))
    #expect(sample.folder.noted().map(\.event) == [.duplicate])
    // A third one sees that there is nothing to do.
    let third = try await sample.worker(0, host: "n3").run { _ in "{}" }
    #expect(third == .wasFinished)
  }

  @Test func aContradictionIsKeptAndReported() async throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    let rows = sample.manifest.range(ofShard: 0).map {
      ShardResult.Row(item: $0, seconds: 1, answer: "{\"square\":-1}")
    }
    let header = ShardResult.Header(
      manifest: sample.manifest.hash, shard: 0, host: "n2", begun: 0, ended: 1)
    _ = try await sample.worker(0).run { ShardSample.answer($0) }
    let before = sample.bytes(ofShard: 0)
    let other = ShardResult(header: header, rows: rows)
    let commitment = try other.commit(to: sample.folder, of: sample.manifest)
    #expect(commitment == .contradiction)
    #expect(sample.bytes(ofShard: 0) == before)
    let events = sample.folder.noted()
    #expect(events.map(\.event) == [.contradiction])
    #expect(events.first?.host == "n2")
    let kept = PrivateFiles.names(in: sample.folder.results).filter {
      $0.contains(".contradiction-")
    }
    #expect(kept.count == 1)
  }

  @Test func aTornResultIsSetAsideAndWrittenAnew() async throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    _ = try await sample.worker(1).run { ShardSample.answer($0) }
    let whole = sample.bytes(ofShard: 1)
    for count in [0, 1, whole.count / 2, whole.count - 1] {
      try Data(whole.prefix(count)).write(
        to: URL(fileURLWithPath: sample.folder.result(ofShard: 1)))
      let ending = try await sample.worker(1).run { ShardSample.answer($0) }
      #expect(ending == .finished(.first))
      let result = try ShardResult(
        reading: sample.folder.result(ofShard: 1), of: sample.manifest, shard: 1)
      #expect(result.rows.count == 4)
    }
    #expect(sample.folder.noted().map(\.event) == [.damaged, .damaged, .damaged, .damaged])
  }

  @Test func aResultOfAnotherManifestIsNone() async throws {
    let sample = try ShardSample()
    let other = try ShardSample(count: 11)
    defer {
      sample.remove()
      other.remove()
    }
    _ = try await other.worker(0).run { ShardSample.answer($0) }
    try FileManager.default.copyItem(
      atPath: other.folder.result(ofShard: 0), toPath: sample.folder.result(ofShard: 0))
    #expect(
      throws: DistributionError.wrongHash(
        file: sample.folder.result(ofShard: 0), got: other.manifest.hash,
        expected: sample.manifest.hash)
    ) {
      try ShardResult(reading: sample.folder.result(ofShard: 0), of: sample.manifest, shard: 0)
    }
    // One of another shard, too.
    _ = try await sample.worker(1).run { ShardSample.answer($0) }
    unlink(sample.folder.result(ofShard: 0))
    try FileManager.default.copyItem(
      atPath: sample.folder.result(ofShard: 1), toPath: sample.folder.result(ofShard: 0))
    #expect(
      throws: DistributionError.malformed(
        file: sample.folder.result(ofShard: 0), got: "shard 1", expected: "shard 0")
    ) {
      try ShardResult(reading: sample.folder.result(ofShard: 0), of: sample.manifest, shard: 0)
    }
  }

  @Test func whatASignalLeavesIsGoneOnWith() async throws {
    let sample = try ShardSample(count: 8, shardSize: 8)
    defer { sample.remove() }
    let asked = Counter()
    let worker = try sample.worker(0)
    let task = Task {
      try await worker.run { item in
        if asked.next() > 3 { try await Task.sleep(for: .seconds(60)) }
        return ShardSample.answer(item)
      }
    }
    while asked.count < 4 { try await Task.sleep(for: .milliseconds(5)) }
    task.cancel()
    let ending = try await task.value
    #expect(ending == .checkpointed(3))
    #expect(sample.folder.finishedShards().isEmpty)
    let rest = Counter()
    // Another process on another node.
    let last = try await sample.worker(0, host: "n2").run { item in
      _ = rest.next()
      return ShardSample.answer(item)
    }
    #expect(last == .finished(.first))
    #expect(rest.count == 5)
    let result = try ShardResult(
      reading: sample.folder.result(ofShard: 0), of: sample.manifest, shard: 0)
    #expect(result.rows.map(\.answer) == sample.manifest.items.map(ShardSample.answer))
  }

  /// A file system of 64 KiB, which only root can make.
  @Test(.enabled(if: geteuid() == 0)) func aFullDiskLosesNothing() async throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    let results = sample.folder.results
    let mounted = SpawnedProgram.run(
      ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", results], in: "/")
    // Not allowed in every container.
    guard mounted.code == 0 else { return }
    defer { _ = SpawnedProgram.run(["umount", results], in: "/") }
    let filler = "\(results)/filler"
    _ = SpawnedProgram.run(["dd", "if=/dev/zero", "of=\(filler)", "bs=4096", "count=100"], in: "/")
    do {
      _ = try await sample.worker(0).run { ShardSample.answer($0) }
      Issue.record("a full disk was not noticed")
    } catch DistributionError.unwritable(_, let reason) {
      #expect(reason == "No space left on device")
    }
    #expect(PrivateFiles.names(in: results) == ["filler"])
    unlink(filler)
    // What was answered is in the checkpoint, on another file system.
    let asked = Counter()
    let ending = try await sample.worker(0).run { item in
      _ = asked.next()
      return ShardSample.answer(item)
    }
    #expect(ending == .finished(.first))
    #expect(asked.count == 0)
  }

  @Test func aResultWithoutAPlaceIsAnError() async throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    try FileManager.default.removeItem(atPath: sample.folder.results)
    await #expect(throws: DistributionError.self) {
      try await sample.worker(0).run { ShardSample.answer($0) }
    }
    #expect(
      "\(DistributionError.unwritable(file: "r", reason: "No space left on device"))"
        == """
        r: cannot be written: No space left on device
        hint: what is finished is kept; make room, and the shard is asked again
        """)
  }
}

/// Counts calls from any task.
final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var value = 0

  var count: Int { lock.withLock { value } }

  func next() -> Int {
    lock.withLock {
      value += 1
      return value
    }
  }
}
