import Accelerator
import CostModel
import Dispatch
import Foundation
import Workload

/// Times the cost model and prints CSV: name, median rate per second, lowest, highest, unit.
@main
enum Benchmarks {
  static func main() throws {
    print("name,median_per_second,lowest,highest,note")
    try ImportBenchmark.report()
    let layers = try benchmarkLayers()
    for (name, machine, hops) in [
      ("eyeriss_like", try BenchmarkMachines.eyerissLike(), try BenchmarkMachines.eyerissLike(energyPerHop: 0.1)),
      ("simple3", try BenchmarkMachines.simple3(), try BenchmarkMachines.simple3(energyPerHop: 0.1)),
    ] {
      let jobs = layers.map { layer in
        (layer, legalMappings(count: 400, layer: layer, architecture: machine, seed: 1))
      }
      report("\(name) energy+cycles", jobs, machine) { evaluator, record, _ in
        evaluator.totals(of: record)
      }
      report("\(name) every count", jobs, machine) { evaluator, record, output in
        evaluator.totals(of: record, writingCountsTo: output)
      }
      report("\(name) with hops", jobs, hops) { evaluator, record, _ in
        evaluator.totals(of: record)
      }
    }
  }

  static func benchmarkLayers() throws -> [Layer] {
    func conv(_ name: String, _ c: Int, _ m: Int, _ k: Int, _ p: Int, stride: Int = 1) throws -> Layer {
      var shape = Layer.ConvolutionShape(
        inputChannels: c, outputChannels: m, kernel: (k, k), output: (p, p))
      shape.stride = (stride, stride)
      return try Layer.convolution(name: name, shape)
    }
    return [
      try conv("alexnet_conv3", 256, 384, 3, 13), try conv("vgg_conv3_2", 256, 256, 3, 56),
      try conv("resnet_conv1", 3, 64, 7, 112, stride: 2), try conv("resnet_1x1", 64, 256, 1, 56),
    ]
  }

  static func report(
    _ name: String, _ jobs: [(Layer, PackedMappings)], _ machine: Architecture,
    _ body: (MappingEvaluator, UnsafePointer<UInt32>, UnsafeMutablePointer<Int>) -> MappingTotals
  ) {
    var rates: [Double] = []
    for _ in 0..<7 {
      var evaluated = 0
      var checksum = 0.0
      let start = DispatchTime.now().uptimeNanoseconds
      for (layer, batch) in jobs {
        let evaluator = MappingEvaluator(
          LoopNestCostModel(layer: layer, architecture: machine, terms: .countingOnly))
        let output = UnsafeMutablePointer<Int>.allocate(capacity: evaluator.countsPerMapping)
        defer { output.deallocate() }
        batch.words.withUnsafeBufferPointer { words in
          guard let base = words.baseAddress else { return }
          for _ in 0..<60 {
            for index in 0..<batch.count {
              checksum += body(evaluator, base + index * batch.stride, output).energy
            }
          }
        }
        evaluated += 60 * batch.count
      }
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      precondition(checksum > 0, "nothing was evaluated")
      rates.append(Double(evaluated) / seconds)
    }
    rates.sort()
    print("\(name),\(Int(rates[3])),\(Int(rates[0])),\(Int(rates[6])),one thread")
  }
}
