import Foundation

/// Reads `References/<name>.json`, written by `Scripts/generate-model-references`.
func reference<Content: Decodable>(_ name: String, as type: Content.Type) throws -> Content {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("References/\(name).json")
  return try JSONDecoder().decode(type, from: Data(contentsOf: file))
}

/// The largest difference of two lists over the larger of 1 and the largest element.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  let scale = b.reduce(1) { max($0, abs($1)) }
  return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1) / scale) }
}

/// The difference of two numbers over the larger of the second and 1e-300.
func relativeError(_ a: Double, _ b: Double) -> Double {
  a == b ? 0 : abs(a - b) / max(abs(b), 1e-300)
}
