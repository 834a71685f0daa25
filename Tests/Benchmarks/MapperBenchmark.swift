import Accelerator
import CostModel
import Execution
import Foundation
import MappingSearch
import Workflows
import Workload

/// Compares the heuristic with a long run of its own and with random search, on all shipped machines and three networks.
///
/// Prints CSV: budget, machine, cases, ratio of the energy-delay product to the best known (geometric mean, median, 90th
/// percentile, worst), CPU time a layer in ms (mean, worst), and the geometric mean of random search with equal draws.
enum MapperBenchmark {
  private struct Row {
    var heuristic: [Double] = []
    var random: [Double] = []
    var milliseconds: [Double] = []
  }

  /// - Parameters:
  ///   - every: Of all pairs of machine and layer every how many-th is taken.
  ///   - reference: Evaluations of the long run.
  static func run(every: Int, reference: Int) throws {
    let models = try models().enumerated().filter { $0.offset % every == 0 }.map(\.element)
    try reportSampling(models)
    let budgets = [1_000, 10_000]
    var rows: [String: Row] = [:]
    for model in models {
      let space = try MapSpace(for: model)
      var found: [(budget: Int, heuristic: Double, random: Double, time: Double)] = []
      var best = Double.infinity
      for budget in budgets + [reference] {
        var mapper = HeuristicMapper()
        mapper.evaluationLimit = budget
        let start = threadTime()
        let mapped = mapper.mapping(for: model, in: space)
        let time = threadTime() - start
        let value = mapped?.totals.energyDelayProduct ?? .infinity
        best = min(best, value)
        guard budget != reference else { continue }
        var random = RandomMapper()
        random.drawCount = budget
        let drawn = random.mapping(for: model, in: space)?.totals.energyDelayProduct
        found.append((budget, value, drawn ?? .infinity, time))
      }
      for item in found {
        for machine in [model.architecture.name, "all"] {
          var row = rows["\(item.budget),\(machine)"] ?? Row()
          row.heuristic.append(item.heuristic / best)
          row.random.append(item.random / best)
          row.milliseconds.append(item.time)
          rows["\(item.budget),\(machine)"] = row
        }
      }
    }
    print("evaluations,machine,cases,geomean,median,p90,worst,ms_mean,ms_worst,random_geomean")
    for key in rows.keys.sorted() {
      guard let row = rows[key] else { continue }
      let sorted = row.heuristic.sorted()
      let count = sorted.count
      let columns = [
        geometricMean(sorted), sorted[count / 2], sorted[count * 9 / 10], sorted[count - 1],
        row.milliseconds.reduce(0, +) / Double(count), row.milliseconds.max() ?? 0,
        geometricMean(row.random),
      ]
      print("\(key),\(count)," + columns.map { String(format: "%.4f", $0) }.joined(separator: ","))
    }
  }

  /// Draws a second and the time to count a space.
  private static func reportSampling(_ models: [LoopNestCostModel]) throws {
    var drawTime = 0.0
    var countTime = 0.0
    let drawCount = 5_000
    var trials = 0
    for model in models {
      let space = try MapSpace(for: model)
      let sampler = ConstructiveSampler(space)
      var generator = Seed(1).generator()
      var batch = PackedMappings(
        levelCount: space.levelCount, loopCapacity: Mapping.largestLoopCount)
      batch.words.reserveCapacity(drawCount * batch.stride)
      var start = threadTime()
      for _ in 0..<drawCount { trials += sampler.append(to: &batch, using: &generator) }
      drawTime += threadTime() - start
      start = threadTime()
      precondition(space.size() != nil, "too large to count")
      countTime += threadTime() - start
    }
    let count = drawCount * models.count
    print("draws per second,\(Int(Double(count) / drawTime * 1e3))")
    print("accepted draws,\(Double(count) / Double(trials))")
    print("ms to count a space,\(String(format: "%.1f", countTime / Double(models.count)))")
  }

  private static func geometricMean(_ ratios: [Double]) -> Double {
    exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
  }

  /// CPU time of this thread, in ms.
  private static func threadTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
  }

  private static func models() throws -> [LoopNestCostModel] {
    let configs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Configs")
    var layers: [Layer] = []
    for name in ["resnet50", "mobilenet-v2", "bert-base-layer-512"] {
      let path = configs.appendingPathComponent("workloads/\(name).yaml").path
      for entry in try readWorkload(path: path).workload.network.entries
      where !layers.contains(where: {
        $0.dimensions == entry.layer.dimensions && $0.operands == entry.layer.operands
      }) {
        layers.append(entry.layer)
      }
    }
    let files = try FileManager.default.contentsOfDirectory(
      at: configs.appendingPathComponent("architectures"), includingPropertiesForKeys: nil)
    return try files.sorted { $0.path < $1.path }.flatMap { file in
      let machine = try ArchitectureFile(readingFile: file.path).resolve(using: .shipped)
        .architecture
      return layers.map { LoopNestCostModel(layer: $0, architecture: machine) }
    }
  }
}
