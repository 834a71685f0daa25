import Foundation
import Testing

/// Design from logs, by the real program.
@Suite struct OfflineCommandTests {
  private static func folder() throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-offline-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  /// A dataset in the shared layout: cost 1000 / pe + 3 buffer on two workloads; a design over 200 pe does not work.
  private static func dataset(in folder: String) throws {
    let description = """
      {"name": "toy", "layout": "shared-parameter-space", "id_column": "id", "context_column": "net",
       "context_features": [], "split_column": "split",
       "parameters": [{"name": "pe", "type": "ordinal", "values": [8, 16, 32, 64, 128, 256]},
                      {"name": "buffer", "type": "ordinal", "values": [1, 2, 4, 8, 16, 32, 64]}],
       "objectives": [{"name": "ms", "direction": "minimize", "primary": true}],
       "feasible_column": "ok"}
      """
    try Data(description.utf8).write(to: URL(fileURLWithPath: "\(folder)/dataset.json"))
    var visible = "id,net,split,pe,buffer,ms,ok\n"
    var candidates = "id,net,split,pe,buffer\n"
    for (place, net) in ["a", "b"].enumerated() {
      for (i, pe) in [8.0, 16, 32, 64, 128, 256].enumerated() {
        for (j, buffer) in [1.0, 2, 4, 8, 16, 32, 64].enumerated() {
          let id = "\(net)\(i)\(j)"
          let works = pe <= 200
          let cost = Double(place + 1) * 1000 / pe + 3 * buffer
          let row = "\(id),\(net),offline,\(Int(pe)),\(Int(buffer))"
          if cost > 40, (i + j) % 2 == 0 || !works {
            visible += works ? "\(row),\(cost),1\n" : "\(row),,0\n"
          } else {
            candidates += row + "\n"
          }
        }
      }
    }
    try Data(visible.utf8).write(to: URL(fileURLWithPath: "\(folder)/visible.csv"))
    try Data(candidates.utf8).write(to: URL(fileURLWithPath: "\(folder)/candidates.csv"))
  }

  @Test func ranksEveryCandidateOnceBestFirst() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.dataset(in: folder)
    let one = try DovetailProcess.run([
      "offline", "rank", "--dataset", folder, "--out", "\(folder)/one", "--threads", "1", "--quiet",
      "--members", "ridge,process,forest",
    ])
    #expect(one.code == 0, "\(one.errors)")
    let two = try DovetailProcess.run([
      "offline", "rank", "--dataset", folder, "--out", "\(folder)/two", "--threads", "2", "--quiet",
      "--members", "ridge,process,forest",
    ])
    #expect(two.code == 0)
    let first = try String(contentsOfFile: "\(folder)/one/toy/offline.csv", encoding: .utf8)
    let second = try String(contentsOfFile: "\(folder)/two/toy/offline.csv", encoding: .utf8)
    #expect(first == second)
    let lines = first.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(lines.first == ["context", "design_id", "rank"])
    let candidates = try String(contentsOfFile: "\(folder)/candidates.csv", encoding: .utf8)
      .split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init)[0] }
    #expect(lines.dropFirst().map { $0[1] }.sorted() == candidates.sorted())
    for net in ["a", "b"] {
      let own = lines.filter { $0[0] == net }
      #expect(own.map { $0[2] } == (1...own.count).map(String.init))
      // Better than everything shown: cost up to 40; 128 elements and a small buffer, or nearly so.
      let best = own[0][1]
      #expect(["3", "4"].contains(best.dropFirst().prefix(1)))
    }
  }

  @Test func unknownModelsAndFoldersAreNamed() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let unknown = try DovetailProcess.run([
      "offline", "rank", "--dataset", folder, "--out", folder, "--members", "forrest",
    ])
    #expect(unknown.code == 2)
    #expect(
      unknown.errors.hasPrefix(
        "error: --members: unknown model \"forrest\"\nhint: did you mean \"forest\"?"))
    let absent = try DovetailProcess.run([
      "offline", "rank", "--dataset", folder, "--out", folder, "--quiet",
    ])
    #expect(absent.code == 2)
    #expect(absent.errors.contains("\(folder)/dataset.json"))
  }

  @Test func logsThatCannotAnswerAreRefused() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("a,b,t\n1,2,3\n2,2,4\n3,1,5\n4,4,6\n5,1,7\n".utf8)
      .write(to: URL(fileURLWithPath: "\(folder)/few.csv"))
    let imported = try DovetailProcess.run([
      "log", "import", "\(folder)/few.csv", "--params", "a,b", "--minimize", "t", "--out",
      "\(folder)/few.sqlite", "--quiet",
    ])
    #expect(imported.code == 0, "\(imported.errors)")
    let proposed = try DovetailProcess.run([
      "offline", "propose", "\(folder)/few.sqlite", "--quiet", "--members", "ridge",
    ])
    #expect(proposed.code == 1)
    #expect(
      proposed.output.contains(
        "no proposal: workload \"\" has 5 feasible rows, expected at least 10"))
    let forced = try DovetailProcess.run([
      "offline", "propose", "\(folder)/few.sqlite", "--quiet", "--members", "ridge", "--force",
      "-k",
      "2",
    ])
    #expect(forced.code == 0, "\(forced.errors)")
    #expect(forced.output.contains("not to be trusted"))
    let limited = try DovetailProcess.run([
      "offline", "propose", "\(folder)/few.sqlite", "--limit", "u<=3", "--quiet",
    ])
    #expect(limited.code == 2)
    #expect(limited.errors.contains("unknown metric or parameter \"u\""))
  }
}
