import Foundation
import Yams

extension SpecificationNode {
  /// Largest file that is read, in bytes.
  static let largestFileSize = 2 << 20
  /// Deepest nesting of lists and mappings.
  static let largestDepth = 64

  /// Reads the bytes of one file: exactly one YAML document without anchors.
  ///
  /// - Parameter file: The name that messages begin with.
  init(parsing bytes: Data, file: String) throws(SpecificationError) {
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
    try Self.checkCharacters(of: text, file: file)
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
    tree = try Self.tree(of: root, file: file, depth: 0)
  }

  /// Reads a file from disk.
  init(readingFile path: String) throws(SpecificationError) {
    let start = SpecificationPlace(file: path, line: 1)
    let handle: FileHandle
    let bytes: Data
    do {
      handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      bytes = try handle.read(upToCount: Self.largestFileSize + 1) ?? Data()
    } catch {
      let exists = FileManager.default.fileExists(atPath: path)
      throw .unreadable(
        at: start, got: exists ? "a file that cannot be read" : "no such file",
        expected: "a readable YAML file")
    }
    try self.init(parsing: bytes, file: path)
  }

  /// Refuses control characters and anchors before the parser sees them.
  ///
  /// Without anchors there are no aliases, hence no text whose expansion is larger than the text. An anchor
  /// is `&` and a name character at the start of a token; inside a word (`AT&T`) it is part of a text.
  private static func checkCharacters(of text: String, file: String) throws(SpecificationError) {
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
      if isAnchorStart, isNameCharacter(byte) {
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

  private static func tree(of node: Node, file: String, depth: Int) throws(SpecificationError)
    -> Tree
  {
    let line = node.mark?.line ?? 1
    guard depth <= largestDepth else {
      throw tooDeep(at: SpecificationPlace(file: file, line: line, column: node.mark?.column))
    }
    switch node {
    case .scalar(let scalar):
      return .scalar(text: scalar.string, isPlain: scalar.style == .plain, line: line)
    case .sequence(let sequence):
      var items: [Tree] = []
      items.reserveCapacity(sequence.count)
      for item in sequence { items.append(try tree(of: item, file: file, depth: depth + 1)) }
      return .list(items, line: line)
    case .mapping(let mapping):
      var entries: [Entry] = []
      for (key, value) in mapping {
        let keyLine = key.mark?.line ?? line
        guard case .scalar(let name) = key else {
          throw .malformed(
            at: SpecificationPlace(file: file, line: keyLine, column: key.mark?.column),
            problem: "got a list or mapping as a key, expected a name", hint: nil)
        }
        let content = try tree(of: value, file: file, depth: depth + 1)
        entries.append(Entry(key: name.string, line: keyLine, value: content))
      }
      return .mapping(entries, line: line)
    case .alias:
      throw .malformed(
        at: SpecificationPlace(file: file, line: line, column: node.mark?.column),
        problem: "got an alias, expected values written out", hint: nil)
    }
  }

  private static func tooDeep(at place: SpecificationPlace) -> SpecificationError {
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
