import Foundation
import Interchange
import Testing
import Workflows
import Workload

/// Listing, converting and reading of network files; the models are those of the import tests.
@Suite struct NetworkListingTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../InterchangeTests/References/models").standardizedFileURL

  private static let models = [
    "bert_layer", "bigru_512", "edgecases", "lstm_2x512", "mobilenet_v2", "resnet18",
    "resnet18_dynbatch", "resnet50", "resnet50_dynamo", "unet_256",
  ]

  private func path(_ name: String) -> String {
    Self.folder.appending(path: "\(name).onnx").path
  }

  private func listing(_ name: String, merging: Bool = true) throws -> NetworkListing {
    try NetworkListing(
      readingFile: path(name),
      options: .init(dimensions: name == "resnet18_dynbatch" ? ["batch": 1] : [:]),
      mergingEqualShapes: merging)
  }

  @Test(arguments: models)
  func csvIsTheReferenceTable(_ name: String) throws {
    let expected = try String(
      contentsOf: Self.folder.appending(path: "\(name).layers.csv"), encoding: .utf8)
    #expect(
      try listing(name).csv.split(separator: "\n") == expected.split(whereSeparator: \.isNewline))
  }

  @Test(arguments: models)
  func convertedWorkloadsReadBackEqual(_ name: String) throws {
    for merging in [true, false] {
      let workload = try #require(try listing(name, merging: merging).workload)
      let file = try WorkloadFile(parsing: Data(workload.yaml.utf8), named: "\(name).yaml")
      #expect(file.resolve() == workload)
    }
  }

  @Test(arguments: models)
  func jsonIsWellFormed(_ name: String) throws {
    let listing = try listing(name)
    let value = try JSONSerialization.jsonObject(with: Data(listing.json.utf8)) as? [String: Any]
    #expect(value?["macs"] as? Int == listing.macCount)
    #expect((value?["layers"] as? [Any])?.count == listing.rows.count)
  }

  @Test func textHasTablesAndTotals() throws {
    #expect(
      try listing("bigru_512").text == """
        bigru_512: 3 layers

        layer                  kind  N     K     C  output  kernel  stride  groups  count  operand        MACs
        ------------------------------------------------------------------------------------------------------
        /r/GRU/input      rnn_input  1  1536   256    25x1     1x1     1x1       1      2   weight  19,660,800
        /r/GRU/state  rnn_recurrent  1  1536   512    25x1     1x1     1x1       1      2   weight  39,321,600
        /fc/MatMul             gemm  1  1000  1024    25x1     1x1     1x1       1      1   weight  25,600,000

        3 distinct shapes

        first layer   repeats           kind  N     K     C  output  kernel  stride  groups   MACs each   share
        -------------------------------------------------------------------------------------------------------
        /r/GRU/input        1      rnn_input  1  1536   256    25x1     1x1     1x1       1  19,660,800  23.2 %
        /r/GRU/state        1  rnn_recurrent  1  1536   512    25x1     1x1     1x1       1  39,321,600  46.5 %
        /fc/MatMul          1           gemm  1  1000  1024    25x1     1x1     1x1       1  25,600,000  30.3 %

        MACs        84,582,400
        parameters  3,391,464

        """)
  }

  @Test func workloadFilesAreListedToo() throws {
    let file = Self.folder.appending(path: "../../../../Configs/workloads/resnet18.yaml")
    let listing = try NetworkListing(readingFile: file.standardizedFileURL.path)
    #expect(
      listing.rows.first?.csv(index: 0)
        == "0,conv1,Conv,conv,1,64,3,112,112,7,7,2,2,0,0,0,0,1,1,1,1,weight,118013952,1x3x229x229,3x64x7x7,1x64x112x112"
    )
    #expect(listing.rows[1].count == 4)
    #expect(listing.macCount == listing.workload.map { Int($0.network.macCount) })
  }

  @Test func errorsNameTheFile() throws {
    let file = path("resnet18_dynbatch")
    let error = try #require(throws: NetworkFileError.self) { try readWorkload(path: file) }
    #expect(
      error.description == """
        \(file): layer "/conv1/Conv" needs a free dimension: batch
        hint: bind it: --dim batch=1
        """)
    let yaml = try #require(throws: NetworkFileError.self) {
      try readWorkload(path: "a.yaml", options: .init(dimensions: ["batch": 1]))
    }
    #expect(
      yaml.description == """
        a.yaml: dimensions and batch can be bound in ONNX files only
        hint: edit the bounds in the workload file
        """)
  }

  @Test func mergedLayersKeepTheFirstName() throws {
    let (workload, warnings) = try readWorkload(path: path("resnet50"))
    #expect(warnings.isEmpty)
    #expect(workload.network.entries.count == 24)
    #expect(workload.network.entries[1].layer.name == "/layer1/layer1.0/conv1/Conv")
    #expect(workload.network.macCount == 4_089_184_256)
  }
}
