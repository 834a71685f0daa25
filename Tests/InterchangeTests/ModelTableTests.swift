import Foundation
import Interchange
import Testing
import Workload

/// The reference models and their expected layer tables; `References/models/README.md` says where they are from.
enum ReferenceModels {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "References/models")

  static let names = [
    "bert_layer", "bigru_512", "edgecases", "lstm_2x512", "mobilenet_v2", "resnet18",
    "resnet18_dynbatch", "resnet50", "resnet50_dynamo", "unet_256",
  ]

  static func path(_ name: String) -> String { folder.appending(path: "\(name).onnx").path }

  static func options(_ name: String) -> ImportedNetwork.Options {
    ImportedNetwork.Options(dimensions: name == "resnet18_dynbatch" ? ["batch": 1] : [:])
  }
}

@Suite struct ModelTableTests {
  @Test(arguments: ReferenceModels.names)
  func tableOfEveryModelIsExact(_ name: String) throws {
    let expected = try String(
      contentsOf: ReferenceModels.folder.appending(path: "\(name).layers.csv"), encoding: .utf8)
    let network = try ImportedNetwork(
      readingONNX: ReferenceModels.path(name), options: ReferenceModels.options(name))
    let rows = network.rows.enumerated().map { $1.csv(index: $0) }
    let lines = expected.split(whereSeparator: \.isNewline).map(String.init)
    #expect([LayerRow.csvHeader] + rows == lines)
  }

  @Test(arguments: ReferenceModels.names)
  func totalOfEveryModelIsThatOfTheList(_ name: String) throws {
    let list = try String(
      contentsOf: ReferenceModels.folder.appending(path: "models.csv"), encoding: .utf8)
    let network = try ImportedNetwork(
      readingONNX: ReferenceModels.path(name), options: ReferenceModels.options(name))
    let total = try #require(network.macCount)
    let line = try #require(
      list.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name).onnx,") })
    #expect(line.contains(",\(total),"))
  }

  @Test(arguments: ReferenceModels.names)
  func layersKeepTheMultiplyAccumulates(_ name: String) throws {
    let network = try ImportedNetwork(
      readingONNX: ReferenceModels.path(name), options: ReferenceModels.options(name))
    for merging in [false, true] {
      let conversion = network.network(mergingEqualShapes: merging)
      #expect(conversion.warnings.isEmpty)
      let volumetric = network.rows.filter { $0.kind == .volumetric }.reduce(0) { $0 + $1.macCount }
      #expect(conversion.network?.macCount == Double((network.macCount ?? 0) - volumetric))
    }
  }

  @Test func onlyTheVolumetricConvolutionIsWarnedAbout() throws {
    for name in ReferenceModels.names {
      let network = try ImportedNetwork(
        readingONNX: ReferenceModels.path(name), options: ReferenceModels.options(name))
      let expected =
        name == "edgecases"
        ? [
          "node \"conv3d\" (Conv): a convolution over 3 dimensions is counted but cannot be a layer"
        ]
        : []
      #expect(network.warnings.map(\.text) == expected)
    }
  }
}
