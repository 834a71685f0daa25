import DesignSpace
import Foundation
import Study

/// Problems of a program that is not part of the repository, as JSON lines.
///
/// `PROGRAM --describe NAME` prints parameters (`double`, `int`, `discrete`, `categorical`) and the names of constraints,
/// which hold at 0 and below; `PROGRAM --serve NAME` reads a design a line and answers with its `objective` (`null` after
/// a hidden failure) and the values of the constraints.
final class SearchService {
  enum Failure: Error {
    case answer(String)
  }

  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var buffer = Data()

  private init(_ program: String, _ arguments: [String]) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  deinit { try? input.fileHandleForWriting.close() }

  /// The problem of a name, its evaluator holding the running program.
  static func problem(_ name: String, of program: String) throws -> SearchProblem {
    let text = try SearchService(program, ["--describe", name]).readLine()
    let description = try JSONDecoder().decode(Description.self, from: text)
    let space = try SearchSpace(parameters: description.parameters.map { try $0.parameter })
    let problem = try Problem(
      name: name, space: space,
      metrics: [Metric("objective")] + description.constraints.map { Metric($0) },
      objectives: [Objective(.minimize, "objective")],
      limits: description.constraints.map { MetricLimit($0, .atMost, 1e-9) })
    let service = try SearchService(program, ["--serve", name])
    return SearchProblem(problem) { try service.evaluate($0, problem) }
  }

  private func evaluate(_ point: Point, _ problem: Problem) throws -> Outcome {
    var design: [String: Any] = [:]
    for (index, parameter) in problem.space.parameters.enumerated() {
      switch problem.space.value(of: index, at: point) {
      case .number(let value)?:
        if case .reals = parameter.domain {
          design[parameter.name] = value
        } else {
          design[parameter.name] = Int(value)
        }
      case .text(let text)?: design[parameter.name] = text
      case .truth(let truth)?: design[parameter.name] = truth
      case nil: break
      }
    }
    var line = try JSONSerialization.data(withJSONObject: design)
    line.append(10)
    try input.fileHandleForWriting.write(contentsOf: line)
    let answer = try JSONDecoder().decode(Answer.self, from: readLine())
    guard let objective = answer.objective else {
      return .infeasible(Infeasibility(.hidden(""), values: [nil] + answer.constraints))
    }
    return problem.outcome(values: [objective] + answer.constraints)
  }

  private func readLine() throws -> Data {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        defer { buffer = Data(buffer[(end + 1)...]) }
        return Data(buffer[buffer.startIndex..<end])
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Failure.answer("the service ended without an answer") }
      buffer.append(more)
    }
  }

  private struct Answer: Decodable {
    var objective: Double?
    var constraints: [Double]
  }

  private struct Description: Decodable {
    var parameters: [Entry]
    var constraints: [String]

    struct Entry: Decodable {
      var name: String
      var type: String
      var min: Double?
      var max: Double?
      var values: [Value]?

      var parameter: Parameter {
        get throws {
          switch type {
          case "double": try .real(name, (min ?? 0)...(max ?? 1))
          case "int": try .integer(name, Int(min ?? 0)...Int(max ?? 1))
          case "discrete": try .levels(name, (values ?? []).compactMap(\.number))
          case "categorical": try .categories(name, (values ?? []).compactMap(\.text))
          default: throw Failure.answer("unknown type of parameter \(name): \(type)")
          }
        }
      }
    }

    enum Value: Decodable {
      case number(Double)
      case text(String)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
          self = .number(number)
        } else {
          self = .text(try container.decode(String.self))
        }
      }

      var number: Double? { if case .number(let value) = self { value } else { nil } }
      var text: String? { if case .text(let value) = self { value } else { nil } }
    }
  }
}
