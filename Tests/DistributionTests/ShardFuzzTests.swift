import Foundation
import Testing

@testable import Distribution

/// Whatever stands in a file, reading it ends with a value or with an error that says why.
@Suite struct ShardFuzzTests {
  /// A small generator of its own: equal runs on every machine.
  struct Noise {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }

    mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
      var bytes = bytes
      for _ in 0...next(below: 4) where !bytes.isEmpty {
        let place = next(below: bytes.count)
        switch next(below: 4) {
        case 0: bytes[place] = UInt8(next(below: 256))
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8(next(below: 256)), at: place)
        default: bytes.removeLast(next(below: bytes.count))
        }
      }
      return bytes
    }
  }

  @Test func changedResultsAreRefused() throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    let rows = sample.manifest.range(ofShard: 0).map {
      ShardResult.Row(item: $0, seconds: 0.5, answer: "{\"square\":\($0)}")
    }
    let header = ShardResult.Header(
      manifest: sample.manifest.hash, shard: 0, host: "n1", begun: 0, ended: 1)
    let whole = ShardResult(header: header, rows: rows).bytes
    let file = "\(sample.folder.path)/fuzz"
    var noise = Noise(state: 1)
    var refused = 0
    for _ in 0..<300 {
      let bytes = noise.changed(whole)
      try PrivateFiles.write(bytes, to: file)
      do {
        let result = try ShardResult(reading: file, of: sample.manifest, shard: 0)
        // A change that was none.
        #expect(bytes == whole)
        #expect(result.rows == rows)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 250)
  }

  /// Sealed correctly, and nonsense all the same.
  @Test func nonsenseWithAGoodHashIsRefused() throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    let file = "\(sample.folder.path)/fuzz"
    let head =
      "{\"begun\":0,\"dovetail\":\"result 1\",\"ended\":1,\"host\":\"n\",\"isPartial\":false,"
      + "\"manifest\":\"\(sample.manifest.hash)\",\"shard\":0}"
    let row = "{\"item\":0,\"seconds\":1,\"answer\":{}}"
    for lines in [
      [], ["x"], ["{}"], [head], [head, row], [head, "{\"item\":0,\"answer\":{}}"],
      [head, "{\"item\":x,\"seconds\":1,\"answer\":{}}"], [head, row, row, row, row],
      [head, "{\"item\":-1,\"seconds\":1,\"answer\":{}}"], [head, "", "", "", ""],
    ] {
      try PrivateFiles.write(SealedLines.sealing(lines).bytes, to: file)
      #expect(throws: DistributionError.self) {
        try ShardResult(reading: file, of: sample.manifest, shard: 0)
      }
    }
    for lines in [
      [], ["x"], ["{}"],
      [
        "{\"dovetail\":\"manifest 1\",\"folder\":\"\",\"inputs\":[],\"items\":2,\"kind\":\"k\","
          + "\"owner\":\(geteuid()),\"shardSize\":1,\"study\":\"\",\"version\":\"1\"}", "{}",
      ],
      [
        "{\"dovetail\":\"manifest 1\",\"folder\":\"\",\"inputs\":[],\"items\":1,\"kind\":\"k\","
          + "\"owner\":\(geteuid()),\"shardSize\":0,\"study\":\"\",\"version\":\"1\"}", "{}",
      ],
    ] {
      try PrivateFiles.write(SealedLines.sealing(lines).bytes, to: sample.folder.manifest)
      #expect(throws: DistributionError.self) {
        try Manifest(reading: sample.folder.manifest)
      }
    }
  }

  @Test func listingsOfAnyKindAreRead() {
    var noise = Noise(state: 2)
    let text = Array(
      "dt1 0 RUNNING None\ndt1[4] PEND\n 17 0.5 dt0a1b2c3d me r 1 2 all.q@n1 1 3\n".utf8)
    for _ in 0..<500 {
      let changed = String(decoding: noise.changed(text), as: UTF8.self)
      for kind in ExecutorSettings.Kind.allCases { _ = QueueListing(kind, parsing: changed) }
      _ = QueueRunner.largestArray(inConfiguration: changed)
    }
  }

  @Test func leasesOfAnyKindAreSurvived() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    var noise = Noise(state: 3)
    let text = Array("{\"host\":\"n\",\"mark\":1,\"process\":7,\"time\":1}".utf8)
    for _ in 0..<30 {
      try PrivateFiles.write(noise.changed(text), to: "\(folder.path)/lease.json")
      if let lease = try? Lease(folder: folder.path, takesOver: false) { lease.end() }
    }
  }

  @Test func damagedFoldersAreSurveyed() async throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    _ = try await sample.worker(0).run { ShardSample.answer($0) }
    try Data("x".utf8).write(to: URL(fileURLWithPath: sample.folder.result(ofShard: 1)))
    try Data("{\"event\":\"lost\",\"shard\":2,\"host\":\"n9\"}\n{\"eve".utf8).write(
      to: URL(fileURLWithPath: sample.folder.events))
    var survey = ClusterSurvey(folder: sample.temporary.path)
    survey.look(now: Date())
    #expect(survey.taskCount == 3)
    #expect(survey.finishedCount == 1)
    #expect(survey.itemCount == 4)
    #expect(survey.tally.nodes.map(\.name) == ["n1", "n9"])
    #expect(
      survey.tally.text == [
        "node n1: 4 evaluations in 1 tasks, 0 lost (0.0 %)",
        "node n9: 0 evaluations in 0 tasks, 1 lost (100.0 %)",
      ])
    // Looking again changes nothing.
    survey.look(now: Date())
    #expect(survey.finishedCount == 1)
    #expect(survey.tally.nodes.count == 2)
  }
}
