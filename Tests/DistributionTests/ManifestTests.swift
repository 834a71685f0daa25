import Foundation
import Testing

@testable import Distribution

@Suite struct ManifestTests {
  @Test func comesBackAsItWasWritten() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let file = "\(folder.path)/manifest.jsonl"
    let study = "name: \"a \\\"b\\\"\\n\u{2028}é\"\n"
    let subject = Manifest.Subject(
      kind: "squares", study: study, inputs: [], folder: "/x y", version: "7")
    let items = (0..<10).map { "{\"number\":\($0)}" }
    let made = try Manifest(writing: file, subject: subject, shardSize: 4, items: items)
    let read = try Manifest(reading: file, hash: made.hash)
    #expect(read.subject == subject)
    #expect(read.items == items)
    #expect(read.hash == made.hash)
    #expect(read.shardCount == 3)
    #expect(read.range(ofShard: 2) == 8..<10)
    // The hash is that of the bytes before the last line, as any other program computes it.
    let sum = SpawnedProgram.run(
      ["sh", "-c", "head -n -1 manifest.jsonl | sha256sum"], in: folder.path)
    #expect(sum.output.hasPrefix(made.hash))
    // Equal content, equal hash.
    let again = try Manifest(writing: file, subject: subject, shardSize: 4, items: items)
    #expect(again.hash == made.hash)
  }

  @Test func isForItsOwnerOnly() throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    for path in [sample.temporary.path, sample.folder.path, sample.folder.results] {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o700)
    }
    let mode =
      try FileManager.default.attributesOfItem(atPath: sample.folder.manifest)[.posixPermissions]
      as? Int
    #expect(mode == 0o600)
  }

  @Test func aChangedByteIsFound() throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    let file = sample.folder.manifest
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    for place in stride(from: 0, to: bytes.count - 1, by: 17) {
      var changed = bytes
      changed[place] ^= 1
      try Data(changed).write(to: URL(fileURLWithPath: file))
      chmod(file, 0o600)
      #expect(throws: DistributionError.self) { try Manifest(reading: file) }
    }
    for count in stride(from: 0, to: bytes.count, by: 29) {
      try Data(bytes.prefix(count)).write(to: URL(fileURLWithPath: file))
      chmod(file, 0o600)
      #expect(throws: DistributionError.self) { try Manifest(reading: file) }
    }
  }

  @Test func anotherHashIsRefused() throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    let file = sample.folder.manifest
    let other = String(repeating: "0", count: 64)
    #expect(
      throws: DistributionError.wrongHash(file: file, got: sample.manifest.hash, expected: other)
    ) {
      try Manifest(reading: file, hash: other)
    }
    let start = sample.manifest.hash.prefix(16)
    #expect(
      "\(DistributionError.wrongHash(file: "m", got: sample.manifest.hash, expected: other))"
        == """
        m: hash: got \(start)..., expected 0000000000000000...
        hint: the file was changed after it was made; go on with the run, which makes it anew
        """)
  }

  @Test func anotherOwnerIsRefused() throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    let folder = sample.folder.path
    let owner = geteuid()
    #expect(
      throws: DistributionError.foreign(
        file: folder, got: "uid \(owner)", expected: "uid \(owner + 1)")
    ) {
      try Manifest(reading: sample.folder.manifest, user: owner + 1)
    }
    chmod(sample.folder.manifest, 0o666)
    #expect(
      throws: DistributionError.foreign(
        file: sample.folder.manifest, got: "a file that others may write to",
        expected: "one of its owner only")
    ) {
      try Manifest(reading: sample.folder.manifest)
    }
    #expect(
      "\(DistributionError.foreign(file: "m", got: "uid 7", expected: "uid 8"))"
        == """
        m: owner: got uid 7, expected uid 8
        hint: only the user who made a run works on it, and nobody else may write to its files
        """)
  }

  /// Only root can give files away.
  @Test(.enabled(if: geteuid() == 0)) func aManifestThatWasGivenAwayIsRefused() throws {
    let sample = try ShardSample()
    defer { sample.remove() }
    chown(sample.folder.manifest, 12_345, 12_345)
    #expect(
      throws: DistributionError.foreign(
        file: sample.folder.manifest, got: "uid 12345", expected: "uid 0")
    ) {
      try Manifest(reading: sample.folder.manifest)
    }
  }

  @Test func otherFilesAndVersionsAreRefused() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let input = "\(folder.path)/space.yaml"
    try Data("a: 1\n".utf8).write(to: URL(fileURLWithPath: input))
    let subject = Manifest.Subject(
      kind: "k", study: "s", inputs: [try .init(path: input)], version: "1")
    try subject.check(version: "1", manifest: "m")
    #expect(throws: DistributionError.otherVersion(file: "m", got: "1", expected: "2")) {
      try subject.check(version: "2", manifest: "m")
    }
    try Data("a: 2\n".utf8).write(to: URL(fileURLWithPath: input))
    #expect(
      throws: DistributionError.wrongHash(
        file: input, got: SHA256.hex("a: 2\n"), expected: SHA256.hex("a: 1\n"))
    ) {
      try subject.check(version: "1", manifest: "m")
    }
    unlink(input)
    #expect(
      throws: DistributionError.unreadable(file: input, reason: "No such file or directory")
    ) {
      try subject.check(version: "1", manifest: "m")
    }
    #expect(
      "\(DistributionError.otherVersion(file: "m", got: "1", expected: "2"))"
        == """
        m: version: got 1, expected 2, that of this program
        hint: run the same dovetail on all nodes
        """)
  }
}
