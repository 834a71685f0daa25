import DesignSpace
import Execution
import Foundation
import Study
import Workflows

/// PRIME's template on six networks under limits on the area, evaluated by the embedded model.
///
/// Problems are named `prime_NETWORK_QUANTILE`: the latency is minimized, and the area is at most that quantile (10, 25 or
/// 50 %) of the areas of feasible random designs.
enum SearchTemplate {
  static let quantiles = ["10", "25", "50"]
  private static let template = "Configs/templates/prime-edge.yaml"

  /// Areas in mm2 by network and quantile: element number floor(q n), from 0, of the sorted areas of the 2,000 feasible random
  /// designs that `Logs/prime-edge-six-networks` has of every network.
  static let areaLimits: [String: [Double]] = [
    "gru-speech": [93.60274242749631, 276.57215534775315, 982.5905902781631],
    "bert-base-layer-128": [91.67950936493828, 293.1426610138074, 1043.6885714868147],
    "mobilenet-v2": [68.12495346093827, 252.86840957155553, 957.2113604911406],
    "unet": [100.75969021218765, 342.16790637985184, 1146.777374770568],
    "resnet50": [92.63557514303211, 282.5588806795062, 1032.7756407188544],
    "mobilenet-v3-large": [87.16001186955062, 278.271960921126, 1044.0555182307558],
  ]

  /// All problems, network by network.
  static var names: [String] {
    areaLimits.keys.sorted().flatMap { network in quantiles.map { "prime_\(network)_\($0)" } }
  }

  /// The problem of a name; `nil` for a name of another kind.
  static func problem(_ name: String) throws -> SearchProblem? {
    let parts = name.split(separator: "_").map(String.init)
    guard parts.count == 3, parts[0] == "prime", let limits = areaLimits[parts[1]],
      let place = quantiles.firstIndex(of: parts[2])
    else { return nil }
    let template = try ArchitectureTemplate(readingFile: template)
    let workload = try Workflows.readWorkload(path: "Configs/workloads/\(parts[1]).yaml").0
    let evaluator = TemplateEvaluator(template, workloads: [workload])
    let problem = try Problem(
      name: name, space: template.space, metrics: TemplateEvaluator.metrics,
      objectives: [Objective(.minimize, "latency_ms")],
      limits: [MetricLimit("area_mm2", .atMost, limits[place])])
    return SearchProblem(problem) {
      problem.judging(try evaluator.outcome(of: $0, on: workload))
    }
  }
}
