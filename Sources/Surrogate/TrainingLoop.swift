import DesignSpace
import Execution

/// The memory and the steps of a training under way.
final class TrainingLoop {
  let buffers: TrainingBuffers
  private let data: SurrogateData
  private let options: TrainingOptions
  private let seed: Seed
  private let first: Buffer<Float>
  private let second: Buffer<Float>
  private let optimizer: AdamOptimizer
  private let feasible: [[Int]]
  private let infeasible: [[Int]]
  private let moves: GradientMoves?
  private let hidesValues: Bool
  private var loss: LossEvaluation
  private var rows: BatchRows

  init(_ training: SurrogateTraining) {
    data = training.data
    options = training.options
    seed = training.seed
    first = Buffer(training.state.first, or: 0)
    second = Buffer(training.state.second, or: 0)
    optimizer = AdamOptimizer(learningRate: options.learningRate)
    feasible = Self.groups(training.trainingRows, data)
    infeasible = Self.groups(training.infeasibleRows, data)
    let weights = options.loss
    let hasInfeasible = weights.infeasibleWeight > 0 && !infeasible.isEmpty
    rows = BatchRows(
      feasibleCount: options.batchCount,
      infeasibleCount: hasInfeasible ? options.infeasibleCount : 0,
      negativeCount: weights.negativeWeight > 0 ? options.mining.count : 0)
    if case .gradient(let gradient) = options.mining {
      moves = GradientMoves(gradient, data.encoding)
    } else {
      moves = nil
    }
    hidesValues = data.encoding.hasUnknown && options.unknownShare > 0
    loss = LossEvaluation(options.loss, contextCount: data.contexts.contexts.count)
    buffers = TrainingBuffers(
      training.plan, weights: training.state.weights,
      rowCapacity: max(rows.count, SurrogateNetwork.chunk), contextFeatures: data.contexts.rows)
  }

  func save(to state: inout SurrogateTraining.State) {
    state.weights = buffers.weights.array
    state.first = first.array
    state.second = second.array
  }

  /// One step; `number` counts from 0.
  func step(number: Int, swarm: inout NegativeSwarm?) -> ConservativeLoss.Parts {
    var generator = seed.child("batch", number).generator()
    for row in rows.feasible {
      let group = feasible[(number + row) % feasible.count]
      let chosen = group[generator.index(below: group.count)]
      copy(chosen, to: row)
      hide(row, using: &generator)
      buffers.targets.base[row] = data.targets[chosen]
    }
    for (index, row) in rows.infeasible.enumerated() {
      let group = infeasible[(number + index) % infeasible.count]
      copy(group[generator.index(below: group.count)], to: row)
      hide(row, using: &generator)
    }
    if !rows.negatives.isEmpty { mine(number, &swarm) }
    let parts = buffers.differentiate(
      rows, &loss, dropout: seed.child("dropout", number).generator())
    optimizer.update(
      weights: buffers.weights.base, gradients: buffers.gradients.base, first: first.base,
      second: second.base, count: buffers.weights.count, step: number + 1)
    return parts
  }

  /// The mean over contexts of the rank correlation of predictions and targets.
  ///
  /// Contexts whose targets are all equal say nothing; equal predictions of different targets score 0.
  func score(_ heldOut: [Int]) -> Double {
    var predictions = [[Double]](repeating: [], count: data.contexts.contexts.count)
    var targets = predictions
    for start in stride(from: 0, to: heldOut.count, by: SurrogateNetwork.chunk) {
      let rows = heldOut[start..<min(start + SurrogateNetwork.chunk, heldOut.count)]
      for (place, row) in rows.enumerated() { copy(row, to: place) }
      buffers.predict(0..<rows.count)
      for (place, row) in rows.enumerated() {
        let context = Int(data.contextIndices[row])
        predictions[context].append(Double(buffers.predictions.base[place]))
        targets[context].append(Double(data.targets[row]))
      }
    }
    var total = 0.0
    var count = 0
    for (prediction, target) in zip(predictions, targets) {
      let correlation = RankCorrelation(prediction, target)
      guard correlation.pairCount > correlation.secondTieCount else { continue }
      count += 1
      switch options.selection {
      case .tauB: total += correlation.tauB ?? 0
      case .tiesConcordant: total += correlation.tiesConcordant ?? 0
      }
    }
    return count == 0 ? 0 : total / Double(count)
  }

  /// Puts the negatives of a step into the last rows.
  private func mine(_ number: Int, _ swarm: inout NegativeSwarm?) {
    var generator = seed.child("negatives", number).generator()
    switch options.mining {
    case .none: break
    case .firefly(let options):
      swarm?.advance(
        options, encoding: data.encoding, buffers, at: rows.negatives.lowerBound,
        using: &generator)
    case .gradient:
      var designs: [[Double]] = []
      for (index, row) in rows.negatives.enumerated() {
        let group = feasible[(number + index) % feasible.count]
        let chosen = group[generator.index(below: group.count)]
        designs.append(data.points[chosen].coordinates)
        buffers.contexts.base[row] = data.contextIndices[chosen]
      }
      moves?.move(designs, buffers, at: rows.negatives.lowerBound, using: &generator)
    }
  }

  /// Makes some values of a row unknown.
  private func hide(_ place: Int, using generator: inout SeededGenerator) {
    guard hidesValues else { return }
    let row = buffers.inputs.base + place * data.encoding.width
    for (index, block) in data.encoding.blocks.enumerated() where block.hasUnknown {
      let isActive = !block.hasActivity || row[block.start + block.width - 1] != 0
      if generator.unitInterval() < options.unknownShare, isActive {
        data.encoding.markUnknown(index, row)
      }
    }
  }

  private func copy(_ row: Int, to place: Int) {
    let width = data.encoding.width
    data.inputs.withUnsafeBufferPointer { inputs in
      guard let base = inputs.baseAddress else { return }
      (buffers.inputs.base + place * width).update(from: base + row * width, count: width)
    }
    buffers.contexts.base[place] = data.contextIndices[row]
  }

  /// Rows by context, contexts without rows left out.
  private static func groups(_ rows: [Int], _ data: SurrogateData) -> [[Int]] {
    var groups = [[Int]](repeating: [], count: data.contexts.contexts.count)
    for row in rows { groups[Int(data.contextIndices[row])].append(row) }
    return groups.filter { !$0.isEmpty }
  }
}
