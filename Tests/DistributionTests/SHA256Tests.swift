import Foundation
import Testing

@testable import Distribution

@Suite struct SHA256Tests {
  /// NIST, "Example Algorithms: SHA-256", and the vectors of FIPS 180-2 appendix B.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func agreesWithTheStandard(text: String, hash: String) {
    #expect(SHA256.hex(text) == hash)
  }

  @Test func agreesWithTheStandardOnAMillionBytes() {
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(
      SHA256.hex(bytes[...]) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  /// An outside oracle for every length around the ends of blocks.
  @Test func agreesWithSha256sum() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    var names: [String] = []
    for count in 50...70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0 + count) }
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/\(count)"))
      names.append("\(folder.path)/\(count)")
    }
    let answer = SpawnedProgram.run(["sha256sum"] + names, in: folder.path)
    let hashes = answer.output.split(separator: "\n").map { String($0.prefix(64)) }
    #expect(hashes.count == names.count)
    for (name, hash) in zip(names, hashes) {
      let bytes = Array(FileManager.default.contents(atPath: name) ?? Data())
      #expect(SHA256.hex(bytes[...]) == hash)
    }
  }

  @Test func piecesMakeTheSameHash() {
    let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let whole = SHA256.hex(bytes[...])
    for size in [1, 3, 63, 64, 65, 200] {
      var hash = SHA256()
      for start in stride(from: 0, to: bytes.count, by: size) {
        hash.update(bytes[start..<min(bytes.count, start + size)])
      }
      #expect(hash.finish() == whole)
    }
  }
}

/// A folder for its owner only that ends with a test.
struct TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/dovetail-shards-" + UUID().uuidString
    try PrivateFiles.makeFolder(path)
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
