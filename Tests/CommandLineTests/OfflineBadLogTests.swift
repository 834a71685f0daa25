import Foundation
import Testing

/// Logs that teach little or lie, by the real program: a useful message or a sane answer.
@Suite struct OfflineBadLogTests {
  private static let members = "ridge,forest,boosted-trees"

  /// Imports a table with the columns `pe,buffer,kind,t,ok`, asks for three designs, and returns the answer.
  private func ask(
    _ rows: [String], _ options: [String] = [], importing: Int32 = 0
  ) throws -> DovetailProcess.Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-bad-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let table = "pe,buffer,kind,t,ok\n" + rows.joined(separator: "\n") + "\n"
    try Data(table.utf8).write(to: URL(fileURLWithPath: "\(folder)/bad.csv"))
    let imported = try DovetailProcess.run([
      "log", "import", "\(folder)/bad.csv", "--params", "pe,buffer,kind", "--minimize", "t",
      "--feasible", "ok", "--out", "\(folder)/bad.sqlite", "--quiet",
    ])
    #expect(imported.code == importing, "\(imported.errors)")
    var result = try DovetailProcess.run(
      [
        "offline", "propose", "\(folder)/bad.sqlite", "--quiet", "-k", "3", "--members",
        Self.members,
      ] + options)
    result.errors = result.errors.replacingOccurrences(of: folder, with: "FOLDER")
    return result
  }

  /// 84 designs of known cost: `1000 / pe + 3 buffer`, 20 % more of the kind `slow`.
  private func good(_ change: (Int, Double) -> String = { "\($1),1" }) -> [String] {
    var rows: [String] = []
    for pe in [8, 16, 32, 64, 128, 256] {
      for buffer in [1, 2, 4, 8, 16, 32, 64] {
        for kind in ["fast", "slow"] {
          let cost = (1000 / Double(pe) + 3 * Double(buffer)) * (kind == "slow" ? 1.2 : 1)
          // Every third design is not in the log, the best one among them.
          guard (rows.count + pe / 8 + buffer) % 3 > 0, pe < 256 || buffer > 1 else { continue }
          rows.append("\(pe),\(buffer),\(kind),\(change(rows.count, cost))")
        }
      }
    }
    return rows
  }

  /// Of equally good designs the first row counts.
  @Test func constantCostsTeachNothing() throws {
    let result = try ask(good { _, _ in "7,1" })
    #expect(result.code == 1, "\(result.errors)")
    #expect(
      result.output == """
        minimize t for the log's workload
        no proposal: the costs of feasible rows differ by less than 2 %: there is nothing to learn from
        hint: check the objective, or log designs that differ more
        best logged: 7.000 by pe=8, buffer=1, kind=fast

        """)
  }

  @Test func nothingFeasibleIsSaid() throws {
    let rows = good { _, cost in "\(cost),0" }
    let result = try ask(rows)
    #expect(result.code == 1, "\(result.errors)")
    #expect(
      result.output == """
        minimize t for the log's workload
        no proposal: none of \(rows.count) rows is feasible
        hint: log some feasible designs first

        """)
  }

  @Test func nothingMeasuredIsSaid() throws {
    let rows = good { _, _ in ",0" }
    let result = try ask(rows)
    #expect(result.code == 2)
    #expect(
      result.errors == """
        error: none of \(rows.count) rows has a measured objective, expected at least one
        hint: name the objective with --minimize or --maximize when importing, or simulate some designs first

        """)
  }

  @Test func fiveRowsAreTooFew() throws {
    let result = try ask(Array(good().prefix(5)))
    #expect(result.code == 1, "\(result.errors)")
    #expect(
      result.output.contains(
        """
        no proposal: workload "" has 5 feasible rows, expected at least 10
        hint: log more of its designs, or loosen the limits
        """))
  }

  /// The best design of the space is proposed first in spite of `change`, and nothing is infinite.
  private func expectSane(_ rows: [String]) throws {
    let result = try ask(rows, ["--json"])
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let proposals = try #require(answer["proposals"] as? [[String: Any]])
    #expect(proposals.count == 3)
    let designs = proposals.compactMap { $0["design"] as? [String: Any] }
    #expect(designs.contains { $0["pe"] as? Int == 256 && $0["buffer"] as? Int == 1 })
    for proposal in proposals {
      let numbers = ["predicted", "low", "high"].compactMap { proposal[$0] as? Double }
      #expect(numbers.count == 3)
      #expect(numbers.allSatisfy { $0.isFinite && $0 < 1e4 })
    }
  }

  @Test func missingCostsAreLeftOut() throws {
    try expectSane(good { $0 % 7 == 3 ? "nan,1" : "\($1),1" })
  }

  @Test func outliersDoNotBendTheAnswer() throws {
    try expectSane(good { $0 % 20 == 3 ? "1e12,1" : "\($1),1" })
  }

  @Test func contradictoryDuplicatesAreAveraged() throws {
    let rows = good()
    let others = good { "\($1 * ($0 % 2 == 0 ? 1.1 : 0.9)),1" }
    try expectSane(rows + others)
  }

  /// A word the log has never seen is told, and the other parameters still order the designs.
  @Test func unseenCategoriesAreTold() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-unseen-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let table = "pe,buffer,kind,t,ok\n" + good().joined(separator: "\n") + "\n"
    try Data(table.utf8).write(to: URL(fileURLWithPath: "\(folder)/log.csv"))
    let imported = try DovetailProcess.run([
      "log", "import", "\(folder)/log.csv", "--params", "pe,buffer,kind", "--minimize", "t",
      "--feasible", "ok", "--out", "\(folder)/log.sqlite", "--quiet",
    ])
    #expect(imported.code == 0)
    let candidates =
      "design_id,pe,buffer,kind\nslowest,8,64,odd\nfastest,256,1,odd\nmiddle,32,8,fast\n"
    try Data(candidates.utf8).write(to: URL(fileURLWithPath: "\(folder)/new.csv"))
    let ranked = try DovetailProcess.run([
      "offline", "rank", "--candidates", "\(folder)/new.csv", "--log", "\(folder)/log.sqlite",
      "--out", "\(folder)/out.csv", "--quiet", "--members", Self.members,
    ])
    #expect(ranked.code == 0, "\(ranked.errors)")
    #expect(
      ranked.errors
        == "note: column \"kind\": 1 values the log has never seen, such as \"odd\"\n")
    let lines = try String(contentsOfFile: "\(folder)/out.csv", encoding: .utf8)
      .split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    #expect(lines.first?[1] == "fastest")
    // Behind the first one the list is a portfolio; predictions are in the order of the costs.
    let predicted = ["fastest", "middle", "slowest"].map { id in
      lines.first { $0[1] == id }.flatMap { Double($0[3]) } ?? .nan
    }
    #expect(predicted[0] < predicted[1] && predicted[1] < predicted[2])
  }
}
