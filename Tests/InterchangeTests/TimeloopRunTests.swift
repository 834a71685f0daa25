import Accelerator
import CostModel
import Foundation
import Interchange
import Quantities
import Testing
import Workload

/// One exported file and what a real Timeloop program said of it.
private struct TimeloopRun: Decodable {
  struct Tensor: Decodable {
    var tile: Int?
    var instances: Int?
    var reads: Int
    var fills: Int
    var updates: Int
  }
  struct Level: Decodable {
    var energy: Double
    var tensors: [String: Tensor]

    enum CodingKeys: String, CodingKey {
      case energy = "energy_pj"
      case tensors
    }
  }
  struct Results: Decodable {
    var cycles: Int
    var energy: Double
    var network: Double
    var computes: Int?
    var levels: [String: Level]

    enum CodingKeys: String, CodingKey {
      case energy = "energy_pj"
      case network = "network_pj"
      case cycles, computes, levels
    }
  }
  var name: String
  var linkTransfers: Bool
  var lost: [String]
  var text: String
  var results: Results

  enum CodingKeys: String, CodingKey {
    case linkTransfers = "link_transfers"
    case name, lost, text, results
  }

  static func all(_ name: String) throws -> [TimeloopRun] {
    let path = Repository.root.appendingPathComponent(
      "Tests/InterchangeTests/References/timeloop-runs/\(name)")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["-dc", path.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return try text.split(separator: UInt8(ascii: "\n")).map {
      try JSONDecoder().decode(TimeloopRun.self, from: $0)
    }
  }

  /// The values the file says, after a check that they are written as the file that Timeloop ran.
  func cost(version: TimeloopVersion) throws -> (cost: LayerCost, layer: Layer) {
    let input = try TimeloopInput(parsing: [("timeloop-model.yaml", Data(text.utf8))])
    let layer = try input.layer().value
    let architecture = try input.architecture().value
    let mapping = try input.mapping().value
    let export = try TimeloopExport(
      layer: layer, architecture: architecture, mapping: mapping, version: version)
    #expect(export.text(of: "timeloop-model.yaml") == text, "\(name)")
    var terms = CostTerms.countingOnly
    terms.linkTransfers = linkTransfers
    let model = LoopNestCostModel(layer: layer, architecture: architecture, terms: terms)
    guard case .legal(let cost) = model.cost(of: mapping) else {
      throw CocoaError(.coderInvalidValue)
    }
    return (cost, layer)
  }

  /// Printed with two decimals, some thirty summands.
  func isClose(_ ours: Double, _ theirs: Double) -> Bool {
    abs(ours - theirs) <= 1e-7 * ours + 0.5
  }
}

@Suite struct TimeloopRunTests {
  /// Exported files, run in Timeloop 4cf6d4c, cost there what they cost here.
  ///
  /// Where a dimension runs along X and Y, the file has two fan-outs for one: hops differ, and a parent reads halos again
  /// that neighbors across the two would share; nothing else differs.
  @Test func exportedFilesCostTheSameInTimeloop() throws {
    var exact = 0
    var split = 0
    for run in try TimeloopRun.all("model-4cf6d4c.jsonl.gz") {
      let name = Comment(rawValue: run.name)
      let (cost, layer) = try run.cost(version: .v04)
      let theirs = run.results
      var hasSameReads = true
      for level in cost.levels {
        let other = try #require(theirs.levels[level.name], name)
        for (operand, traffic) in zip(layer.operands, level.tensors) {
          guard let traffic else { continue }
          let tensor = try #require(other.tensors[operand.name], name)
          let instances = try #require(tensor.instances, name)
          let reads = tensor.reads * instances
          #expect(traffic.tileSize == tensor.tile, name)
          #expect(traffic.instances == instances, name)
          #expect(traffic.fills == tensor.fills * instances, name)
          #expect(traffic.updates == tensor.updates * instances, name)
          if run.lost.isEmpty {
            #expect(traffic.reads == reads, name)
          } else {
            #expect(traffic.reads <= reads, name)
          }
          if traffic.reads != reads { hasSameReads = false }
        }
      }
      #expect(cost.macCount == theirs.computes, name)
      guard hasSameReads else { continue }
      #expect(cost.cycles.count == theirs.cycles, name)
      let network = cost.networks.reduce(0) { $0 + $1.energy.picojoules }
      let energy = cost.energy.picojoules
      if run.lost.isEmpty {
        let isSame = run.isClose(energy, theirs.energy)
        #expect(isSame, name)
        exact += 1
      } else {
        let isSame = run.isClose(energy - network, theirs.energy - theirs.network)
        #expect(isSame, name)
        split += 1
      }
    }
    #expect(exact >= 60)
    #expect(split >= 20)
  }

  /// The 0.3 form in Timeloop 2.0, which still fills partial sums before their first use.
  @Test func theOlderFormIsCountedAlikeInTimeloop2() throws {
    let runs = try TimeloopRun.all("model-2.0.jsonl.gz")
    for run in runs {
      let name = Comment(rawValue: run.name)
      let (cost, layer) = try run.cost(version: .v03)
      for level in cost.levels {
        let other = try #require(run.results.levels[level.name], name)
        for (operand, traffic) in zip(layer.operands, level.tensors) {
          guard let traffic else { continue }
          let tensor = try #require(other.tensors[operand.name], name)
          let isFilledFirst = tensor.fills * traffic.instances > traffic.fills
          let extra = isFilledFirst && operand.role == .result ? traffic.partitionSize : 0
          #expect(traffic.reads == tensor.reads * traffic.instances, name)
          #expect(traffic.fills == (tensor.fills - extra) * traffic.instances, name)
          #expect(traffic.updates == tensor.updates * traffic.instances, name)
        }
      }
    }
    #expect(runs.count >= 20)
  }
}
