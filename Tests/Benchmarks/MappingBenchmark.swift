import Accelerator
import CostModel
import Foundation
import MappingSearch
import Workflows
import Workload

/// Times the certified mapper, layer by layer, and compares cheaper searches with its answers.
///
/// `mapping [ARCHITECTURES [NETWORKS [LAYER]]]` prints CSV: CPU seconds to the certificate, whether it is proven and the
/// gap, and the ratio to the certified value of the heuristic, of plain simulated annealing and of random draws with equal
/// evaluations. `mapping-scaling` does so for layers that grow and machines with 2 to 5 levels.
enum MappingBenchmark {
  static let workloads = ["resnet50", "mobilenet-v2", "bert-base-layer-128"]
  static let machines = [
    "simple-3-level", "eyeriss-168", "gemmini-like", "simba-like", "eyeriss-256", "nvdla-like",
    "tpu-like",
  ]
  private static let budgets = [1_000, 10_000]
  /// A long annealing is done for every so many layers.
  private static let longEvery = 8
  private static let longEvaluations = 2_000_000

  private static func show(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }

  private static let header =
    "architecture,network,layer,cpu_seconds,proven,gap,edp_pj_cycles,over_root_bound,nodes,"
    + "evaluations,states,largest_frontier,table_entries,peak_mb,"
    + budgets.map { "heuristic_\($0),ms_\($0),annealing_\($0),random_\($0)" }
    .joined(separator: ",") + ",annealing_\(longEvaluations)"

  static func run(_ arguments: [String]) throws {
    let split = { (index: Int, fallback: [String]) in
      arguments.count > index
        ? arguments[index].split(separator: ",").map(String.init) : fallback
    }
    let only = arguments.count > 2 ? arguments[2] : nil
    show(header)
    for name in split(0, machines) {
      let machine = try ArchitectureFile(readingFile: "Configs/architectures/\(name).yaml")
        .resolve(using: .shipped).architecture
      for network in split(1, workloads) {
        let workload = try WorkloadFile(readingFile: "Configs/workloads/\(network).yaml").resolve()
        var seen: [Layer] = []
        for entry in workload.network.entries {
          let layer = entry.layer
          let isKnown = seen.contains {
            $0.dimensions == layer.dimensions && $0.operands == layer.operands
          }
          if isKnown { continue }
          seen.append(layer)
          if let only, only != layer.name { continue }
          report(
            name, network, LoopNestCostModel(layer: layer, architecture: machine),
            isLong: seen.count % longEvery == 1)
        }
      }
    }
  }

  /// Layers 1, 2, 4 and 8 times as large, and machines of 2 to 5 levels.
  static func runScaling() throws {
    show(header)
    let machine = try ArchitectureFile(readingFile: "Configs/architectures/eyeriss-168.yaml")
      .resolve(using: .shipped).architecture
    for scale in [1, 2, 4, 8] {
      var shape = Layer.ConvolutionShape(
        inputChannels: 64, outputChannels: 64 * scale, kernel: (3, 3), output: (28, 28))
      shape.batch = 1
      let layer = try Layer.convolution(name: "channels_x\(scale)", shape)
      report(
        machine.name, "scaling", LoopNestCostModel(layer: layer, architecture: machine),
        isLong: false)
    }
    let layer = try Layer.matrixProduct(name: "product", rows: 256, columns: 256, inner: 256)
    for count in 2...5 {
      let levels = (0..<count).map { index in
        let isInnermost = index == count - 1
        var level = MemoryLevel(
          name: "level\(index)", kind: index == 0 ? .dram : .sram,
          mesh: isInnermost ? Mesh(x: 8, y: 8) : Mesh(x: 1, y: 1),
          capacityWords: index == 0 ? nil : 16 << (4 * (count - 1 - index)), wordBits: 16,
          energy: AccessEnergy(
            read: pow(4, Double(count - 1 - index)), fill: pow(4, Double(count - 1 - index)),
            update: pow(4, Double(count - 1 - index))))
        if index == 0 { level.bandwidth.shared = 16 }
        return level
      }
      let machine = try Architecture(
        name: "\(count)-levels", levels: levels,
        compute: ComputeArray(
          name: "MAC", mesh: Mesh(x: 8, y: 8), wordBits: 16, energyPerOperation: 1))
      report(
        machine.name, "scaling", LoopNestCostModel(layer: layer, architecture: machine),
        isLong: false)
    }
  }

  private static func report(
    _ machine: String, _ network: String, _ model: LoopNestCostModel, isLong: Bool
  ) {
    let start = threadTime()
    let result = OptimalMapper().mapping(for: model)
    let seconds = threadTime() - start
    guard let result, let space = try? MapSpace(for: model) else {
      show("\(machine),\(network),\(model.layer.name),\(seconds),none")
      return
    }
    let certificate = result.certificate
    let counts = certificate.counts
    var columns = [
      machine, network, model.layer.name, fixed(seconds, 3), "\(certificate.isOptimal)",
      "\(certificate.gap)", "\(certificate.value)",
      fixed(certificate.value / certificate.rootBound, 4), "\(counts.nodes)",
      "\(counts.evaluations)", "\(counts.states)", "\(counts.largestFrontier)",
      "\(counts.tableEntries)", "\(peakMegabytes())",
    ]
    func ratio(_ mapped: MappedLayer?) -> String {
      fixed((mapped?.totals.energyDelayProduct ?? .infinity) / certificate.value, 4)
    }
    for budget in budgets {
      var heuristic = HeuristicMapper()
      heuristic.evaluationLimit = budget
      let start = threadTime()
      let found = heuristic.mapping(for: model, in: space)
      let time = threadTime() - start
      heuristic.startLimit = 1
      var random = RandomMapper()
      random.drawCount = budget
      columns += [
        ratio(found), fixed(time * 1e3, 2), ratio(heuristic.mapping(for: model, in: space)),
        ratio(random.mapping(for: model, in: space)),
      ]
    }
    if isLong {
      var annealing = HeuristicMapper()
      annealing.evaluationLimit = longEvaluations
      annealing.startLimit = 1
      columns.append(ratio(annealing.mapping(for: model, in: space)))
    } else {
      columns.append("")
    }
    show(columns.joined(separator: ","))
  }

  private static func fixed(_ value: Double, _ places: Int) -> String {
    String(format: "%.\(places)f", value)
  }

  /// CPU time of this thread, in seconds.
  private static func threadTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Most memory the process had so far.
  private static func peakMegabytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss / 1_024
  }
}
