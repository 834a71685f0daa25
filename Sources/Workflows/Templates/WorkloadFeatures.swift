import Workload

/// Numbers that describe a network to a model that learns from logs, in the spirit of PRIME's contexts (recalled: counts of
/// convolutions, depthwise convolutions and products, parameters, operations).
enum WorkloadFeatures {
  static let names = [
    "convolutions", "depthwise_convolutions", "matrix_products", "weight_words", "macs",
  ]

  static func values(of network: Network) -> [Double] {
    var result = [Double](repeating: 0, count: names.count)
    for entry in network.entries {
      let count = Double(entry.count)
      let dimensions = entry.layer.dimensions.map(\.name)
      let isConvolution = dimensions.contains("R")
      result[isConvolution ? (dimensions.contains("M") ? 0 : 1) : 2] += count
      if let weights = entry.layer.operands.first(where: { $0.name == "Weights" }) {
        let words = weights.volume(extents: entry.layer.dimensions.map(\.bound))
        result[3] += count * Double(words)
      }
      result[4] += count * Double(entry.layer.macCount)
    }
    return result
  }
}
