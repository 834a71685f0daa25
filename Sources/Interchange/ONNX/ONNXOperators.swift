/// What the importer does with one operator.
public struct ONNXOperator: Sendable {
  /// How far an operator is covered.
  public enum Treatment: String, Sendable, CaseIterable {
    /// Gives rows of the layer table.
    case layer = "layer"
    /// The shape of its result is worked out, and its values where they are known.
    case folded = "shape and values"
    /// The shape of its result is worked out.
    case shape = "shape"
    /// Its body is imported, or a branch of it when the condition is constant.
    case body = "body"
    /// Reported with its node name; what depends on the result is left out unless the file declares its shape.
    case reported = "reported"
  }

  /// Domain of the operator set; empty for the standard one.
  public let domain: String
  /// Name of the operator.
  public let name: String
  /// How far it is covered.
  public let treatment: Treatment
  /// What is particular about it; may be empty.
  public let note: String
  let rule: Rule?

  typealias Rule = @Sendable (inout OperatorCall) throws(OperatorFailure) -> Void

  /// Every operator with a decision, in the order of the published table.
  public static let all: [ONNXOperator] =
    standardLayers + standardShapes + standardElementwise + standardReported + microsoft

  static func find(domain: String, name: String) -> ONNXOperator? { index[domain + " " + name] }

  private static let index: [String: ONNXOperator] = Dictionary(
    all.map { ($0.domain + " " + $0.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// Several operators with the same decision.
  static func family(
    _ names: String, _ treatment: Treatment, _ note: String = "", domain: String = "",
    rule: Rule? = nil
  ) -> [ONNXOperator] {
    names.split(separator: " ").map {
      ONNXOperator(
        domain: domain, name: String($0), treatment: treatment, note: note, rule: rule)
    }
  }

  /// The published table: one line of Markdown per operator.
  public static var markdownTable: String {
    var lines = ["| operator | treatment | note |", "| --- | --- | --- |"]
    for entry in all {
      let name = entry.domain.isEmpty ? entry.name : "\(entry.domain).\(entry.name)"
      lines.append("| \(name) | \(entry.treatment.rawValue) | \(entry.note) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
