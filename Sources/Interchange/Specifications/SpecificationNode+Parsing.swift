public import Foundation
import Yams

extension SpecificationNode {
  /// Largest file that is read, in bytes.
  public static let largestFileSize = 2 << 20
  /// Deepest nesting of lists and mappings.
  public static let largestDepth = 64

  /// Reads the bytes of one file: exactly one YAML document.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, UTF-8.
  ///   - file: The name that messages begin with.
  ///   - dialect: Whether anchors, merge keys and tags mean something.
  public init(parsing bytes: Data, file: String, dialect: YAMLDialect = .plain)
    throws(SpecificationError)
  {
    let start = SpecificationPlace(file: file, line: 1)
    guard bytes.count <= Self.largestFileSize else {
      throw .unreadable(
        at: start, got: "\(bytes.count) bytes", expected: "at most \(Self.largestFileSize)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .unreadable(
        at: SpecificationPlace(file: file, line: Self.lineOfInvalidText(in: bytes)),
        got: "bytes that are not UTF-8", expected: "UTF-8 text")
    }
    switch dialect {
    case .plain: try Self.checkCharacters(of: text, file: file, allowingAnchors: false)
    case .foreign:
      try Self.checkCharacters(of: text, file: file, allowingAnchors: true)
      try ForeignYAMLCheck(text: text, file: file).run()
    }
    let root: Node?
    do {
      root = try Parser(
        yaml: text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text, resolver: .basic,
        encoding: .utf8
      ).singleRoot()
    } catch let error as YamlError {
      throw Self.wrapped(error, file: file)
    } catch {
      throw .malformed(at: start, problem: "cannot read as YAML: \(error)", hint: nil)
    }
    guard let root, !Self.isNothing(root) else {
      throw .unreadable(at: start, got: "an empty file", expected: "a YAML mapping")
    }
    self.file = file
    field = ""
    var builder = YAMLTreeBuilder(file: file, dialect: dialect)
    tree = try builder.tree(of: root, depth: 0)
  }

  /// Reads a file from disk.
  public init(readingFile path: String, dialect: YAMLDialect = .plain)
    throws(SpecificationError)
  {
    try self.init(parsing: Self.bytes(ofFile: path), file: path, dialect: dialect)
  }

  /// The bytes of a file of at most `largestFileSize`.
  public static func bytes(ofFile path: String) throws(SpecificationError) -> Data {
    let start = SpecificationPlace(file: path, line: 1)
    let handle: FileHandle
    do {
      handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      return try handle.read(upToCount: Self.largestFileSize + 1) ?? Data()
    } catch {
      let exists = FileManager.default.fileExists(atPath: path)
      throw .unreadable(
        at: start, got: exists ? "a file that cannot be read" : "no such file",
        expected: "a readable YAML file")
    }
  }

  /// Refuses control characters and anchors before the parser sees them.
  ///
  /// Without anchors there are no aliases, hence no text whose expansion is larger than the text. An anchor
  /// is `&` and a name character at the start of a token; inside a word (`AT&T`) it is part of a text.
  private static func checkCharacters(of text: String, file: String, allowingAnchors: Bool)
    throws(SpecificationError)
  {
    var line = 1
    var column = 0
    var previous: UInt8 = 10
    var isAnchorStart = false
    for byte in text.utf8 {
      if byte & 0xC0 != 0x80 { column += 1 }
      if byte < 32, byte != 9, byte != 10, byte != 13 {
        throw .malformed(
          at: SpecificationPlace(file: file, line: line, column: column),
          problem: "got control character \(byte), expected printable text", hint: nil)
      }
      if isAnchorStart, !allowingAnchors, isNameCharacter(byte) {
        throw .malformed(
          at: SpecificationPlace(file: file, line: line, column: column - 1),
          problem: "got an anchor, expected values written out",
          hint: "repeat the value; in a text put a space after \"&\"")
      }
      isAnchorStart = byte == 38 && !isNameCharacter(previous)
      if byte == 10 {
        line += 1
        column = 0
      }
      previous = byte
    }
  }

  private static func isNameCharacter(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || byte == 45 || byte == 95
  }

  /// Line of the first byte that cannot belong to UTF-8.
  private static func lineOfInvalidText(in bytes: Data) -> Int {
    var line = 1
    for piece in bytes.split(separator: 10, omittingEmptySubsequences: false) {
      if String(validating: piece, as: UTF8.self) == nil { break }
      line += 1
    }
    return line
  }

  private static func isNothing(_ node: Node) -> Bool {
    if case .scalar(let scalar) = node { return scalar.string.isEmpty && scalar.style == .plain }
    return false
  }

  static func tooDeep(at place: SpecificationPlace) -> SpecificationError {
    .malformed(
      at: place,
      problem: "got lists and mappings nested deeper than \(largestDepth), expected fewer",
      hint: nil)
  }

  private static func wrapped(_ error: YamlError, file: String) -> SpecificationError {
    switch error {
    case .composer(let context?, _, let mark, _) where context.text.contains("single document"):
      .unreadable(
        at: SpecificationPlace(file: file, line: mark.line), got: "a second document",
        expected: "one document")
    case .parser(_, let problem, let mark, _) where problem.contains("nesting level"):
      tooDeep(at: SpecificationPlace(file: file, line: mark.line, column: mark.column))
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      .malformed(
        at: SpecificationPlace(file: file, line: mark.line, column: mark.column),
        problem: (context.map { "\($0.text): " } ?? "") + problem, hint: nil)
    case .duplicatedKeysInMapping(let duplicates, let context):
      .duplicateKey(
        at: SpecificationPlace(file: file, line: context.mark.line), key: duplicates.first ?? "")
    case .reader(let problem, let offset, _, let yaml):
      .malformed(
        at: SpecificationPlace(
          file: file, line: 1 + yaml.prefix(offset ?? 0).count(where: \.isNewline)),
        problem: problem, hint: nil)
    default:
      .malformed(
        at: SpecificationPlace(file: file, line: 1), problem: "cannot read as YAML: \(error)",
        hint: nil)
    }
  }
}
