import Foundation

@testable import Surrogate

/// Networks, losses, gradients and Adam steps of PyTorch, written by `Scripts/generate-surrogate-references`.
struct PyTorchReferences: Decodable {
  struct Architecture: Decodable {
    var blocks: [Int]
    var trunk: String
    var width: Int?
    var heads: Int?
    var hidden: Int?
    var layers: Int?
    var context: Int
    var head: [Int]
    var experts: Int
  }

  struct Options: Decodable {
    var alpha: Float
    var beta: Float
    var ranking: Float
    var lowest: Float
    var highest: Float
    var infeasible: Float
  }

  struct Case: Decodable {
    var name: String
    var architecture: Architecture
    var options: Options
    var counts: [Int]
    var weights: [Float]
    var inputs: [Float]
    var contexts: [Int32]
    var table: [Float]
    var targets: [Float]
    var outputs: [Float]
    var loss: Double
    var gradients: [Float]
    var inputGradients: [Float]
    /// How far the weights are from their begin after one and after two steps of rate 1e-3.
    var adam: [[Float]]

    var network: NetworkArchitecture {
      let a = architecture
      var shape = AttentionShape()
      shape.width = a.width ?? shape.width
      shape.headCount = a.heads ?? shape.headCount
      shape.hiddenCount = a.hidden ?? shape.hiddenCount
      shape.layerCount = a.layers ?? shape.layerCount
      let trunk: NetworkArchitecture.Trunk =
        switch a.trunk {
        case "attention": .attention(shape)
        case "dense": .dense(a.width ?? 0)
        default: .none
        }
      return NetworkArchitecture(
        blockWidths: a.blocks, contextWidth: a.context, trunk: trunk, hiddenWidths: a.head,
        expertCount: a.experts)
    }

    var conservativeLoss: ConservativeLoss {
      var loss = ConservativeLoss()
      loss.negativeWeight = options.alpha
      loss.infeasibleWeight = options.beta
      loss.rankingWeight = options.ranking
      loss.lowestNegative = options.lowest
      loss.highestNegative = options.highest
      loss.highestInfeasibleMean = options.infeasible
      return loss
    }

    var rows: BatchRows {
      BatchRows(feasibleCount: counts[0], infeasibleCount: counts[1], negativeCount: counts[2])
    }

    /// A training with the case's weights and batch.
    func buffers() throws -> TrainingBuffers {
      let buffers = TrainingBuffers(
        try SurrogateNetwork.plan(network), weights: weights, rowCapacity: rows.count,
        contextFeatures: table)
      buffers.inputs.fill(inputs)
      buffers.contexts.fill(contexts)
      buffers.targets.fill(targets)
      return buffers
    }
  }

  var tool: String
  var cases: [Case]

  static func read() throws -> PyTorchReferences {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("References/pytorch.json.gz")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = ["-dc", file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return try JSONDecoder().decode(PyTorchReferences.self, from: text)
  }
}

/// The largest difference as a share of the root of the mean square of `expected`.
func relativeDifference(_ got: [Float], _ expected: [Float]) -> Double {
  precondition(got.count == expected.count, "lists of one length are compared")
  let squares = expected.reduce(0.0) { $0 + Double($1) * Double($1) }
  let scale = max(1e-12, (squares / Double(max(1, expected.count))).squareRoot())
  return zip(got, expected).reduce(0) { max($0, abs(Double($1.0) - Double($1.1)) / scale) }
}
