import Accelerator
import CostModel
import Foundation
import MappingSearch
import Workflows
import Workload

/// Times the certified mapper, layer by layer, on the shipped architectures.
enum MappingBenchmark {
  static let workloads = ["resnet50", "mobilenet-v2", "bert-base-layer-128"]

  private static func show(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  static func run(_ arguments: [String]) throws {
    let architectures =
      arguments.first.map { $0.split(separator: ",").map(String.init) }
      ?? [
        "eyeriss-168", "eyeriss-256", "gemmini-like", "nvdla-like", "simba-like", "simple-3-level",
        "tpu-like",
      ]
    let networks =
      arguments.dropFirst().first.map { $0.split(separator: ",").map(String.init) } ?? workloads
    let only = arguments.dropFirst(2).first
    print(
      "architecture,network,layer,seconds,edp,gap,heuristic_edp_ratio,nodes,evaluations,states,largest_frontier,entries,root_ratio"
    )
    for name in architectures {
      let machine = try ArchitectureFile(readingFile: "Configs/architectures/\(name).yaml")
        .resolve(using: .shipped).architecture
      for network in networks {
        let workload = try WorkloadFile(readingFile: "Configs/workloads/\(network).yaml").resolve()
        for entry in workload.network.entries {
          if let only, only != entry.layer.name { continue }
          let model = LoopNestCostModel(layer: entry.layer, architecture: machine)
          let start = DispatchTime.now().uptimeNanoseconds
          let result = OptimalMapper().mapping(for: model)
          let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
          let heuristic = HeuristicMapper().mapping(for: model)
          guard let result else {
            show(
              "\(name),\(network),\(entry.layer.name),\(seconds),none,,\(heuristic?.totals.energyDelayProduct ?? 0)"
            )
            continue
          }
          let c = result.certificate.counts
          show(
            "\(name),\(network),\(entry.layer.name),\(String(format: "%.3f", seconds)),\(result.certificate.value),\(result.certificate.gap),\(String(format: "%.4f", (heuristic?.totals.energyDelayProduct ?? .nan) / result.certificate.value)),\(c.nodes),\(c.evaluations),\(c.states),\(c.largestFrontier),\(c.tableEntries),\(String(format: "%.4f", result.certificate.value / result.certificate.rootBound))"
          )
        }
      }
    }
  }
}
