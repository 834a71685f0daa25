import Accelerator
import CostModel
import Foundation
import Interchange
import MappingSearch
import Quantities
import Testing
import Workflows
import Workload

/// From a network file to energy and cycles, with nothing else given.
@Suite struct ImportedNetworkEvaluationTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let models: [String] = {
    let folder = root.appendingPathComponent("Tests/InterchangeTests/References/models").path
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.hasSuffix(".onnx") }.sorted()
  }()

  @Test func allModelsAreHere() {
    #expect(Self.models.count == 10)
  }

  @Test(arguments: models) func everyModelRunsOnEyeriss(model: String) throws {
    let file = Self.root.appendingPathComponent("Tests/InterchangeTests/References/models/\(model)")
    let isOpen = model == "resnet18_dynbatch.onnx"
    let (workload, _) = try readWorkload(
      path: file.path, options: ImportedNetwork.Options(dimensions: isOpen ? ["batch": 1] : [:]))
    let machine = try ArchitectureFile(
      readingFile: Self.root.appendingPathComponent("Configs/architectures/eyeriss-168.yaml").path
    ).resolve(using: .shipped).architecture
    var mapper = HeuristicMapper()
    mapper.evaluationLimit = 400
    let evaluation = try NetworkEvaluation(
      mapping: workload, architecture: machine, terms: .asDescribed, mapper: mapper)
    #expect(evaluation.missing.isEmpty)
    #expect(evaluation.isLegal)
    #expect(evaluation.macCount == workload.network.macCount)
    #expect(evaluation.text(showingLoopNests: false).contains("legal, not proven optimal"))
    for layer in evaluation.layers {
      let cost = try #require(layer.cost)
      // The roof: every MAC position busy in every cycle, and one MAC's energy for every MAC.
      #expect(cost.cycles.count * 168 >= layer.layer.macCount)
      let share = 1 - (layer.zeroShare ?? 0)
      #expect(
        cost.energy.picojoules
          > Double(layer.layer.macCount) * machine.compute.energyPerOperation * share)
    }
  }
}
