import Execution
import Foundation
import Interchange
import SimulationLog
import Testing
import Workflows

/// The log of our own in `Logs/prime-edge-six-networks`.
@Suite struct ShippedLogTests {
  static let networks = [
    "gru-speech", "bert-base-layer-128", "mobilenet-v2", "unet", "resnet50", "mobilenet-v3-large",
  ]
  static let folder = Configs.root.deletingLastPathComponent()
    .appendingPathComponent("Logs/prime-edge-six-networks")

  /// The header and the lines of each network, in order.
  static func lines() throws -> (header: Substring, byNetwork: [String: [Substring]]) {
    let input = try InputBytes(file: folder.appendingPathComponent("evaluations.csv.gz").path)
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let got = try block.withUnsafeMutableBytes { try input.read(into: $0) }
      if got == 0 { break }
      bytes += block[..<got]
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    var byNetwork: [String: [Substring]] = [:]
    for line in lines.dropFirst() {
      let name = String(line.dropFirst().prefix { $0 != "," })
      byNetwork[name, default: []].append(line)
    }
    return (lines[0], byNetwork)
  }

  @Test func holdsWhatItsDocumentationPromises() throws {
    let (header, byNetwork) = try Self.lines()
    #expect(byNetwork.keys.sorted() == Self.networks.sorted())
    let names = header.split(separator: ",", omittingEmptySubsequences: false)
    let feasible = try #require(names.firstIndex(of: "feasible"))
    let size =
      try FileManager.default.attributesOfItem(
        atPath: Self.folder.appendingPathComponent("evaluations.csv.gz").path)[.size] as? Int
    #expect(try #require(size) < 10_000_000)
    let readme = try String(
      contentsOf: Self.folder.appendingPathComponent("README.md"), encoding: .utf8)
    for (name, lines) in byNetwork {
      let good = lines.count { line in
        line.split(separator: ",", omittingEmptySubsequences: false)[feasible] == "1"
      }
      #expect(good == 2_000, "\(name)")
      #expect(!lines.contains { $0.contains("no legal mapping") }, "\(name)")
      let count = lines.count
      let shown = count.formatted(.number.grouping(.automatic).locale(Locale(identifier: "en_US")))
      #expect(readme.contains("| `\(name)` | \(shown) | 2,000 |"), "\(name): \(shown)")
    }
  }

  /// What `Scripts/generate-prime-edge-log` makes, as far as the first rows of every network; run it when this fails.
  @Test func firstRowsAreMadeAgainByteForByte() async throws {
    let (header, byNetwork) = try Self.lines()
    let count = 2
    let workloads = try Self.networks.map { name in
      try readWorkload(
        path: Configs.root.appendingPathComponent("workloads/\(name).yaml").path
      ).0
    }
    let generation = try LogGeneration(
      template: TemplateTests.template("prime-edge"), workloads: workloads, feasibleCount: count,
      rowLimit: count, seed: Seed(1), threadCount: 2)
    let file = LogGenerationTests.temporaryFile()
    let table = "\(file).csv"
    defer {
      for path in [file, table, "\(table).roles.yaml"] {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
    _ = try await generation.run(out: file)
    let export = try LogExport(
      of: TrialLog.open(file: file), question: LogQuestion(), isReproducible: true)
    #expect(try export.run(out: table) == count * Self.networks.count)
    let made = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n")
    #expect(made[0] == header)
    let expected = Self.networks.flatMap { byNetwork[$0, default: []].prefix(count) }
    for (line, other) in zip(made.dropFirst(), expected) { #expect(line == other) }
  }
}
