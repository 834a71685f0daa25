import Foundation

/// What came of a shard: an answer an item, how long each took, and where.
///
/// A sealed file of lines of JSON that names the manifest it belongs to.
public struct ShardResult: Sendable {
  /// One answer.
  public struct Row: Hashable, Sendable {
    /// The number of the item in the manifest.
    public var item: Int
    /// Wall time in seconds.
    public var seconds: Double
    /// The answer, an object of JSON on one line.
    public var answer: String

    /// Creates a row.
    public init(item: Int, seconds: Double, answer: String) {
      (self.item, self.seconds, self.answer) = (item, seconds, answer)
    }

    private static let middle = ",\"answer\":"

    var line: String { "{\"item\":\(item),\"seconds\":\(seconds)\(Self.middle)\(answer)}" }

    /// - Returns: `nil` for another line.
    init?(_ line: String) {
      guard line.hasPrefix("{\"item\":"), line.hasSuffix("}"),
        let middle = line.firstRange(of: Self.middle)
      else { return nil }
      let parts = line[..<middle.lowerBound].dropFirst(8).split(
        separator: ",\"seconds\":", maxSplits: 1)
      guard parts.count == 2, let item = Int(parts[0]), let seconds = Double(parts[1]) else {
        return nil
      }
      self.init(item: item, seconds: seconds, answer: String(line[middle.upperBound...].dropLast()))
    }
  }

  /// The first line.
  struct Header: Codable, Hashable {
    var dovetail = "result 1"
    var manifest: String
    var shard: Int
    var host: String
    var begun: Double
    var ended: Double
    /// Whether only a part is finished.
    var isPartial = false
  }

  let header: Header
  /// In the order of the items.
  public let rows: [Row]

  /// Where it was made.
  public var host: String { header.host }

  init(header: Header, rows: [Row]) {
    self.header = header
    self.rows = rows.sorted { $0.item < $1.item }
  }

  /// The bytes of its file.
  var bytes: [UInt8] { SealedLines.sealing([lineOfJSON(header)] + rows.map(\.line)).bytes }

  /// Reads a result or checkpoint and checks that it answers a shard of a manifest.
  ///
  /// - Throws: `DistributionError`.
  init(reading file: String, of manifest: Manifest, shard: Int) throws(DistributionError) {
    let sealed = try SealedLines(reading: file)
    guard let first = sealed.lines.first,
      let header = try? JSONDecoder().decode(Header.self, from: Data(first.utf8)),
      header.dovetail == "result 1"
    else {
      throw .malformed(file: file, got: "another first line", expected: "that of a result")
    }
    guard header.manifest == manifest.hash else {
      throw .wrongHash(file: file, got: header.manifest, expected: manifest.hash)
    }
    guard header.shard == shard else {
      throw .malformed(file: file, got: "shard \(header.shard)", expected: "shard \(shard)")
    }
    var rows: [Row] = []
    for line in sealed.lines.dropFirst() {
      guard let row = Row(line) else {
        throw .malformed(file: file, got: "\"\(line.prefix(60))\"", expected: "an answer")
      }
      rows.append(row)
    }
    let range = manifest.range(ofShard: shard)
    let isWhole = rows.map(\.item) == Array(range)
    let isPart = rows.allSatisfy { range.contains($0.item) }
    guard header.isPartial ? isPart : isWhole else {
      throw .malformed(
        file: file, got: "answers to other items",
        expected: "items \(range.lowerBound) to "
          + "\(range.upperBound - 1)")
    }
    self.init(header: header, rows: rows)
  }

  /// Whether another result says the same; times and hosts aside.
  func agrees(with other: ShardResult) -> Bool {
    rows.map(\.answer) == other.rows.map(\.answer)
  }

  /// How a result was put beside those of other workers.
  public enum Commitment: Hashable, Sendable {
    /// It is the first.
    case first
    /// There was one that says the same.
    case duplicate
    /// There was one that says otherwise, which stays.
    case contradiction
  }

  /// Puts the result in its place, unless another worker was first.
  ///
  /// Written under another name, made durable, and linked: a place never holds half a result, and nobody overwrites another.
  /// - Throws: `DistributionError.unwritable` for a full disk and the like; nothing is in the place then.
  func commit(to folder: ShardFolder, of manifest: Manifest) throws(DistributionError)
    -> Commitment
  {
    let place = folder.result(ofShard: header.shard)
    let draft = "\(place).\(PrivateFiles.uniqueSuffix()).partial"
    try PrivateFiles.write(bytes, to: draft)
    defer { unlink(draft) }
    for _ in 0..<3 {
      if link(draft, place) == 0 {
        PrivateFiles.sync(folderOf: place)
        return .first
      }
      guard errno == EEXIST else {
        throw .unwritable(file: place, reason: String(cString: strerror(errno)))
      }
      do {
        let first = try ShardResult(reading: place, of: manifest, shard: header.shard)
        let isSame = agrees(with: first)
        folder.note(
          ShardEvent(
            event: isSame ? .duplicate : .contradiction, shard: header.shard, host: host,
            detail: isSame ? nil : "the first is by \(first.host)"))
        guard !isSame else { return .duplicate }
        // Kept for whoever looks into it.
        rename(draft, "\(place).contradiction-\(PrivateFiles.uniqueSuffix())")
        return .contradiction
      } catch {
        Self.setAside(folder, header.shard, because: error)
      }
    }
    throw .unwritable(file: place, reason: "a damaged result comes again and again")
  }

  /// Moves a result that cannot be used out of its place.
  static func setAside(_ folder: ShardFolder, _ shard: Int, because error: DistributionError) {
    let place = folder.result(ofShard: shard)
    let detail = "\(error)".split(separator: "\n").first.map(String.init)
    folder.note(ShardEvent(event: .damaged, shard: shard, detail: detail))
    rename(place, "\(place).damaged-\(PrivateFiles.uniqueSuffix())")
  }
}
