import DesignSpace
import Dispatch
import Execution
import Foundation
import Search
import Study
import Workflows

/// Times suggestions of every designer, one at a time with a told result after each, on the shipped spaces, a space of
/// which one raw design in ten thousand is legal, and the same with a real parameter, which cannot be counted.
enum DesignerBenchmark {
  static let suggestionCount = 2_000

  static func report() throws {
    let folder = URL(fileURLWithPath: "Configs/spaces")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    for name in names where name.hasSuffix(".yaml") {
      let space = try SpaceFile(readingFile: folder.appendingPathComponent(name).path).resolve()
      try report(String(name.dropLast(5)), space)
    }
    for (name, file) in [("one in 10,000", tied), ("one in 10,000, real", tiedReal)] {
      let space = try SpaceFile(parsing: Data(file.utf8), named: "benchmark.yaml").resolve()
      try report(name, space)
    }
  }

  private static func report(_ name: String, _ space: SearchSpace) throws {
    let begin = DispatchTime.now().uptimeNanoseconds
    let share = space.sampler.size.legalShare.value
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9
    let problem = try Problem(
      name: name, space: space, metrics: [Metric("cost")],
      objectives: [Objective(.minimize, "cost")])
    let designers: [(String, any Designer)] = [
      ("random", RandomDesigner(problem)),
      ("halton", QuasiRandomDesigner(problem, seed: Seed(1))),
      ("evolution", EvolutionDesigner(problem)), ("firefly", FireflyDesigner(problem)),
    ]
    for (kind, designer) in designers {
      var designer = designer
      var generator = Seed(1).child(kind).generator()
      let start = clock()
      var count = 0
      for id in 0..<suggestionCount {
        guard let point = try designer.suggest(count: 1, using: &generator).first else { break }
        count += 1
        // A bowl in the coordinates, one design in four infeasible.
        let cost = point.coordinates.enumerated().reduce(0.0) {
          $0 + abs($1.element - Double($1.offset)).squareRoot()
        }
        let outcome: Outcome =
          id % 4 == 3 ? .infeasible(Infeasibility(.hidden("no"))) : .measured([cost])
        try designer.observe([
          Trial(id: id, point: point, outcome: outcome, origin: .init(evaluator: "benchmark"))
        ])
      }
      // Processor time: what others do on the machine does not count.
      let elapsed = Double(clock() - start) / Double(CLOCKS_PER_SEC)
      print(
        "suggest \(kind) \(name),\(Int(Double(count) / elapsed)),,,\(count) suggestions a second; "
          + "legal share \(String(format: "%.2g", share)) analyzed in "
          + "\(String(format: "%.2f", seconds)) s")
    }
  }

  private static let tied = """
    name: tied
    parameters: [\((0..<8).map { "{name: f\($0), type: integer, range: [1, 12]}" }.joined(separator: ", "))]
    constraints:
      - \((0..<8).map { "f\($0)" }.joined(separator: " * ")) == 5040
      - f0 + f1 <= 9
      - f2 divides f3
    """

  private static let tiedReal = """
    name: tied-real
    parameters:
      - {name: a, type: integer, range: [1, 64]}
      - {name: b, type: integer, range: [1, 64]}
      - {name: c, type: integer, range: [1, 64]}
      - {name: d, type: real, range: [0, 1]}
      - {name: e, type: real, range: [0, 1]}
    constraints: [a * b <= 8 * c + 2 * d, a + b == 40, c <= 14, d + e >= 1.5]
    """
}
