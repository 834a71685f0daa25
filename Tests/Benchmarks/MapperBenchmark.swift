import Accelerator
import CostModel
import Dispatch
import Execution
import Foundation
import MappingSearch
import Workflows
import Workload

/// Heuristic against a long run, over all shipped machines and three networks.
enum MapperBenchmark {
  struct Case {
    var architecture: Architecture
    var layer: Layer
    var model: LoopNestCostModel
  }

  static func cases() throws -> [Case] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Configs")
    var layers: [Layer] = []
    for name in ["resnet50", "mobilenet-v2", "bert-base-layer-512"] {
      let (workload, _) = try readWorkload(
        path: root.appendingPathComponent("workloads/\(name).yaml").path)
      for entry in workload.network.entries
      where !layers.contains(where: {
        $0.dimensions == entry.layer.dimensions && $0.operands == entry.layer.operands
      }) {
        layers.append(entry.layer)
      }
    }
    let folder = root.appendingPathComponent("architectures")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil
    ).sorted { $0.path < $1.path }
    return try files.flatMap { file in
      let machine = try ArchitectureFile(readingFile: file.path).resolve(using: .shipped)
        .architecture
      return layers.map {
        Case(
          architecture: machine, layer: $0,
          model: LoopNestCostModel(layer: $0, architecture: machine))
      }
    }
  }

  static func run(_ arguments: [String]) throws {
    let every = Int(ProcessInfo.processInfo.environment["EVERY"] ?? "1") ?? 1
    let env = ProcessInfo.processInfo.environment
    let cases = try cases().enumerated().filter { $0.offset % every == 0 }.map(\.element)
    let file = "/tmp/mapspace-best.csv"
    var best: [String: Double] = [:]
    for line in ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").split(separator: "\n")
    {
      let parts = line.split(separator: ",")
      best[parts[0] + "," + parts[1]] = Double(parts[2])
    }
    let budgets = (env["BUDGETS"] ?? "1000,4000").split(separator: ",").compactMap { Int($0) }
    let seeds = Int(env["SEEDS"] ?? "1") ?? 1
    for budget in budgets {
      var gaps: [String: [Double]] = [:]
      var times: [String: [Double]] = [:]
      var all: [Double] = []
      for item in cases {
        let key = "\(item.architecture.name),\(item.layer.name)"
        for s in 0..<seeds {
          var mapper = HeuristicMapper()
          mapper.evaluationLimit = budget
          mapper.seed = Seed(UInt64(s))
          if let h = env["HOT"].flatMap(Double.init) { mapper.hot = h }
          if let h = env["COLD"].flatMap(Double.init) { mapper.cold = h }
          if let h = env["START"].flatMap(Double.init) { mapper.startShare = h }
          let start = DispatchTime.now().uptimeNanoseconds
          let result = mapper.mapping(for: item.model)
          let ms = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
          guard let result else { print("nothing for \(key)"); continue }
          let edp = result.totals.energyDelayProduct
          if edp < best[key] ?? .infinity { best[key] = edp }
          gaps[item.architecture.name, default: []].append(edp / (best[key] ?? edp))
          times[item.architecture.name, default: []].append(ms)
          all.append(edp / (best[key] ?? edp))
        }
      }
      for name in gaps.keys.sorted() {
        line("\(budget) \(name)", gaps[name] ?? [], times[name] ?? [])
      }
      line("\(budget) all", all, times.values.flatMap { $0 })
    }
    let text = best.keys.sorted().map { "\($0),\(best[$0] ?? 0)" }.joined(separator: "\n")
    try text.write(toFile: file, atomically: true, encoding: .utf8)
  }

  static func line(_ name: String, _ gaps: [Double], _ times: [Double]) {
    let sorted = gaps.sorted()
    let mean = exp(gaps.map { log($0) }.reduce(0, +) / Double(gaps.count))
    let t = times.sorted()
    print(
      name,
      String(
        format: "geo %.4f median %.4f p90 %.4f worst %.3f  ms mean %.2f max %.2f n %d",
        mean, sorted[sorted.count / 2], sorted[sorted.count * 9 / 10], sorted[sorted.count - 1],
        times.reduce(0, +) / Double(times.count), t[t.count - 1], gaps.count))
  }
}
