import DesignSpace
import Foundation
import Study

/// Questions and answers of evaluations as lines of JSON, exact to the last bit.
enum EvaluationText {
  private struct Question: Decodable {
    var context: String
    var design: [Double?]
  }

  private struct Answer: Decodable {
    struct Reason: Decodable {
      var kind: String
      var text: String
    }
    var metrics: [Double?]?
    var infeasible: Reason?
    var failed: Reason?
  }

  /// `{"context":"resnet18","design":[0,3,null]}`: coordinates, null where a parameter is not active.
  static func question(_ point: Point, _ context: Context.ID) -> String {
    var text = JSONText()
    text.raw("{\"context\":")
    text.string(context)
    text.raw(",\"design\":")
    list(point.coordinates.indices.map { point.isActive($0) ? point.coordinates[$0] : nil }, &text)
    text.raw("}")
    return String(decoding: text.bytes, as: UTF8.self)
  }

  /// - Returns: `nil` for another text, and for a design that the space does not have.
  static func question(parsing line: String, in space: SearchSpace) -> (Point, Context.ID)? {
    guard let question = try? JSONDecoder().decode(Question.self, from: Data(line.utf8)),
      question.design.count == space.parameters.count,
      let point = space.point(coordinates: question.design.map { $0 ?? -.infinity })
    else { return nil }
    return (point, question.context)
  }

  /// `{"metrics":[1.5,2]}`, with `"infeasible"` or `"failed"` where it was that.
  static func answer(_ outcome: Outcome) -> String {
    var text = JSONText()
    func reason(_ key: StaticString, _ kind: String, _ detail: String) {
      text.raw(key)
      text.raw("{\"kind\":")
      text.string(kind)
      text.raw(",\"text\":")
      text.string(detail)
      text.raw("}")
    }
    text.raw("{")
    switch outcome {
    case .measured(let values):
      text.raw("\"metrics\":")
      list(values, &text)
    case .infeasible(let infeasibility):
      switch infeasibility.reason {
      case .constraint(let detail): reason("\"infeasible\":", "constraint", detail)
      case .hidden(let detail): reason("\"infeasible\":", "hidden", detail)
      case .limit(let detail): reason("\"infeasible\":", "limit", detail)
      }
      text.raw(",\"metrics\":")
      list(infeasibility.values, &text)
    case .failed(let failure):
      reason("\"failed\":", failure.kind.rawValue, failure.detail)
    }
    text.raw("}")
    return String(decoding: text.bytes, as: UTF8.self)
  }

  /// - Returns: `nil` for another text.
  static func outcome(parsing line: String) -> Outcome? {
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(line.utf8)) else {
      return nil
    }
    if let failed = answer.failed {
      guard let kind = EvaluationFailure.Kind(rawValue: failed.kind) else { return nil }
      return .failed(EvaluationFailure(kind, failed.text))
    }
    guard let values = answer.metrics else { return nil }
    if let infeasible = answer.infeasible {
      switch infeasible.kind {
      case "constraint":
        return .infeasible(Infeasibility(.constraint(infeasible.text), values: values))
      case "hidden": return .infeasible(Infeasibility(.hidden(infeasible.text), values: values))
      case "limit": return .infeasible(Infeasibility(.limit(infeasible.text), values: values))
      default: return nil
      }
    }
    let measured = values.compactMap { $0 }
    return measured.count == values.count ? .measured(measured) : nil
  }

  private static func list(_ values: [Double?], _ text: inout JSONText) {
    text.raw("[")
    for (index, value) in values.enumerated() {
      if index > 0 { text.raw(",") }
      // Not as a whole number: negative zero has to come back.
      text.raw(value.flatMap { $0.isFinite ? $0.description : nil } ?? "null")
    }
    text.raw("]")
  }
}
