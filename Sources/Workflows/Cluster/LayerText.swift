import CoDesign
import Foundation
import Study

/// A layer to map on a machine, as a line of JSON: all that the search of its mappings depends on.
struct LayerQuestion: Codable, Sendable {
  /// Number of the distinct layer.
  var layer: Int
  /// Coordinates of the machine, null where a parameter is not active.
  var design: [Double?]
  /// Whether the rules for the baseline hold.
  var isBound: Bool
  /// Evaluations of the heuristic mapper.
  var evaluationLimit: Int
  var seed: UInt64
  /// What searches of the layer on earlier machines learned.
  var memory: LayerMemory
}

/// What came of a search.
struct LayerAnswer: Codable, Sendable {
  var mapping: LayerMemory.Sketch?
  /// Energy in pJ.
  var energy: Double?
  var cycles: Double?
  var evaluationCount = 0
  var memory = LayerMemory()
  /// Answers of an external evaluator, in order: energy and cycles, nothing for an illegal mapping.
  var answers: [[Double]] = []
  /// How the evaluator broke, in place of all others.
  var failed: String?
}

/// Lines of JSON with keys in alphabetical order, so that equal values are equal texts.
enum LayerText {
  static func line(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) }
      ?? "{\"failed\":\"garbage: a number that is not finite\"}"
  }

  static func failure(_ text: String) -> String {
    var answer = LayerAnswer()
    answer.failed = text
    return line(answer)
  }
}
