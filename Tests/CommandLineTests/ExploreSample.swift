import Foundation

/// A study in a folder of its own: two numbers, and a shell script that evaluates them.
///
/// The cost is (a - 3)^2 + (b - 5)^2, infeasible where a + b is over 12. Every call is a line of `calls`.
struct ExploreSample {
  let folder: String

  /// Shell text that reads a line into `id`, `a` and `b`.
  static let reading = """
    id=${line#*:}; id=${id%%,*}
    a=${line#*\\"a\\":}; a=${a%%,*}
    b=${line#*\\"b\\":}; b=${b%%\\}*}
    """
  /// Shell text that answers.
  static let answering = """
    if [ $((a + b)) -gt 12 ]; then
      echo "{\\"id\\":$id,\\"infeasible\\":\\"too large\\"}"
    else
      echo "{\\"id\\":$id,\\"metrics\\":{\\"t\\":$(( (a-3)*(a-3) + (b-5)*(b-5) ))}}"
    fi
    """

  /// Shell text that answers for a range up to 99: the lowest cost is at 30 and 50, and a + b over 150 is infeasible.
  static let answeringWidely = """
    if [ $((a + b)) -gt 150 ]; then
      echo "{\\"id\\":$id,\\"infeasible\\":\\"too large\\"}"
    else
      echo "{\\"id\\":$id,\\"metrics\\":{\\"t\\":$(( (a-30)*(a-30) + (b-50)*(b-50) ))}}"
    fi
    """

  /// - Parameters:
  ///   - extra: Further lines of the study.
  ///   - script: What the evaluator does between reading and answering, or instead of answering.
  init(
    designer: String = "evolution", budget: Int = 25, extra: String = "",
    evaluatorKeys: String = "", script: String = "", answering: String = Self.answering,
    range: String = "[0, 9]"
  ) throws {
    folder =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-explore-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try write(
      "space.yaml",
      """
      name: toy
      parameters:
        - {name: a, type: integer, range: \(range)}
        - {name: b, type: integer, range: \(range)}
      """)
    try write(
      "evaluator.sh",
      """
      #!/bin/sh
      cd \(folder)
      while read -r line; do
      \(Self.reading)
      echo "$a $b" >>calls
      \(script)
      \(answering)
      done
      """)
    try write(
      "study.yaml",
      """
      name: toy
      space: space.yaml
      evaluator:
        command: [sh, \(folder)/evaluator.sh]
      \(evaluatorKeys)
      minimize: t
      designer: \(designer)
      budget: \(budget)
      seed: 3
      \(extra)
      """)
  }

  var study: String { "\(folder)/study.yaml" }
  var run: String { "\(folder)/run" }

  /// The designs that the evaluator was asked for, in order.
  var calls: [String] {
    let text = try? String(contentsOfFile: "\(folder)/calls", encoding: .utf8)
    return (text ?? "").split(separator: "\n").map(String.init)
  }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
  }

  /// Explores with the sample's own folder.
  func explore(_ more: [String] = []) throws -> DovetailProcess.Result {
    try DovetailProcess.run(["explore", study, "--out", run, "--quiet"] + more)
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
