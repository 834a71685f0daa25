import Foundation
import Testing

/// Logs that teach little or lie, by the real program: a useful message or a sane answer.
@Suite struct OfflineBadLogTests {
  private static let members = "ridge,forest,boosted-trees"

  /// Imports a table with the columns `pe,buffer,kind,t,ok` as `bad.sqlite`.
  private func imported<Answer>(
    _ rows: [String], _ body: (String, inout DovetailProcess.Result) throws -> Answer
  ) throws -> Answer {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-bad-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let table = "pe,buffer,kind,t,ok\n" + rows.joined(separator: "\n") + "\n"
    try Data(table.utf8).write(to: URL(fileURLWithPath: "\(folder)/bad.csv"))
    var result = try DovetailProcess.run([
      "log", "import", "\(folder)/bad.csv", "--params", "pe,buffer,kind", "--minimize", "t",
      "--feasible", "ok", "--out", "\(folder)/bad.sqlite", "--quiet",
    ])
    return try body(folder, &result)
  }

  /// Imports a table, asks for three designs, and returns the answer.
  private func ask(_ rows: [String], _ options: [String] = []) throws -> DovetailProcess.Result {
    try imported(rows) { folder, result in
      #expect(result.code == 0, "\(result.errors)")
      var answer = try DovetailProcess.run(
        [
          "offline", "propose", "\(folder)/bad.sqlite", "--quiet", "-k", "3", "--members",
          Self.members,
        ] + options)
      answer.errors = answer.errors.replacingOccurrences(of: folder, with: "FOLDER")
      return answer
    }
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
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 5)
    #expect(lines[1].hasPrefix("trust: with its best fifth hidden, the log's first pick scores "))
    #expect(
      lines[2...].joined(separator: "\n") == """
        no proposal: workload "" has 5 feasible rows, expected at least 10
        hint: log more of its designs, or loosen the limits
        best logged: 128.0 by pe=8, buffer=1, kind=fast
        """)
    let single = try ask(Array(good().prefix(1)))
    #expect(single.code == 1, "\(single.errors)")
    #expect(
      single.output == """
        minimize t for the log's workload
        no proposal: workload "" has 1 feasible row, expected at least 10
        hint: log more of its designs, or loosen the limits
        best logged: 128.0 by pe=8, buffer=1, kind=fast

        """)
  }

  /// Rows without any usable cost make no log.
  @Test func costsThatAreNoNumbersAreRefused() throws {
    for (word, reason) in [
      ("nan", "missing"), ("NaN", "missing"), ("inf", "infinite"), ("-inf", "infinite"),
    ] {
      let imported = try self.imported(good { _, _ in "\(word),1" }) { folder, result in
        result.errors = result.errors.replacingOccurrences(of: folder, with: "FOLDER")
        return result
      }
      #expect(imported.code == 2)
      #expect(
        imported.errors == """
          error: FOLDER/bad.csv: got no row that can be used, expected at least one
          hint: 60 rows: objective "t" is \(reason)

          """, "\(word)")
    }
  }

  /// What one log makes the other offline commands say.
  private func answers(
    _ rows: [String], _ commands: [[String]]
  ) throws -> [DovetailProcess.Result] {
    try imported(rows) { folder, result in
      #expect(result.code == 0, "\(result.errors)")
      let candidates = "design_id,pe,buffer,kind\nslow,8,64,slow\nfast,256,1,fast\n"
      try Data(candidates.utf8).write(to: URL(fileURLWithPath: "\(folder)/new.csv"))
      return try commands.map { command in
        let words = command.map { $0.replacingOccurrences(of: "FOLDER", with: folder) }
        var result = try DovetailProcess.run(["offline"] + words + ["--quiet"])
        result.output = result.output.replacingOccurrences(of: folder, with: "FOLDER")
        result.errors = result.errors.replacingOccurrences(of: folder, with: "FOLDER")
        return result
      }
    }
  }

  private static let log = "FOLDER/bad.sqlite"
  private static let learning = ["--members", "ridge"]

  @Test func assessmentsSayWhyThereIsNothingToScore() throws {
    let assess = ["assess", Self.log] + Self.learning
    let train = ["train", Self.log, "-o", "FOLDER/m"] + Self.learning
    for (rows, reason, learned) in [
      (good { "\($1),0" }, "none of 60 rows is feasible", "60 rows"),
      (good { _, _ in "7,1" }, "costs of feasible rows differ by less than 2 %", "60 rows"),
      (
        Array(good().prefix(1)), "no workload has more than 1 feasible rows, expected 4", "1 row"
      ),
    ] {
      let results = try answers(rows, [assess, train])
      #expect(results[0].code == 1, "\(results[0].errors)")
      #expect(results[0].output == "nothing to score: \(reason)\n")
      #expect(results[1].code == 0, "\(results[1].errors)")
      #expect(
        results[1].output == """
          FOLDER/m: learned from \(learned) of 1 workload
          nothing to score: \(reason)

          """)
    }
  }

  /// Given designs are put in some order all the same, with a warning, and with the numbers there are.
  @Test func ordersNotToBeTrustedSaySo() throws {
    let rank =
      ["rank", "--candidates", "FOLDER/new.csv", "--log", Self.log] + Self.learning
    for (rows, reason, hint) in [
      (good { "\($1),0" }, "none of 60 rows is feasible", "log some feasible designs first"),
      (
        good { _, _ in "7,1" },
        "the costs of feasible rows differ by less than 2 %: there is nothing to learn from",
        "check the objective, or log designs that differ more"
      ),
      (
        Array(good().prefix(1)), "workload \"\" has 1 feasible row, expected at least 10",
        "log more of its designs, or loosen the limits"
      ),
    ] {
      let result = try answers(rows, [rank])[0]
      #expect(result.code == 0, "\(result.errors)")
      #expect(
        result.output.hasPrefix(
          """
          minimize t for the log's workload
          not to be trusted: \(reason)
          hint: \(hint)

          """), "\(result.output)")
      #expect(!result.output.contains("nan") && !result.output.contains("inf "))
    }
  }

  /// The network of PRIME: what nothing can be learned from is refused, or it abstains.
  @Test func networksAbstainToo() throws {
    let train = [
      "train", Self.log, "-o", "FOLDER/m", "--model-kind", "prime", "--steps", "40",
    ]
    let propose = ["propose", "--model", "FOLDER/m", "-k", "2"]
    let infeasible = try answers(good { "\($1),0" }, [train])[0]
    #expect(infeasible.code == 2)
    #expect(
      infeasible.errors == """
        error: FOLDER/bad.sqlite: targets: got no feasible design, expected at least one
        hint: loosen the limits, or log more simulations

        """)
    let constant = try answers(good { _, _ in "7,1" }, [train, propose])
    #expect(
      constant[0].output == "FOLDER/m: PRIME's network, rank correlation on held-out rows 0.0\n")
    #expect(constant[1].code == 1, "\(constant[1].errors)")
    #expect(
      constant[1].output == """
        minimize t for the log's workload
        trust: PRIME's network orders held-out rows with a rank correlation of 0.00
        no proposal: the network orders held-out rows no better than chance: rank correlation 0.00
        hint: log more designs, or train for more steps
        best logged: 7.000 by pe=8, buffer=1, kind=fast

        """)
    let single = try answers(Array(good().prefix(1)), [train, propose])
    #expect(
      single[0].output
        == "FOLDER/m: PRIME's network, rank correlation on held-out rows unknown\n")
    #expect(single[1].code == 1, "\(single[1].errors)")
    #expect(
      single[1].output == """
        minimize t for the log's workload
        trust: PRIME's network orders held-out rows with a rank correlation of -
        no proposal: workload "" has 1 feasible row, expected at least 10
        hint: log more of its designs, or loosen the limits
        best logged: 128.0 by pe=8, buffer=1, kind=fast

        """)
    // Outliers of 1e12 and contradictions leave finite numbers.
    let wild = good { $0 % 20 == 3 ? "1e12,1" : "\($1),1" } + good { "\($1 * 1.1),1" }
    let outliers = try answers(wild, [train, propose + ["--force", "--json"]])[1]
    #expect(outliers.code == 0, "\(outliers.errors)")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(outliers.output.utf8)) as? [String: Any])
    let proposals = try #require(answer["proposals"] as? [[String: Any]])
    #expect(proposals.count == 2)
    for proposal in proposals {
      let predicted = proposal["predicted"] as? Double
      #expect(predicted?.isFinite == true)
    }
  }

  @Test func workloadsAndFeaturesTheLogLacksAreNamed() throws {
    let propose = ["propose", Self.log] + Self.learning
    let results = try answers(
      good(), [propose + ["--workload", "unet"], propose + ["--feature", "macs=3"]])
    #expect(results.allSatisfy { $0.code == 2 })
    #expect(
      results[0].errors
        == "error: FOLDER/bad.sqlite: unknown workload \"unet\"\nhint: known: none\n")
    #expect(
      results[1].errors
        == "error: FOLDER/bad.sqlite: unknown feature \"macs\"\nhint: known: none\n")
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
