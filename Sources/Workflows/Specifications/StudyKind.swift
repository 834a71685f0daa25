import Interchange

/// The kinds of file that a user may take for each other.
enum StudyKind: String, CaseIterable {
  case exploration = "a study"
  case sweep = "a sweep"
  case coDesign = "a co-design study"

  private var command: String {
    switch self {
    case .exploration: "explore"
    case .sweep: "sweep"
    case .coDesign: "codesign"
    }
  }

  /// The keys that stand in every file of this kind and in none of the others.
  private var marks: [String] {
    switch self {
    case .exploration: ["minimize", "maximize", "designer"]
    case .sweep: ["sweep", "study"]
    case .coDesign: ["template"]
    }
  }

  /// Refuses a file of another kind, with the command that takes it.
  ///
  /// A file that has marks of this kind, too, or of none is left to the check of its keys.
  func check(_ root: SpecificationNode) throws(SpecificationError) {
    func has(_ kind: StudyKind) -> Bool { kind.marks.contains { root.optional($0) != nil } }
    guard !has(self) else { return }
    for kind in Self.allCases where kind != self && has(kind) {
      throw .wrongValue(
        at: root.place, got: kind.rawValue, expected: rawValue,
        hint: "dovetail \(kind.command) \(root.place.file)")
    }
  }
}
