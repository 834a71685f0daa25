import Foundation

/// What a batch of tasks is asked: items in numbered shards, with the study that says how to answer them.
///
/// A sealed file. The content of a shard is a function of manifest and number only, so that a shard may be worked on twice.
public struct Manifest: Sendable {
  /// What is asked about, and by which program.
  public struct Subject: Hashable, Sendable {
    /// A file that answers depend on.
    public struct Input: Hashable, Sendable, Codable {
      /// Absolute path.
      public var path: String
      /// SHA-256 of its bytes, 64 hexadecimal digits.
      public var sha256: String

      /// Reads a file.
      ///
      /// - Throws: `DistributionError.unreadable`.
      public init(path: String) throws(DistributionError) {
        guard let data = FileManager.default.contents(atPath: path) else {
          throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        self.path = path
        sha256 = SHA256.hex(Array(data)[...])
      }
    }

    /// What the items are, for example `evaluations`.
    public var kind: String
    /// The study, complete: its resolved text with absolute paths.
    public var study: String
    /// The files that the study names.
    public var inputs: [Input]
    /// Where a worker works; empty where that does not matter.
    public var folder: String
    /// The version of the program that answers.
    public var version: String

    /// Creates a subject.
    public init(
      kind: String, study: String, inputs: [Input], folder: String = "", version: String
    ) {
      (self.kind, self.study, self.inputs) = (kind, study, inputs)
      (self.folder, self.version) = (folder, version)
    }

    /// Refuses to answer with other files, or as another program, than was asked.
    ///
    /// - Throws: `DistributionError.wrongHash`, `.otherVersion`, `.unreadable`.
    public func check(version: String, manifest: String) throws(DistributionError) {
      guard self.version == version else {
        throw .otherVersion(file: manifest, got: self.version, expected: version)
      }
      for input in inputs {
        let now = try Input(path: input.path)
        guard now == input else {
          throw .wrongHash(file: input.path, got: now.sha256, expected: input.sha256)
        }
      }
    }
  }

  /// What is asked about.
  public let subject: Subject
  /// Items of a shard; the last one may have fewer.
  public let shardSize: Int
  /// The user who made it.
  public let owner: UInt32
  /// One line of JSON each.
  public let items: [String]
  /// The hash of the file, 64 hexadecimal digits.
  public let hash: String

  private struct Header: Codable {
    var dovetail = "manifest 1"
    var kind: String
    var study: String
    var inputs: [Subject.Input]
    var folder: String
    var shardSize: Int
    var version: String
    var owner: UInt32
    var items: Int
  }

  /// How many shards there are.
  public var shardCount: Int { (items.count + shardSize - 1) / shardSize }

  /// The numbers of a shard's items.
  public func range(ofShard shard: Int) -> Range<Int> {
    shard * shardSize..<min(items.count, (shard + 1) * shardSize)
  }

  /// Writes a manifest.
  ///
  /// - Parameters:
  ///   - file: Where; made for its owner only.
  ///   - subject: What is asked about.
  ///   - shardSize: Items of a shard, from 1.
  ///   - items: Lines, at least one.
  /// - Throws: `DistributionError.unwritable`.
  public init(
    writing file: String, subject: Subject, shardSize: Int, items: [String]
  ) throws(DistributionError) {
    precondition(shardSize >= 1 && !items.isEmpty, "a manifest has items")
    let header = Header(
      kind: subject.kind, study: subject.study, inputs: subject.inputs,
      folder: subject.folder, shardSize: shardSize, version: subject.version, owner: geteuid(),
      items: items.count)
    let (bytes, hash) = SealedLines.sealing([lineOfJSON(header)] + items)
    try PrivateFiles.replace(file, with: bytes)
    (self.subject, self.shardSize) = (subject, shardSize)
    (owner, self.items, self.hash) = (header.owner, items, hash)
  }

  /// Reads a manifest and checks whose it is and that it is unchanged.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - expected: The hash that the task was submitted with; `nil` takes the file's own.
  ///   - user: Who reads, and must be the owner of the file; `nil` for the user of this process.
  /// - Throws: `DistributionError`.
  public init(reading file: String, hash expected: String? = nil, user: UInt32? = nil)
    throws(DistributionError)
  {
    let user = user ?? geteuid()
    try Self.check(file, user)
    let sealed = try SealedLines(reading: file)
    if let expected, sealed.hash != expected {
      throw .wrongHash(file: file, got: sealed.hash, expected: expected)
    }
    guard let first = sealed.lines.first,
      let header = try? JSONDecoder().decode(Header.self, from: Data(first.utf8)),
      header.dovetail == "manifest 1", header.shardSize >= 1, header.items >= 1
    else {
      throw .malformed(file: file, got: "another first line", expected: "that of a manifest")
    }
    guard header.items == sealed.lines.count - 1 else {
      throw .malformed(
        file: file, got: "\(sealed.lines.count - 1) items", expected: "\(header.items)")
    }
    guard header.owner == user else {
      throw .foreign(file: file, got: "uid \(header.owner)", expected: "uid \(user)")
    }
    subject = Subject(
      kind: header.kind, study: header.study, inputs: header.inputs, folder: header.folder,
      version: header.version)
    (shardSize, owner) = (header.shardSize, header.owner)
    items = Array(sealed.lines.dropFirst())
    hash = sealed.hash
  }

  /// Refuses files that others could have made.
  private static func check(_ file: String, _ user: UInt32) throws(DistributionError) {
    for path in [(file as NSString).deletingLastPathComponent, file] {
      var information = stat()
      guard stat(path.isEmpty ? "." : path, &information) == 0 else {
        throw .unreadable(file: path, reason: String(cString: strerror(errno)))
      }
      guard information.st_uid == user else {
        throw .foreign(file: path, got: "uid \(information.st_uid)", expected: "uid \(user)")
      }
      guard information.st_mode & 0o022 == 0 else {
        throw .foreign(
          file: path, got: "a file that others may write to", expected: "one of its owner only")
      }
    }
  }
}

/// A value as one line of JSON, keys in alphabetical order.
func lineOfJSON(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  // Only numbers that are not finite fail, and there are none.
  return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
}
