import Yams

/// How much of YAML a file may use.
public enum YAMLDialect: Hashable, Sendable {
  /// Our own files: no anchors, no merge keys, tags without meaning.
  case plain
  /// Files of other programs: anchors and merge keys are expanded, tags of mappings are kept.
  case foreign
}

/// Turns the parser's nodes into trees, within a budget.
///
/// Aliases share memory in the parser but are copied here, so the budget is what stops a file of ten lines from
/// expanding to billions of values.
struct YAMLTreeBuilder {
  /// Most values a file may expand to.
  static let largestValueCount = 200_000

  let file: String
  let dialect: YAMLDialect
  private var valueCount = 0

  init(file: String, dialect: YAMLDialect) {
    self.file = file
    self.dialect = dialect
  }

  /// Converts one node and everything below it.
  mutating func tree(of node: Node, depth: Int) throws(SpecificationError)
    -> SpecificationNode.Tree
  {
    let line = node.mark?.line ?? 1
    guard depth <= SpecificationNode.largestDepth else {
      throw SpecificationNode.tooDeep(at: place(line, node.mark?.column))
    }
    valueCount += 1
    if dialect == .foreign, valueCount > Self.largestValueCount {
      throw .malformed(
        at: place(line, node.mark?.column),
        problem: "got aliases that expand to more than \(Self.largestValueCount) values, "
          + "expected fewer",
        hint: nil)
    }
    switch node {
    case .scalar(let scalar):
      try checkTag(scalar.tag.description, line: line)
      return .scalar(text: scalar.string, isPlain: scalar.style == .plain, line: line)
    case .sequence(let sequence):
      try checkTag(sequence.tag.description, line: line)
      var items: [SpecificationNode.Tree] = []
      items.reserveCapacity(sequence.count)
      for item in sequence { items.append(try tree(of: item, depth: depth + 1)) }
      return .list(items, line: line)
    case .mapping(let mapping):
      return try tree(of: mapping, line: line, depth: depth)
    case .alias:
      throw .malformed(
        at: place(line, node.mark?.column), problem: "got an alias, expected values written out",
        hint: nil)
    }
  }

  private mutating func tree(of mapping: Node.Mapping, line: Int, depth: Int)
    throws(SpecificationError) -> SpecificationNode.Tree
  {
    var entries: [SpecificationNode.Entry] = []
    var merged: [SpecificationNode.Entry] = []
    for (key, value) in mapping {
      let keyLine = key.mark?.line ?? line
      guard case .scalar(let name) = key else {
        throw .malformed(
          at: place(keyLine, key.mark?.column),
          problem: "got a list or mapping as a key, expected a name", hint: nil)
      }
      let content = try tree(of: value, depth: depth + 1)
      if dialect == .foreign, name.string == "<<" || name.string == "<<<", name.style == .plain {
        merged += try sources(of: content, line: keyLine)
      } else {
        entries.append(.init(key: name.string, line: keyLine, value: content))
      }
    }
    var names = Set(entries.map(\.key))
    // What is written in the mapping wins; among merged mappings the first.
    entries += merged.filter { names.insert($0.key).inserted }
    let tag = mapping.tag.description
    let isOwn = dialect == .foreign && tag.hasPrefix("!") && tag.count > 1
    if isOwn { try checkTag(tag, line: line) }
    return .mapping(entries, line: line, tag: isOwn ? tag : nil)
  }

  /// The entries of the mappings that a merge key refers to.
  private func sources(of tree: SpecificationNode.Tree, line: Int) throws(SpecificationError)
    -> [SpecificationNode.Entry]
  {
    switch tree {
    case .mapping(let entries, _, _): return entries
    case .list(let trees, _):
      var result: [SpecificationNode.Entry] = []
      for tree in trees { result += try sources(of: tree, line: line) }
      return result
    case .scalar(let text, _, _):
      throw .malformed(
        at: place(line), problem: "got \"\(shortened(text))\" to merge, expected a mapping",
        hint: nil)
    }
  }

  /// Refuses tags that stand for the content of something else.
  private func checkTag(_ tag: String, line: Int) throws(SpecificationError) {
    guard dialect == .foreign else { return }
    for prefix in ["!include", "!ENV", "!env", "!var"] where tag.hasPrefix(prefix) {
      throw .malformed(
        at: place(line), problem: "got \(shortened(tag)), expected plain YAML",
        hint: "put the content that \(shortened(tag)) stands for in its place")
    }
  }

  private func place(_ line: Int, _ column: Int? = nil) -> SpecificationPlace {
    SpecificationPlace(file: file, line: line, column: column)
  }
}
