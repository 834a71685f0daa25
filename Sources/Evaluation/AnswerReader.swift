import Execution
import Foundation
import Study

/// Reads the members of an answer.
struct AnswerReader {
  private static let members = [
    "id", "metrics", "infeasible", "failed", "objective", "constraints", "feasible", "status",
    "error", "reason", "seconds", "evaluator", "version",
  ]

  private let object: [String: Any]
  private let problem: Problem

  init(_ line: [UInt8], _ problem: Problem) throws(EvaluationAnswer.Problem) {
    self.problem = problem
    guard let object = Self.object(line) else {
      throw EvaluationAnswer.Problem(
        description: "got \(excerpt(line)), expected a JSON object")
    }
    self.object = object
    for key in object.keys.sorted() where !Self.members.contains(key) {
      throw EvaluationAnswer.Problem(
        description:
          "unknown member \"\(key.prefix(40))\"; \(suggestion(for: key, among: Self.members))")
    }
  }

  /// The object; numbers that JSON does not have become texts, so that they can be named.
  private static func object(_ line: [UInt8]) -> [String: Any]? {
    if let object = try? JSONSerialization.jsonObject(with: Data(line)) {
      return object as? [String: Any]
    }
    guard let quoted = quotingNumbers(line) else { return nil }
    return (try? JSONSerialization.jsonObject(with: Data(quoted))) as? [String: Any]
  }

  /// Puts `NaN`, `Infinity`, `-inf` and the like outside of strings into quotes; `nil` when there are none.
  private static func quotingNumbers(_ line: [UInt8]) -> [UInt8]? {
    let words = ["-infinity", "infinity", "-inf", "inf", "-nan", "nan"].map { Array($0.utf8) }
    var result: [UInt8] = []
    var isQuoted = false
    var isEscaped = false
    var found = false
    var index = 0
    while index < line.count {
      let byte = line[index]
      if isQuoted {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isQuoted = false
        }
      } else if byte == UInt8(ascii: "\"") {
        isQuoted = true
      } else if let word = words.first(where: { word in
        line[index...].prefix(word.count).map { $0 | 0x20 } == word.map { $0 | 0x20 }
      }) {
        found = true
        result += [UInt8(ascii: "\"")] + line[index..<index + word.count] + [UInt8(ascii: "\"")]
        index += word.count
        continue
      }
      result.append(byte)
      index += 1
    }
    return found ? result : nil
  }

  mutating func answer() throws(EvaluationAnswer.Problem) -> EvaluationAnswer {
    var answer = EvaluationAnswer(id: try id(), outcome: .failed(EvaluationFailure(.garbage, "")))
    if let words = try text("error") {
      answer.outcome = .failed(EvaluationFailure(.crash, "it reports \(excerpt(words.utf8))"))
      answer.isErrorReport = true
    } else {
      answer.outcome =
        has("status") || has("objective") || has("constraints") || has("feasible")
        ? try measuredByStatus() : try measuredByName()
    }
    if has("seconds") {
      let seconds = try number(object["seconds"], "seconds")
      guard let seconds, seconds >= 0 else { throw wrong("seconds", "a number from 0") }
      answer.seconds = seconds
    }
    answer.evaluator = try text("evaluator")
    answer.version = try text("version")
    return answer
  }

  // MARK: The form with a status

  private func measuredByStatus() throws(EvaluationAnswer.Problem) -> Outcome {
    for key in ["metrics", "infeasible", "failed"] where has(key) {
      throw EvaluationAnswer.Problem(
        description: "got \"\(key)\" and a status or objective, expected one form of answer")
    }
    let objective = problem.index(ofMetric: problem.objectives[0].metric) ?? 0
    var values = [Double?](repeating: nil, count: problem.metrics.count)
    values[objective] = try number(object["objective"], "objective")
    let others = problem.metrics.indices.filter { $0 != objective }
    if has("constraints") {
      guard let list = object["constraints"] as? [Any] else {
        throw wrong("constraints", "a list of numbers")
      }
      guard list.count == others.count else {
        let names = others.map { problem.metrics[$0].name }
        throw EvaluationAnswer.Problem(
          description: "constraints: got \(list.count) values, expected \(others.count)"
            + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"))
      }
      for (position, index) in others.enumerated() {
        values[index] = try number(list[position], "constraints[\(position)]")
      }
    }
    let status: String
    if let given = try text("status") {
      status = given
    } else {
      status = try impliedStatus(values[objective])
    }
    guard ["ok", "constraint", "failed"].contains(status) else {
      throw EvaluationAnswer.Problem(
        description: "status: got \"\(status.prefix(40))\", expected ok, constraint or failed")
    }
    if status == "failed" {
      let known = values.contains { $0 != nil } ? values : []
      return .infeasible(Infeasibility(.hidden(try text("reason") ?? ""), values: known))
    }
    let measured = try complete(values)
    let outcome = problem.outcome(values: measured)
    guard status == "constraint", case .measured = outcome else { return outcome }
    // A constraint the problem has no limit for.
    return .infeasible(
      Infeasibility(.hidden(try text("reason") ?? "constraint"), values: measured))
  }

  private func impliedStatus(_ objective: Double?) throws(EvaluationAnswer.Problem) -> String {
    guard objective != nil else { return "failed" }
    guard has("feasible") else { return "ok" }
    guard let isFeasible = truth("feasible") else { throw wrong("feasible", "true or false") }
    return isFeasible ? "ok" : "constraint"
  }

  // MARK: The form with metrics

  private func measuredByName() throws(EvaluationAnswer.Problem) -> Outcome {
    var values = [Double?](repeating: nil, count: problem.metrics.count)
    if has("metrics") {
      guard let given = object["metrics"] as? [String: Any] else {
        throw wrong("metrics", "an object of numbers")
      }
      for (name, value) in given.sorted(by: { $0.key < $1.key }) {
        guard let index = problem.index(ofMetric: name) else {
          throw EvaluationAnswer.Problem(
            description: "unknown metric \"\(name.prefix(40))\"; "
              + suggestion(for: name, among: problem.metrics.map(\.name)))
        }
        values[index] = try number(value, "metrics.\(name)")
      }
    }
    let infeasible = try text("infeasible")
    if let failed = try text("failed") {
      guard infeasible == nil else {
        throw EvaluationAnswer.Problem(
          description: "got \"infeasible\" and \"failed\", expected one of them")
      }
      return .failed(EvaluationFailure(parsing: failed))
    }
    if let infeasible {
      let known = values.contains { $0 != nil } ? values : []
      return .infeasible(Infeasibility(.hidden(infeasible), values: known))
    }
    guard has("metrics") else {
      throw EvaluationAnswer.Problem(
        description: "got neither \"metrics\", \"infeasible\", \"failed\" nor \"status\", "
          + "expected one of them")
    }
    return problem.outcome(values: try complete(values))
  }

  // MARK: Members

  private func has(_ key: String) -> Bool { object[key].map { !($0 is NSNull) } ?? false }

  private func complete(_ values: [Double?]) throws(EvaluationAnswer.Problem) -> [Double] {
    for (metric, value) in zip(problem.metrics, values) where value == nil {
      throw EvaluationAnswer.Problem(
        description:
          "got no value of \"\(metric.name)\", expected one, \"infeasible\" or \"failed\""
      )
    }
    return values.compactMap { $0 }
  }

  private func id() throws(EvaluationAnswer.Problem) -> Int? {
    guard has("id") else { return nil }
    guard let number = object["id"] as? NSNumber, !Self.isTruth(number),
      let id = Int(exactly: number.doubleValue)
    else { throw wrong("id", "a whole number") }
    return id
  }

  private func text(_ key: String) throws(EvaluationAnswer.Problem) -> String? {
    guard has(key) else { return nil }
    guard let text = object[key] as? String else { throw wrong(key, "a text") }
    return text
  }

  private func truth(_ key: String) -> Bool? {
    guard let number = object[key] as? NSNumber, Self.isTruth(number) else { return nil }
    return number.boolValue
  }

  /// A finite number, `nil` for null.
  private func number(_ value: Any?, _ place: String) throws(EvaluationAnswer.Problem) -> Double? {
    guard let value, !(value is NSNull) else { return nil }
    guard let number = value as? NSNumber, !Self.isTruth(number), number.doubleValue.isFinite
    else {
      throw EvaluationAnswer.Problem(
        description: "\(place): got \(Self.shown(value)), expected a finite number")
    }
    return number.doubleValue
  }

  private func wrong(_ key: String, _ expected: String) -> EvaluationAnswer.Problem {
    EvaluationAnswer.Problem(
      description: "\(key): got \(Self.shown(object[key] ?? "nothing")), expected \(expected)")
  }

  private static func shown(_ value: Any) -> String {
    switch value {
    case let text as String:
      ["nan", "inf", "infinity"].contains(text.lowercased().drop { $0 == "-" })
        ? text : excerpt(text.utf8)
    case let number as NSNumber:
      isTruth(number) ? (number.boolValue ? "true" : "false") : number.stringValue
    case is [Any]: "a list"
    case is [String: Any]: "an object"
    default: "nothing"
    }
  }

  private static func isTruth(_ number: NSNumber) -> Bool {
    // Foundation on Linux gives truth values the C type of a signed char; numbers of JSON are wider.
    String(cString: number.objCType) == "c"
  }
}
