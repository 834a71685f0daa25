import Execution

/// Where in a specification file something stands.
public struct SpecificationPlace: Hashable, Sendable {
  /// Name of the file as the caller gave it.
  public var file: String
  /// Line, from 1.
  public var line: Int
  /// Column, from 1; only for text that is not YAML.
  public var column: Int?
  /// Field path such as `levels[1].energy.read`; empty for the whole file.
  public var field: String

  /// Creates a place.
  public init(file: String, line: Int, column: Int? = nil, field: String = "") {
    self.file = file
    self.line = line
    self.column = column
    self.field = field
  }

  /// `file:line: field: `, the beginning of every message.
  var prefix: String {
    var text = "\(file):\(line)"
    if let column { text += ":\(column)" }
    return field.isEmpty ? "\(text): " : "\(text): \(field): "
  }
}

/// Why a specification file cannot be used.
public enum SpecificationError: Error, Hashable, Sendable {
  /// The file as a whole cannot be read: size, encoding, emptiness, a second document.
  case unreadable(at: SpecificationPlace, got: String, expected: String)
  /// The text is not YAML, or uses a part of YAML that specifications do without.
  case malformed(at: SpecificationPlace, problem: String, hint: String?)
  /// A mapping has a key that means nothing there.
  case unknownKey(at: SpecificationPlace, key: String, known: [String])
  /// A mapping has a key twice.
  case duplicateKey(at: SpecificationPlace, key: String)
  /// A required key is absent.
  case missingKey(at: SpecificationPlace, key: String, expected: String)
  /// A value has the wrong kind or is out of range.
  case wrongValue(at: SpecificationPlace, got: String, expected: String, hint: String? = nil)
  /// A value refers to something that does not exist.
  case unknownName(at: SpecificationPlace, what: String, name: String, known: [String])
  /// The values are well formed one by one, but the domain refuses them together.
  case rejected(at: SpecificationPlace, reason: String)

  /// Where the problem is.
  public var place: SpecificationPlace {
    switch self {
    case .unreadable(let place, _, _), .malformed(let place, _, _), .unknownKey(let place, _, _),
      .duplicateKey(let place, _), .missingKey(let place, _, _),
      .wrongValue(let place, _, _, _), .unknownName(let place, _, _, _),
      .rejected(let place, _):
      place
    }
  }

  /// The next step to take, without the word `hint:`.
  public var hint: String? {
    switch self {
    case .malformed(_, _, let hint), .wrongValue(_, _, _, let hint): hint
    case .unknownKey(_, let key, let known): Self.suggestion(for: key, among: known, called: "keys")
    case .unknownName(_, let what, let name, let known):
      Self.suggestion(for: name, among: known, called: "\(what)s")
    case .unreadable, .duplicateKey, .missingKey, .rejected: nil
    }
  }

  private static func suggestion(for name: String, among known: [String], called what: String)
    -> String?
  {
    guard !known.isEmpty else { return nil }
    let list = "known \(what): \(known.sorted().joined(separator: ", "))"
    guard let nearest = nearestName(to: name, among: known) else { return list }
    return "did you mean \"\(nearest)\"? \(list)"
  }
}

extension SpecificationError: CustomStringConvertible {
  /// The message a user reads, with its hint on a second line when there is one.
  public var description: String {
    guard let hint else { return place.prefix + problem }
    return "\(place.prefix)\(problem)\nhint: \(hint)"
  }

  private var problem: String {
    switch self {
    case .unreadable(_, let got, let expected): "got \(got), expected \(expected)"
    case .malformed(_, let problem, _): problem
    case .unknownKey(_, let key, _): "unknown key \"\(shortened(key))\""
    case .duplicateKey(_, let key):
      "got key \"\(shortened(key))\" twice, expected it at most once"
    case .missingKey(_, let key, let expected):
      "key \"\(key)\" is absent, expected \(expected)"
    case .wrongValue(_, let got, let expected, _): "got \(got), expected \(expected)"
    case .unknownName(_, let what, let name, _): "unknown \(what) \"\(shortened(name))\""
    case .rejected(_, let reason): reason
    }
  }
}

/// A text as it may stand in a message: control characters replaced, at most 60 characters.
public func shortened(_ text: String) -> String {
  var result = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    guard count < 60 else { return result + "..." }
    let isControl = scalar.properties.generalCategory == .control
    result.unicodeScalars.append(isControl ? "?" : scalar)
  }
  return result
}
