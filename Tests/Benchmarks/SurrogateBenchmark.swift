import AllocationCounter
import DesignSpace
import Execution
import Foundation
import Study
import Surrogate

/// Times training steps of surrogates in processor time of one thread, and prints CSV: name, median, lowest, highest, note.
///
/// Processor time, because other work on the machine would count otherwise.
enum SurrogateBenchmark {
  /// Levels of PRIME's ten parameters.
  static let primeLevels = [10, 10, 7, 10, 7, 11, 7, 4, 5, 6]

  /// - Parameter arguments: `quick` for the steps that are compared with peers only.
  static func run(_ arguments: [String]) throws {
    print("name,median_ms,lowest,highest,note")
    var regression = TrainingOptions()
    regression.loss = .regression
    regression.holdOut = .none
    regression.stepCount = 1_000_000
    let four = try data([16, 16, 16, 16], rowCount: 2_000)
    let prime = try data(primeLevels, rowCount: 8_000)
    let perceptron = NetworkArchitecture.perceptron(blockWidths: four.encoding.blockWidths)
    let published = NetworkArchitecture.published(blockWidths: prime.encoding.blockWidths)
    try report(
      "surrogate step 64-256-256-256-1", four, perceptron, regression, stepCount: 60,
      note: "batch 256")
    try report(
      "surrogate step attention", prime, published, regression, stepCount: 8, note: "batch 256")
    guard !arguments.contains("quick") else { return }
    try reportAllocations(prime, published, regression)
    var conservative = TrainingOptions()
    conservative.holdOut = .none
    conservative.stepCount = 1_000_000
    try report(
      "surrogate step attention with mining", prime, published, conservative, stepCount: 6,
      note: "256 feasible + 256 infeasible + 64 negatives by firefly")
    conservative.mining = .gradient(NegativeMining.GradientOptions())
    try report(
      "surrogate step attention with gradient moves", prime, published, conservative,
      stepCount: 6, note: "256 feasible + 256 infeasible + 64 negatives by 4 moves")
    try report(
      "surrogate step perceptron with mining", prime,
      .perceptron(blockWidths: prime.encoding.blockWidths), TrainingOptions(), stepCount: 40,
      note: "77-256-256-256-1")
    try reportTraining(prime, published)
    try reportPrediction(prime, published)
  }

  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Random designs, a quarter of them infeasible.
  static func data(_ levels: [Int], rowCount: Int) throws -> SurrogateData {
    let space = try SearchSpace(
      parameters: levels.enumerated().map { try .integer("p\($0)", 1...$1) })
    let problem = try Problem(
      name: "benchmark", space: space, metrics: [Metric("latency")],
      objectives: [Objective(.minimize, "latency")])
    var generator = Seed(1).generator()
    let trials = try space.sample(count: rowCount, using: &generator).enumerated().map {
      index, point in
      let cost = point.coordinates.reduce(1) { $0 + ($1 - 3) * ($1 - 3) }
      return Trial(
        id: index, point: point,
        outcome: index % 4 == 0 ? .infeasible(Infeasibility(.hidden(""))) : .measured([cost]),
        origin: .init(evaluator: "benchmark"))
    }
    return try SurrogateData(problem: problem, trials: trials)
  }

  private static func report(
    _ name: String, _ data: SurrogateData, _ architecture: NetworkArchitecture,
    _ options: TrainingOptions, stepCount: Int, note: String
  ) throws {
    var training = try SurrogateTraining(
      data, architecture: architecture, options: options, seed: Seed(1))
    try training.run(until: 3)
    var times: [Double] = []
    for _ in 0..<Benchmarks.repeats {
      // A run allocates its memory once; that is not part of a step.
      let start = processorSeconds()
      try training.run(until: training.step + 1)
      let setUp = processorSeconds() - start
      try training.run(until: training.step + stepCount)
      times.append((processorSeconds() - start - setUp) * 1e3 / Double(stepCount))
    }
    write(name, times, note)
  }

  /// Heap allocations of a step without mining: what a longer run has more of than a shorter one.
  private static func reportAllocations(
    _ data: SurrogateData, _ architecture: NetworkArchitecture, _ options: TrainingOptions
  ) throws {
    var training = try SurrogateTraining(
      data, architecture: architecture, options: options, seed: Seed(1))
    try training.run(until: 2)
    var counts: [Int] = []
    for steps in [1, 11] {
      let before = allocation_count()
      try training.run(until: training.step + steps)
      counts.append(Int(allocation_count() - before))
    }
    print(
      "surrogate step heap allocations,\((counts[1] - counts[0]) / 10),,,attention without mining")
  }

  /// The default training of the published network, from a share of its steps.
  private static func reportTraining(
    _ data: SurrogateData, _ architecture: NetworkArchitecture
  ) throws {
    let options = TrainingOptions()
    var training = try SurrogateTraining(
      data, architecture: architecture, options: options, seed: Seed(1))
    let share = 2 * options.validationInterval / 5
    let start = processorSeconds()
    try training.run(until: share)
    let seconds = (processorSeconds() - start) * Double(options.stepCount) / Double(share)
    write(
      "surrogate training published network", [seconds * 1e3],
      "8000 rows, \(options.stepCount) steps with mining, extrapolated from \(share)")
  }

  private static func reportPrediction(
    _ data: SurrogateData, _ architecture: NetworkArchitecture
  ) throws {
    let network = try SurrogateNetwork(architecture, seed: Seed(1))
    let times = (0..<3).map { _ in
      let start = processorSeconds()
      let predictions = network.predictions(of: data.inputs)
      precondition(predictions.count == data.rowCount, "every row is predicted")
      return (processorSeconds() - start) * 1e3
    }
    write("surrogate predictions attention", times, "\(data.rowCount) rows")
  }

  private static func write(_ name: String, _ times: [Double], _ note: String) {
    let sorted = times.sorted()
    print(
      "\(name),\(Benchmarks.fixed(sorted[sorted.count / 2])),\(Benchmarks.fixed(sorted[0])),"
        + "\(Benchmarks.fixed(sorted[sorted.count - 1])),\(note)")
  }
}
