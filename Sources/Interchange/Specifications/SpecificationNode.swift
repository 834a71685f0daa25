/// A node of a parsed specification file that knows its file, line and field path.
///
/// Readers ask it for what they need; whatever is not there, or not of the right kind, becomes a
/// `SpecificationError` that says where. Values are kept as written: nothing is guessed from their look.
public struct SpecificationNode: Hashable, Sendable {
  /// One key of a mapping with its value.
  public struct Entry: Hashable, Sendable {
    /// The key as written.
    public let key: String
    /// Line of the key, from 1.
    public let line: Int
    /// The value.
    public let value: Tree

    /// Creates an entry.
    public init(key: String, line: Int, value: Tree) {
      self.key = key
      self.line = line
      self.value = value
    }
  }

  /// The content without the path, which is only written out on the way to a value.
  public indirect enum Tree: Hashable, Sendable {
    /// A text; `isPlain` when it stands without quotes.
    case scalar(text: String, isPlain: Bool, line: Int)
    /// A list.
    case list([Tree], line: Int)
    /// A mapping in written order, with its tag (`!Container`) where the file has one.
    case mapping([Entry], line: Int, tag: String? = nil)

    /// Line where it begins, from 1.
    public var line: Int {
      switch self {
      case .scalar(_, _, let line), .list(_, let line), .mapping(_, let line, _): line
      }
    }
  }

  /// Name of the file, for messages.
  public let file: String
  /// Path of the node, for example `levels[1].energy`; empty for the root.
  public let field: String
  /// The content.
  public let tree: Tree

  /// Creates a node, for trees that are made from other trees.
  public init(file: String, field: String, tree: Tree) {
    self.file = file
    self.field = field
    self.tree = tree
  }

  /// The tag of a mapping, for example `!Container`.
  public var tag: String? {
    guard case .mapping(_, _, let tag) = tree else { return nil }
    return tag
  }

  /// Where the node is.
  public var place: SpecificationPlace {
    SpecificationPlace(file: file, line: tree.line, field: field)
  }

  /// What the node is, for the `got` of a message.
  public var shortDescription: String {
    switch tree {
    case .scalar("", true, _): "nothing"
    case .scalar(let text, true, _): shortened(text)
    case .scalar(let text, false, _): "\"\(shortened(text))\""
    case .list(let items, _): items.isEmpty ? "an empty list" : "a list"
    case .mapping: "a mapping"
    }
  }

  /// The error "got this, expected that" at the node.
  public func wrong(expected: String, hint: String? = nil) -> SpecificationError {
    .wrongValue(at: place, got: shortDescription, expected: expected, hint: hint)
  }

  // MARK: Mappings and lists

  /// Checks that the node is a mapping whose keys are all in `known`.
  public func checkKeys(_ known: [String]) throws(SpecificationError) {
    for entry in try entries(expected: "a mapping with keys \(known.joined(separator: ", "))")
    where !known.contains(entry.key) {
      throw .unknownKey(
        at: SpecificationPlace(file: file, line: entry.line, field: field), key: entry.key,
        known: known)
    }
  }

  /// The value of a key; `nil` when the key is absent.
  public func optional(_ key: String) -> SpecificationNode? {
    guard case .mapping(let entries, _, _) = tree,
      let entry = entries.first(where: { $0.key == key })
    else { return nil }
    return child(key: key, entry.value)
  }

  /// The value of a key that must be there.
  public func required(_ key: String, expected: String) throws(SpecificationError)
    -> SpecificationNode
  {
    guard let value = optional(key) else {
      throw .missingKey(at: place, key: key, expected: expected)
    }
    return value
  }

  /// Keys and values of a mapping with free keys, in written order.
  public func pairs(expected: String) throws(SpecificationError) -> [(key: String, value: Self)] {
    try entries(expected: expected).map { ($0.key, child(key: $0.key, $0.value)) }
  }

  /// The members of a list.
  public func items(expected: String) throws(SpecificationError) -> [SpecificationNode] {
    guard case .list(let trees, _) = tree else { throw wrong(expected: expected) }
    return trees.enumerated().map { index, tree in
      SpecificationNode(file: file, field: "\(field)[\(index)]", tree: tree)
    }
  }

  /// The place of a field path below the node, or of the nearest written field around it.
  public func nearestPlace(toField path: String) -> SpecificationPlace {
    var node = self
    for part in path.split(separator: ".") {
      let pieces = part.split(separator: "[", maxSplits: 1)
      guard let key = pieces.first, let value = node.optional(String(key)) else { break }
      node = value
      if pieces.count == 2, let index = Int(pieces[1].dropLast()),
        case .list(let trees, _) = node.tree, trees.indices.contains(index)
      {
        node = SpecificationNode(file: file, field: "\(node.field)[\(index)]", tree: trees[index])
      }
    }
    return node.place
  }

  private func entries(expected: String) throws(SpecificationError) -> [Entry] {
    guard case .mapping(let entries, _, _) = tree else { throw wrong(expected: expected) }
    return entries
  }

  private func child(key: String, _ tree: Tree) -> SpecificationNode {
    let name = shortened(key)
    return SpecificationNode(
      file: file, field: field.isEmpty ? name : "\(field).\(name)", tree: tree)
  }
}
