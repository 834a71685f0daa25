import Accelerator
import CostModel
import Foundation
import MappingSearch
import Workflows
import Workload

/// Times the certified mapper, layer by layer, and compares cheaper searches with its answers.
///
/// `mapping [--into FILE] [ARCHITECTURES [NETWORKS [LAYERS]]]` writes CSV: CPU seconds to the certificate, whether it is
/// proven and the gap, most memory the process had so far, and for a time of 2 ms and one of 20 ms a layer the ratio to the
/// certified value of the heuristic, of plain simulated annealing and of random draws with equal evaluations.
/// `mapping-scaling [--into FILE]` does so for layers that grow and machines with 2 to 5 levels. `mapping-yardstick [--into
/// FILE] [ARCHITECTURE/NETWORK/LAYER …]` compares a certified answer with a minute of annealing at two million evaluations a
/// second. Rows a file has already are not made again, so that a run can be ended and continued.
enum MappingBenchmark {
  static let workloads = ["resnet50", "mobilenet-v2", "bert-base-layer-128"]
  static let machines = [
    "simple-3-level", "eyeriss-168", "gemmini-like", "simba-like", "eyeriss-256", "nvdla-like",
    "tpu-like",
  ]
  /// In ms of CPU time.
  private static let times = [2.0, 20.0]
  /// A longer annealing is done for every so many layers.
  private static let longEvery = 8
  private static let longEvaluations = 2_000_000
  /// A minute at two million evaluations a second.
  private static let yardstickEvaluations = 120_000_000

  private static let certificateHeader =
    "architecture,network,layer,cpu_seconds,proven,gap,edp_pj_cycles,over_root_bound,nodes,"
    + "evaluations,states,largest_frontier,table_entries,peak_mb"
  private static let header =
    certificateHeader + ","
    + times.map { time in
      ["evaluations", "ms", "heuristic", "annealing", "random"]
        .map { "\($0)_\(Int(time))ms" }.joined(separator: ",")
    }.joined(separator: ",") + ",annealing_\(longEvaluations)"

  static func run(_ arguments: [String]) throws {
    var table = try BenchmarkTable(arguments, header: header)
    let split = { (index: Int, fallback: [String]) in
      table.arguments.count > index
        ? table.arguments[index].split(separator: ",").map(String.init) : fallback
    }
    let only = split(2, [])
    for name in split(0, machines) {
      for network in split(1, workloads) {
        for (number, model) in try models(name, network).enumerated()
        where only.isEmpty || only.contains(model.layer.name) {
          table.add([name, network, model.layer.name]) {
            columns(model, isLong: number % longEvery == 0)
          }
        }
      }
    }
  }

  /// A certified answer against plain annealing for as many evaluations as a minute has at two million a second.
  static func runYardstick(_ arguments: [String]) throws {
    var table = try BenchmarkTable(
      arguments, header: certificateHeader + ",annealing_seconds,annealing_\(yardstickEvaluations)")
    let samples =
      table.arguments.isEmpty
      ? [
        "simple-3-level/mobilenet-v2/block3_expand", "eyeriss-168/resnet50/conv3_1_spatial",
        "gemmini-like/resnet50/conv2_1_spatial", "simba-like/resnet50/conv1",
        "nvdla-like/resnet50/conv1",
      ] : table.arguments
    for sample in samples {
      let parts = sample.split(separator: "/").map(String.init)
      guard parts.count == 3 else { continue }
      for model in try models(parts[0], parts[1]) where model.layer.name == parts[2] {
        table.add(parts) {
          guard let (columns, value, space) = certificate(model) else { return ["none"] }
          let start = threadTime()
          let found = annealed(yardstickEvaluations).mapping(for: model, in: space)
          return columns + [fixed(threadTime() - start, 1), ratio(found, value, places: 9)]
        }
      }
    }
  }

  /// One model for every distinct layer of a network.
  private static func models(_ machine: String, _ network: String) throws -> [LoopNestCostModel] {
    let machine = try ArchitectureFile(readingFile: "Configs/architectures/\(machine).yaml")
      .resolve(using: .shipped).architecture
    let workload = try WorkloadFile(readingFile: "Configs/workloads/\(network).yaml").resolve()
    var seen: [Layer] = []
    for layer in workload.network.entries.map(\.layer)
    where !seen.contains(where: {
      $0.dimensions == layer.dimensions && $0.operands == layer.operands
    }) {
      seen.append(layer)
    }
    return seen.map { LoopNestCostModel(layer: $0, architecture: machine) }
  }

  /// Layers 1, 2, 4 and 8 times as large, and machines of 2 to 5 levels.
  static func runScaling(_ arguments: [String]) throws {
    var table = try BenchmarkTable(arguments, header: header)
    let machine = try ArchitectureFile(readingFile: "Configs/architectures/eyeriss-168.yaml")
      .resolve(using: .shipped).architecture
    for scale in [1, 2, 4, 8] {
      var shape = Layer.ConvolutionShape(
        inputChannels: 64, outputChannels: 64 * scale, kernel: (3, 3), output: (28, 28))
      shape.batch = 1
      let layer = try Layer.convolution(name: "channels_x\(scale)", shape)
      table.add([machine.name, "scaling", layer.name]) {
        columns(LoopNestCostModel(layer: layer, architecture: machine), isLong: false)
      }
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
      table.add([machine.name, "scaling", layer.name]) {
        columns(LoopNestCostModel(layer: layer, architecture: machine), isLong: false)
      }
    }
  }

  /// Time and proof of the certified mapper; `nil` when nothing fits.
  private static func certificate(_ model: LoopNestCostModel)
    -> (columns: [String], value: Double, space: MapSpace)?
  {
    let start = threadTime()
    let result = OptimalMapper().mapping(for: model)
    let seconds = threadTime() - start
    guard let result, let space = try? MapSpace(for: model) else { return nil }
    let certificate = result.certificate
    let counts = certificate.counts
    let columns = [
      fixed(seconds, 3), "\(certificate.isOptimal)", fixed(certificate.gap, 6),
      "\(certificate.value)", fixed(certificate.value / certificate.rootBound, 4),
      "\(counts.nodes)", "\(counts.evaluations)", "\(counts.states)",
      "\(counts.largestFrontier)", "\(counts.tableEntries)", "\(peakMegabytes())",
    ]
    return (columns, certificate.value, space)
  }

  private static func columns(_ model: LoopNestCostModel, isLong: Bool) -> [String] {
    guard let (certified, value, space) = certificate(model) else { return ["none"] }
    var columns = certified
    // The budget is a number of evaluations; how many fit into a time is measured first.
    var heuristic = HeuristicMapper()
    heuristic.evaluationLimit = 2_000
    let start = threadTime()
    _ = heuristic.mapping(for: model, in: space)
    let rate = 2_000 / (threadTime() - start) / 1e3
    for time in times {
      heuristic.evaluationLimit = max(1, Int(time * rate))
      let start = threadTime()
      let found = heuristic.mapping(for: model, in: space)
      let spent = threadTime() - start
      var random = RandomMapper()
      random.drawCount = heuristic.evaluationLimit
      columns += [
        "\(heuristic.evaluationLimit)", fixed(spent * 1e3, 2), ratio(found, value),
        ratio(annealed(heuristic.evaluationLimit).mapping(for: model, in: space), value),
        ratio(random.mapping(for: model, in: space), value),
      ]
    }
    columns.append(
      isLong ? ratio(annealed(longEvaluations).mapping(for: model, in: space), value) : "")
    return columns
  }

  /// Plain simulated annealing.
  private static func annealed(_ evaluations: Int) -> HeuristicMapper {
    var mapper = HeuristicMapper()
    mapper.evaluationLimit = evaluations
    mapper.startLimit = 1
    return mapper
  }

  private static func ratio(_ mapped: MappedLayer?, _ value: Double, places: Int = 4) -> String {
    fixed((mapped?.totals.energyDelayProduct ?? .infinity) / value, places)
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
