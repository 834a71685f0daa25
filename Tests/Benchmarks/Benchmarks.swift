import Accelerator
import AllocationCounter
import CostModel
import Dispatch
import Foundation
import Workload

/// Times the cost model and prints CSV: name, median rate per second, lowest, highest, note.
@main
enum Benchmarks {
  typealias Body =
    @Sendable (
      MappingEvaluator, UnsafePointer<UInt32>, UnsafeMutablePointer<Int>
    ) -> MappingTotals

  /// Times every figure is measured.
  static let repeats = 7

  static func main() async {
    do {
      try await run()
    } catch {
      FileHandle.standardError.write(Data("error: \(error)\n".utf8))
      exit(2)
    }
  }

  private static func run() async throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == "mapping" {
      try MappingBenchmark.run(Array(arguments.dropFirst()))
      return
    }
    if arguments.first == "cluster" {
      try ClusterBenchmark.run(Array(arguments.dropFirst()))
      return
    }
    if arguments.first == "search" {
      try SearchBenchmark.run(Array(arguments.dropFirst()))
      return
    }
    if arguments.first == "multi-fidelity" {
      try FidelityBenchmark.run(Array(arguments.dropFirst()))
      return
    }
    if arguments.first == "codesign" {
      try await CoDesignBenchmark.run(Array(arguments.dropFirst()))
      return
    }
    if arguments.first == "surrogate" {
      try SurrogateBenchmark.run(Array(arguments.dropFirst()))
      return
    }
    if arguments.first == "offline" {
      try await OfflineBenchmark.run(Array(arguments.dropFirst()))
      return
    }
    if arguments.first == "offline-ablation" {
      try OfflineAblation.run(Array(arguments.dropFirst()))
      return
    }
    if arguments.first == "mapping-scaling" {
      try MappingBenchmark.runScaling(Array(arguments.dropFirst()))
      return
    }
    if arguments.first == "mapping-yardstick" {
      try MappingBenchmark.runYardstick(Array(arguments.dropFirst()))
      return
    }
    if CommandLine.arguments.contains("mapper") {
      try MapperBenchmark.run(every: 6, reference: 200_000)
      return
    }
    print("name,median_per_second,lowest,highest,note")
    if CommandLine.arguments.contains("log") {
      try LogBenchmark.report()
      return
    }
    if CommandLine.arguments.contains("designers") {
      try DesignerBenchmark.report()
      return
    }
    try ImportBenchmark.report()
    for (name, machine, hops) in [
      (
        "eyeriss_like", try BenchmarkMachines.eyerissLike(),
        try BenchmarkMachines.eyerissLike(energyPerHop: 0.1)
      ),
      (
        "simple3", try BenchmarkMachines.simple3(),
        try BenchmarkMachines.simple3(energyPerHop: 0.1)
      ),
    ] {
      let jobs = try benchmarkLayers().map { layer in
        Job(
          layer: layer,
          batch: legalMappings(count: 400, layer: layer, architecture: machine, seed: 1))
      }
      let totals: Body = { evaluator, record, _ in evaluator.totals(of: record) }
      let single = report("\(name) energy and cycles", jobs, machine, totals)
      report("\(name) every count", jobs, machine) { evaluator, record, output in
        evaluator.totals(of: record, writingCountsTo: output)
      }
      report("\(name) with hops", jobs, hops, totals)
      reportScaling(name, jobs, machine, totals)
      try reportGeneralPath(name, jobs, machine, fast: single)
      reportAllocations(name, jobs, machine)
    }
    try BatchBenchmarks.run()
    try LogBenchmark.report()
  }

  struct Job: Sendable {
    var layer: Layer
    var batch: PackedMappings
  }

  /// Layers of AlexNet, VGG-16 and ResNet-50.
  static func benchmarkLayers() throws -> [Layer] {
    func convolution(
      _ name: String, _ channels: Int, _ filters: Int, _ kernel: Int, _ side: Int, stride: Int = 1
    ) throws -> Layer {
      var shape = Layer.ConvolutionShape(
        inputChannels: channels, outputChannels: filters, kernel: (kernel, kernel),
        output: (side, side))
      shape.stride = (stride, stride)
      return try Layer.convolution(name: name, shape)
    }
    return [
      try convolution("alexnet_conv3", 256, 384, 3, 13),
      try convolution("vgg_conv3_2", 256, 256, 3, 56),
      try convolution("resnet_conv1", 3, 64, 7, 112, stride: 2),
      try convolution("resnet_1x1", 64, 256, 1, 56),
    ]
  }

  /// Evaluates all mappings of all jobs over and over; returns the median rate.
  @discardableResult
  static func report(
    _ name: String, _ jobs: [Job], _ machine: Architecture, _ body: @escaping Body
  ) -> Double {
    let rates = (0..<repeats).map { _ in rate(jobs, machine, threads: 1, body) }.sorted()
    print(
      "\(name),\(Int(rates[repeats / 2])),\(Int(rates[0])),\(Int(rates[repeats - 1])),one thread")
    return rates[repeats / 2]
  }

  /// Mappings per second of all threads together.
  private static func rate(
    _ jobs: [Job], _ machine: Architecture, threads: Int, _ body: @escaping Body
  ) -> Double {
    let rounds = 60
    let start = DispatchTime.now().uptimeNanoseconds
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      for job in jobs {
        let evaluator = MappingEvaluator(
          LoopNestCostModel(layer: job.layer, architecture: machine, terms: .countingOnly))
        evaluate(job, rounds, evaluator, body)
      }
    }
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    return Double(threads * rounds * jobs.reduce(0) { $0 + $1.batch.count }) / seconds
  }

  /// All cores against one, run in turn so that both see the same machine.
  private static func reportScaling(
    _ name: String, _ jobs: [Job], _ machine: Architecture, _ body: @escaping Body
  ) {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let ratios = (0..<3 * repeats).map { _ in
      let single = rate(jobs, machine, threads: 1, body)
      return rate(jobs, machine, threads: cores, body) / single
    }.sorted()
    print(
      "\(name) speed-up on \(cores) threads,\(fixed(ratios[ratios.count / 2])),"
        + "\(fixed(ratios[0])),\(fixed(ratios[ratios.count - 1])),median of \(ratios.count) pairs")
  }

  static func evaluate(_ job: Job, _ rounds: Int, _ evaluator: MappingEvaluator, _ body: Body) {
    let output = UnsafeMutablePointer<Int>.allocate(capacity: evaluator.countsPerMapping)
    defer { output.deallocate() }
    var checksum = 0.0
    job.batch.words.withUnsafeBufferPointer { words in
      guard let base = words.baseAddress else { return }
      for _ in 0..<rounds {
        for index in 0..<job.batch.count {
          checksum += body(evaluator, base + index * job.batch.stride, output).energy
        }
      }
    }
    precondition(checksum > 0, "nothing was evaluated")
  }

  /// The same mappings through `cost(of:)`, which fills in every value of the result: the baseline of the hot loop.
  static func reportGeneralPath(
    _ name: String, _ jobs: [Job], _ machine: Architecture, fast: Double
  ) throws {
    var rates: [Double] = []
    for _ in 0..<repeats {
      var count = 0
      let start = DispatchTime.now().uptimeNanoseconds
      for job in jobs {
        let evaluator = MappingEvaluator(
          LoopNestCostModel(layer: job.layer, architecture: machine, terms: .countingOnly))
        for index in 0..<job.batch.count {
          let mapping = try job.batch.mapping(at: index, for: job.layer, on: machine)
          guard case .legal = evaluator.cost(of: mapping) else { continue }
          count += 1
        }
      }
      rates.append(Double(count) / (Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9))
    }
    rates.sort()
    let median = rates[repeats / 2]
    print(
      "\(name) full description,\(Int(median)),\(Int(rates[0])),\(Int(rates[repeats - 1])),one thread"
    )
    print(
      "\(name) hot loop over full description,\(fixed(fast / median)),,,ratio of the medians above")
  }

  /// Heap allocations while a million mappings are evaluated.
  static func reportAllocations(_ name: String, _ jobs: [Job], _ machine: Architecture) {
    let evaluators = jobs.map {
      MappingEvaluator(
        LoopNestCostModel(layer: $0.layer, architecture: machine, terms: .countingOnly))
    }
    var evaluated = 0
    var checksum = 0.0
    let before = allocation_count()
    while evaluated < 1_000_000 {
      for (job, evaluator) in zip(jobs, evaluators) {
        job.batch.words.withUnsafeBufferPointer { words in
          guard let base = words.baseAddress else { return }
          for index in 0..<job.batch.count {
            checksum += evaluator.totals(of: base + index * job.batch.stride).energy
          }
        }
        evaluated += job.batch.count
      }
    }
    let allocations = allocation_count() - before
    precondition(checksum > 0, "nothing was evaluated")
    print("\(name) heap allocations,\(allocations),,,during \(evaluated) evaluations")
  }

  static func fixed(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }
}
