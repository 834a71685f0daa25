import Foundation
import Testing

/// Models in files, and candidates in tables, by the real program.
@Suite struct OfflineModelCommandTests {
  /// A folder with `toy.sqlite`: two thirds of 10 sizes of an array and 6 of a buffer, two workloads of known size and cost.
  ///
  /// `t = size / pe + 3 buffer`, `area = pe / 50 + buffer / 10`; arrays of 512 do not work.
  private final class Toy {
    let folder: String

    init(extra: [String] = []) throws {
      folder =
        FileManager.default.temporaryDirectory
        .appendingPathComponent("dovetail-model-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      var table = "design_id,workload,size,pe,buffer,t,area,ok\n"
      for (net, size) in [("a", 4000.0), ("b", 9000.0)] {
        for (i, pe) in Self.arrays.enumerated() {
          for (j, buffer) in Self.buffers.enumerated() where (i + j) % 3 != 1 {
            let works = pe < 512
            let cells = "\(net)-\(pe)-\(buffer),\(net),\(size),\(pe),\(buffer)"
            let area = Self.area(pe, buffer)
            table += "\(cells),\(works ? "\(Self.cost(size, pe, buffer))" : ""),\(area),"
            table += works ? "1\n" : "0\n"
          }
        }
      }
      for line in extra { table += line + "\n" }
      try write(table, "toy.csv")
      let imported = try DovetailProcess.run([
        "log", "import", "\(folder)/toy.csv", "--params", "pe,buffer", "--minimize", "t",
        "--metric", "area", "--workload", "workload", "--context-features", "size", "--feasible",
        "ok", "--design-id", "design_id", "--out", log, "--quiet",
      ])
      #expect(imported.code == 0, "\(imported.errors)")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static let arrays = [8, 12, 16, 24, 32, 48, 64, 96, 128, 512]
    static let buffers = [1, 2, 4, 8, 16, 32]
    var log: String { "\(folder)/toy.sqlite" }
    var model: String { "\(folder)/toy.model" }

    static func cost(_ size: Double, _ pe: Int, _ buffer: Int) -> Double {
      size / Double(pe) + 3 * Double(buffer)
    }

    static func area(_ pe: Int, _ buffer: Int) -> Double {
      Double(pe) / 50 + Double(buffer) / 10
    }

    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    func train(threads: Int = 1, to name: String = "toy.model") throws {
      let trained = try DovetailProcess.run([
        "offline", "train", log, "-o", "\(folder)/\(name)", "--quiet", "--threads", "\(threads)",
        "--members", "ridge,forest,pooled-ridge",
      ])
      #expect(trained.code == 0, "\(trained.errors)")
      #expect(trained.output.contains("learned from 80 rows of 2 workloads"))
    }

    func bytes(_ name: String = "toy.model") throws -> [UInt8] {
      [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
    }
  }

  private static func propose(_ arguments: [String]) throws -> DovetailProcess.Result {
    try DovetailProcess.run(["offline", "propose", "--quiet", "--json", "-k", "3"] + arguments)
  }

  /// One file answers what the log would: two workloads, several limits, a workload no one has seen.
  @Test func aModelAnswersAsItsLogDoes() throws {
    let toy = try Toy()
    try toy.train()
    try toy.train(threads: 2, to: "again.model")
    #expect(try toy.bytes() == toy.bytes("again.model"))
    for question in [
      ["--workload", "a"], ["--workload", "b", "--limit", "area<=2"],
      ["--workload", "a", "--limit", "area<=1.2"],
      ["--feature", "size=6000", "--limit", "area<=2"],
    ] {
      let kept = try Self.propose(["--model", toy.model, "--force"] + question)
      #expect(kept.code == 0, "\(kept.errors)")
      let learned = try Self.propose(
        [toy.log, "--force", "--members", "ridge,forest,pooled-ridge"] + question)
      #expect(kept.output == learned.output)
      #expect(kept.output.contains("\"proposals\":[{"))
    }
    let both = try Self.propose([toy.log, "--model", toy.model, "--workload", "a", "--force"])
    #expect(both.code == 0, "\(both.errors)")
  }

  @Test func filesThatAreNoModelAreRefused() throws {
    let toy = try Toy()
    try toy.train()
    let whole = try toy.bytes()
    func refusal(_ bytes: [UInt8], _ name: String) throws -> String {
      try Data(bytes).write(to: URL(fileURLWithPath: "\(toy.folder)/\(name)"))
      let result = try Self.propose(["--model", "\(toy.folder)/\(name)", "--workload", "a"])
      #expect(result.code == 2)
      return result.errors
    }
    let foreign = "\(toy.folder)/foreign"
    #expect(
      try refusal(Array("a,b,c\n1,2,3\n".utf8), "foreign") == """
        error: \(foreign): got a file of something else, expected a model
        hint: dovetail offline train LOG -o MODEL makes one

        """)
    #expect(try refusal([], "foreign").contains("got an empty file, expected a model"))
    var later = whole
    later[20] = 9
    #expect(
      try refusal(later, "later") == """
        error: \(toy.folder)/later: got a model of version 9, expected version 1
        hint: train again with this version of the program

        """)
    #expect(
      try refusal(Array(whole.prefix(30)), "short") == """
        error: \(toy.folder)/short: size: got 30 bytes, expected at least 36
        hint: the model is damaged; copy it again, or train again

        """)
    for place in [40, whole.count / 2, whole.count - 3] {
      var changed = whole
      changed[place] ^= 4
      let message = try refusal(changed, "changed")
      #expect(message.hasPrefix("error: \(toy.folder)/changed: hash: got "))
      #expect(message.hasSuffix("hint: the model is damaged; copy it again, or train again\n"))
    }
    let absent = try Self.propose(["--model", "\(toy.folder)/none", "--workload", "a"])
    #expect(absent.code == 2)
    #expect(
      absent.errors == "error: \(toy.folder)/none: cannot be read: No such file or directory\n")
    let neither = try Self.propose(["--workload", "a"])
    #expect(neither.code == 2)
    #expect(
      neither.errors == """
        error: got neither a log nor --model, expected one of them
        hint: give the log's file, or a model that offline train made

        """)
  }

  /// Cut and changed files whose hash fits all the same are refused, or answer; nothing crashes.
  @Test func changedModelsNeverCrash() throws {
    let toy = try Toy()
    try toy.train()
    let whole = try toy.bytes()
    // FNV-1a, as the layout of the file says.
    func hashed(_ bytes: [UInt8]) -> [UInt8] {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      return bytes + (0..<8).map { UInt8(truncatingIfNeeded: hash >> (8 * $0)) }
    }
    let body = Array(whole.dropLast(8))
    #expect(hashed(body) == whole)
    let file = "\(toy.folder)/changed"
    for round in 0..<48 {
      var bytes = body
      let place = round * 7919 % body.count
      switch round % 4 {
      case 0: bytes = Array(bytes.prefix(place))
      case 1: bytes[place] ^= UInt8(1 << (round % 8))
      // The head, where version, lengths and the table of contents are.
      case 2: bytes[20 + place % 300] = UInt8(truncatingIfNeeded: round * 37)
      default: bytes.removeSubrange(place..<min(body.count, place + 1 + round))
      }
      try Data(hashed(bytes)).write(to: URL(fileURLWithPath: file))
      let result = try Self.propose(["--model", file, "--workload", "a"])
      #expect(result.code == 2 || result.code == 0, "round \(round): \(result.code)")
      if result.code == 2 { #expect(result.errors.hasPrefix("error: \(file): "), "round \(round)") }
    }
  }

  @Test func logsOfOtherSpacesAreRefused() throws {
    let toy = try Toy()
    try toy.train()
    try toy.write("pe,width,t,area\n8,1,3,1\n16,2,2,2\n", "other.csv")
    let imported = try DovetailProcess.run([
      "log", "import", "\(toy.folder)/other.csv", "--params", "pe,width", "--minimize", "t",
      "--metric", "area", "--out", "\(toy.folder)/other.sqlite", "--quiet",
    ])
    #expect(imported.code == 0, "\(imported.errors)")
    let result = try Self.propose(["\(toy.folder)/other.sqlite", "--model", toy.model])
    #expect(result.code == 2)
    #expect(
      result.errors == """
        error: \(toy.model): parameters: got pe, buffer, expected pe, width, as in \(toy.folder)/other.sqlite
        hint: a model answers about the space it was trained on; train on the other log

        """)
    let unknown = try Self.propose(["--model", toy.model, "--workload", "a", "--limit", "are<=3"])
    #expect(unknown.code == 2)
    #expect(
      unknown.errors.hasPrefix(
        "error: \(toy.model): unknown metric or parameter \"are\"\nhint: did you mean \"area\"?"))
  }

  /// A limit on an expression over parameters is exact, from a log, a model, and with another limit that is learned.
  @Test func limitsOnParametersAreExact() throws {
    let toy = try Toy()
    try toy.train()
    let limits = [
      "--limit", "pe * buffer<=200", "--limit", "area<=3", "--workload", "a", "-k", "6",
    ]
    let fast = ["--members", "ridge,forest,pooled-ridge", "--threads", "1"]
    for source in [["--model", toy.model], [toy.log] + fast] {
      let result = try Self.propose(source + limits + ["--out", "\(toy.folder)/p.csv"])
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.output.contains("\"limits\":[\"area <= 3\",\"pe * buffer <= 200\"]"))
      let rows = try String(contentsOfFile: "\(toy.folder)/p.csv", encoding: .utf8)
        .split(whereSeparator: \.isNewline)
      let header = rows[0].split(separator: ",")
      let (pe, buffer) = (
        try #require(header.firstIndex(of: "pe")), try #require(header.firstIndex(of: "buffer"))
      )
      #expect(rows.count == 7)
      for row in rows.dropFirst() {
        let cells = row.split(separator: ",", omittingEmptySubsequences: false)
        let product = (Int(cells[pe]) ?? 1_000) * (Int(cells[buffer]) ?? 1_000)
        #expect(product <= 200)
      }
    }
    let none = try Self.propose(["--model", toy.model, "--workload", "a", "--limit", "pe<=1"])
    #expect(none.code == 1 || none.code == 2, "\(none.output)")
    #expect(none.errors.contains("pe <= 1") || none.output.contains("none of"))
  }

  @Test func candidatesOfATableAreOrdered() throws {
    let toy = try Toy()
    try toy.train()
    var table = "workload,design_id,buffer,pe\n"
    let sizes = ["a": 4000.0, "b": 9000.0]
    for net in ["b", "a"] {
      for (pe, buffer) in [(8, 32), (128, 1), (32, 4), (20, 3), (16, 16), (512, 1)] {
        table += "\(net),\(net)/\(pe)/\(buffer),\(buffer),\(pe)\n"
      }
    }
    try toy.write(table, "new.csv")
    let out = "\(toy.folder)/ranked.csv"
    let ranked = try DovetailProcess.run([
      "offline", "rank", "--candidates", "\(toy.folder)/new.csv", "--model", toy.model, "--out",
      out, "--quiet",
    ])
    #expect(ranked.code == 0, "\(ranked.errors)")
    #expect(ranked.output.contains("best logged: 34.25 by pe=128, buffer=1"))
    let lines = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n")
      .map { $0.split(separator: ",").map(String.init) }
    #expect(
      lines[0] == [
        "context", "design_id", "rank", "predicted", "low", "high", "feasibility", "novelty",
      ])
    #expect(
      lines.dropFirst().map { $0[0] } == Array(repeating: "b", count: 6)
        + Array(repeating: "a", count: 6))
    for net in ["a", "b"] {
      let own = lines.filter { $0[0] == net }
      #expect(own.map { $0[2] } == (1...6).map(String.init))
      #expect(own[0][1] == "\(net)/128/1")
      for line in own where !line[1].contains("512") {
        let parts = line[1].split(separator: "/")
        let pe = Int(parts[1]) ?? 0
        let buffer = Int(parts[2]) ?? 0
        let isLogged = Toy.arrays.contains(pe) && Toy.buffers.contains(buffer)
        #expect(line[7] == (isLogged ? "0" : "2"))
        let low = Double(line[4]) ?? .nan
        let high = Double(line[5]) ?? .nan
        let predicted = Double(line[3]) ?? .nan
        #expect(low <= predicted && predicted <= high)
        let cost = Toy.cost(sizes[net] ?? 0, pe, buffer)
        #expect(abs(predicted / cost - 1) < 0.5)
      }
      let dead = own.first { $0[1].contains("512") }
      #expect((Double(dead?[6] ?? "") ?? 1) < 0.5)
    }
    // A log in place of the model gives the same table.
    let second = "\(toy.folder)/second.csv"
    let learned = try DovetailProcess.run([
      "offline", "rank", "--candidates", "\(toy.folder)/new.csv", "--log", toy.log, "--out",
      second, "--quiet", "--members", "ridge,forest,pooled-ridge",
    ])
    #expect(learned.code == 0, "\(learned.errors)")
    #expect(
      try String(contentsOfFile: out, encoding: .utf8)
        == String(contentsOfFile: second, encoding: .utf8))
  }

  @Test func tablesThatCannotBeRankedAreRefused() throws {
    let toy = try Toy()
    try toy.train()
    func rank(_ table: String, _ options: [String] = []) throws -> DovetailProcess.Result {
      try toy.write(table, "new.csv")
      return try DovetailProcess.run(
        [
          "offline", "rank", "--candidates", "\(toy.folder)/new.csv", "--model", toy.model,
          "--quiet",
        ]
          + options)
    }
    let file = "\(toy.folder)/new.csv"
    let missing = try rank("pe,workload\n8,a\n")
    #expect(missing.code == 2)
    #expect(
      missing.errors.hasPrefix("error: \(file): parameter of the log: unknown column \"buffer\"\n"))
    let named = try rank("pe,buffer,workload\n8,1,a\n", ["--id-column", "nme"])
    #expect(named.code == 2)
    #expect(named.errors.hasPrefix("error: \(file): option: unknown column \"nme\"\nhint: "))
    let nothing = try rank("pe,buffer,workload\neight,1,a\n")
    #expect(nothing.code == 2)
    #expect(
      nothing.errors == """
        error: \(file): got no row that can be used, expected at least one
        hint: \(file):2: column "pe": got "eight", expected a number (1 rows left out)

        """)
    let unknown = try rank("pe,buffer,workload\n8,1,c\n")
    #expect(unknown.code == 2)
    #expect(unknown.errors.hasPrefix("error: \(toy.model): unknown workload \"c\"\nhint: "))
    let mixed = try DovetailProcess.run(["offline", "rank", "--quiet"])
    #expect(mixed.code == 2)
    #expect(
      mixed.errors.contains("got neither --dataset nor --candidates, expected one of them"))
  }

  /// PRIME's network learns limits, answers under them only, and gives equal files for equal seeds.
  @Test func primeIsTrainedUnderItsLimits() throws {
    let toy = try Toy()
    func train(_ name: String, _ options: [String]) throws -> DovetailProcess.Result {
      try DovetailProcess.run(
        [
          "offline", "train", toy.log, "-o", "\(toy.folder)/\(name)", "--quiet", "--model-kind",
          "prime", "--steps", "24", "--networks", "2",
        ] + options)
    }
    let limited = ["--limit", "area<=2", "--experts", "2", "--alpha", "0.02", "--beta", "0.02"]
    let one = try train("one.model", limited + ["--threads", "1"])
    #expect(one.code == 0, "\(one.errors)")
    #expect(one.output.contains("PRIME's network, rank correlation on held-out rows "))
    let two = try train("two.model", limited + ["--threads", "2"])
    #expect(two.code == 0, "\(two.errors)")
    #expect(try toy.bytes("one.model") == toy.bytes("two.model"))
    let attention = try train("three.model", ["--variant", "attention", "--steps", "2"])
    #expect(attention.code == 0, "\(attention.errors)")

    let model = "\(toy.folder)/one.model"
    let asked = try Self.propose(["--model", model, "--workload", "b", "--force"])
    #expect(asked.code == 0, "\(asked.errors)")
    #expect(asked.output.contains("\"limits\":[\"area <= 2\"]"))
    #expect(asked.output.contains("\"proposals\":[{\"rank\":1"))
    #expect(!asked.output.contains("\"feasibility\""))
    let again = try Self.propose(["--model", model, "--workload", "b", "--force"])
    #expect(asked.output == again.output)
    let other = try Self.propose(["--model", model, "--workload", "b", "--limit", "area<=3"])
    #expect(other.code == 2)
    #expect(
      other.errors == """
        error: \(model): limits: got area <= 3, expected area <= 2, under which it was trained
        hint: PRIME's network learns limits as infeasible designs; train another, or a committee, which answers any limit

        """)
    try toy.write("pe,buffer,workload\n8,1,a\n", "new.csv")
    let ranked = try DovetailProcess.run([
      "offline", "rank", "--candidates", "\(toy.folder)/new.csv", "--model", model, "--quiet",
    ])
    #expect(ranked.code == 2)
    #expect(
      ranked.errors == """
        error: \(model): got PRIME's network, expected a committee
        hint: train with --model-kind committee to order given designs

        """)
  }

  /// A training that was cut short goes on where it was kept, and ends as if nothing had happened.
  @Test func trainingGoesOnFromACheckpoint() throws {
    let toy = try Toy()
    func train(_ name: String, _ options: [String]) throws -> DovetailProcess.Result {
      try DovetailProcess.run(
        [
          "offline", "train", toy.log, "-o", "\(toy.folder)/\(name)", "--quiet", "--model-kind",
          "prime", "--networks", "2", "--negatives", "gradient", "--ranking", "0.1",
        ] + options)
    }
    let checkpoint = ["--checkpoint", "\(toy.folder)/c.dvs"]
    #expect(try train("half", ["--steps", "8"] + checkpoint).code == 0)
    for name in ["c.dvs", "c.dvs.1"] {
      #expect(FileManager.default.fileExists(atPath: "\(toy.folder)/\(name)"))
    }
    // As many steps lie between two comparisons in both.
    #expect(try train("same", ["--steps", "8"]).code == 0)
    #expect(try train("again", ["--steps", "8"] + checkpoint).code == 0)
    #expect(try toy.bytes("half") == toy.bytes("same"))
    #expect(try toy.bytes("half") == toy.bytes("again"))
    let foreign = try train("other", ["--steps", "8", "--seed", "9"] + checkpoint)
    #expect(foreign.code == 2)
    #expect(foreign.errors.hasPrefix("error: \(toy.folder)/c.dvs: seed: got "))
    #expect(
      foreign.errors.hasSuffix(
        "\nhint: resume with the data, seed and settings of the checkpoint, or use another file\n"))
    try toy.write("hello", "text.dvs")
    let text = try train("text", ["--steps", "8", "--checkpoint", "\(toy.folder)/text.dvs"])
    #expect(text.code == 2)
    #expect(
      text.errors == """
        error: \(toy.folder)/text.dvs: got a file of something else, expected a checkpoint of a surrogate
        hint: checkpoints are written while a surrogate is trained

        """)
    let nowhere = try train("none", ["--steps", "8", "--checkpoint", "\(toy.folder)/no/c.dvs"])
    #expect(nowhere.code == 2)
    #expect(
      nowhere.errors
        == "error: \(toy.folder)/no/c.dvs: cannot be written: No such file or directory\n")
  }

  /// Proposals that must differ do, by a committee and by a network.
  @Test func proposalsDifferAsAsked() throws {
    let toy = try Toy()
    try toy.train()
    let prime = "\(toy.folder)/prime.model"
    let trained = try DovetailProcess.run([
      "offline", "train", toy.log, "-o", prime, "--quiet", "--model-kind", "prime", "--steps",
      "8",
    ])
    #expect(trained.code == 0, "\(trained.errors)")
    for model in [toy.model, prime] {
      let result = try Self.propose(
        ["--model", model, "--workload", "a", "--force", "--apart", "2"])
      #expect(result.code == 0, "\(result.errors)")
      let answer = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      let proposals = try #require(answer["proposals"] as? [[String: Any]])
      let designs = proposals.compactMap { $0["design"] as? [String: Any] }
      #expect(designs.count == 3)
      for name in ["pe", "buffer"] {
        #expect(Set(designs.compactMap { $0[name] as? Int }).count == 3)
      }
    }
    let wrong = try Self.propose(["--model", toy.model, "--apart", "0"])
    #expect(wrong.code == 2)
    #expect(wrong.errors.hasPrefix("error: --apart: got 0, expected a number from 1\n"))
  }

  @Test func wrongTrainingOptionsAreRefused() throws {
    let toy = try Toy()
    func message(_ options: [String]) throws -> String {
      let result = try DovetailProcess.run(
        ["offline", "train", toy.log, "-o", "\(toy.folder)/x.model", "--quiet"] + options)
      #expect(result.code == 2)
      return result.errors
    }
    #expect(
      try message(["--alpha", "1"]).hasPrefix(
        "error: --alpha: goes with --model-kind prime, got a committee\n"))
    let prime = ["--model-kind", "prime"]
    #expect(
      try message(prime + ["--variant", "attntion"])
        == "error: --variant: got \"attntion\", expected attention or mlp\n")
    #expect(
      try message(prime + ["--negatives", "fireflies"])
        == "error: --negatives: got \"fireflies\", expected firefly or gradient\n")
    #expect(
      try message(["--ranking", "1"]).hasPrefix(
        "error: --ranking: goes with --model-kind prime, got a committee\n"))
    #expect(
      try message(prime + ["--beta=-1"])
        .contains("--beta: got -1.0, expected a number in 0...100"))
    #expect(
      try message(prime + ["--experts", "0"])
        == "error: --experts: got 0, expected a number in 1...64\n")
    #expect(
      try message(["--members", "ridge", "--space", "elsewhere"])
        .contains("unknown space \"elsewhere\""))
    let nowhere = try DovetailProcess.run([
      "offline", "train", toy.log, "-o", "\(toy.folder)/no/x.model", "--quiet", "--members",
      "ridge",
    ])
    #expect(nowhere.code == 2)
    #expect(
      nowhere.errors == """
        error: \(toy.folder)/no/x.model: cannot be written
        hint: give a file in a folder that exists and may be written to

        """)
  }
}
