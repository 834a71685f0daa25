import Execution

/// Several experts, and a gate that says how much each one counts.
///
/// - SeeAlso: Kumar et al. 2022 (PRIME), release: the "voting network"; with one expert its share is always 1, so none is
///   built.
struct ExpertHeads: Sendable {
  private let experts: [Perceptron]
  private let gate: Perceptron?
  private let gateContext: GateContext?
  private let votes: ActivationLayout.Slot
  private let voteGradients: ActivationLayout.Slot
  private let shares: ActivationLayout.Slot
  private let shareGradients: ActivationLayout.Slot
  private let scratch: (ActivationLayout.Slot, ActivationLayout.Slot)
  private var count: Int { experts.count }

  init(
    _ architecture: NetworkArchitecture, in layout: inout ParameterLayout,
    _ slots: inout ActivationLayout
  ) {
    let features = architecture.featureWidth
    let count = architecture.expertCount
    var experts: [Perceptron] = []
    for index in 0..<count {
      experts.append(
        Perceptron(
          "expert\(index)", inputCount: features, hiddenWidths: architecture.hiddenWidths,
          outputCount: 1, dropoutRate: architecture.headDropoutRate, in: &layout, &slots))
    }
    self.experts = experts
    let hasContext = architecture.contextWidth > 0
    let gateWidth = architecture.hiddenWidths[0]
    if count > 1 {
      gate = Perceptron(
        "gate", inputCount: features, hiddenWidths: [gateWidth], outputCount: count,
        dropoutRate: architecture.headDropoutRate,
        firstFanIn: hasContext ? 2 * features : features, in: &layout, &slots)
    } else {
      gate = nil
    }
    gateContext =
      count > 1 && hasContext
      ? GateContext(
        contextWidth: architecture.contextWidth, featureWidth: features, gateWidth: gateWidth,
        in: &layout, &slots) : nil
    votes = slots.add(count)
    voteGradients = slots.add(count)
    shares = slots.add(count)
    shareGradients = slots.add(count)
    let widest = architecture.hiddenWidths.max() ?? 1
    scratch = (slots.add(widest), slots.add(widest))
  }

  func forward(
    _ pass: Pass, _ batch: Batch, _ features: UnsafePointer<Float>,
    to outputs: UnsafeMutablePointer<Float>, using generator: inout SeededGenerator
  ) {
    let votes = pass.workspace[votes]
    for (index, expert) in experts.enumerated() {
      expert.forward(pass, features, to: votes + index, stride: count, using: &generator)
    }
    guard let gate else {
      outputs.update(from: votes, count: pass.rowCount)
      return
    }
    let shares = pass.workspace[shares]
    gateContext?.forward(pass, batch, toSums: gate.firstSums(pass))
    gate.forward(
      pass, features, to: shares, stride: count, isAdded: gateContext != nil, using: &generator)
    for row in 0..<pass.rowCount {
      let share = shares + row * count
      let vote = votes + row * count
      var largest = share[0]
      for index in 1..<count where share[index] > largest { largest = share[index] }
      var total: Float = 0
      for index in 0..<count {
        share[index] = Loops.exponential(Loops.Vector(repeating: share[index] - largest))[0]
        total += share[index]
      }
      var mean: Float = 0
      for index in 0..<count {
        share[index] /= total
        mean += share[index] * vote[index]
      }
      outputs[row] = mean
    }
  }

  /// Adds gradients of weights, and that of the features to `featureGradient`.
  func backward(
    _ pass: Pass, _ batch: Batch, _ features: UnsafePointer<Float>,
    outputGradients: UnsafePointer<Float>, featureGradient: UnsafeMutablePointer<Float>?
  ) {
    let votes = pass.workspace[votes]
    let gradients = pass.workspace[voteGradients]
    let scratch = (pass.workspace[scratch.0], pass.workspace[scratch.1])
    let shares = pass.workspace[shares]
    let shareGradients = pass.workspace[shareGradients]
    for row in 0..<pass.rowCount {
      guard gate != nil else {
        gradients[row] = outputGradients[row]
        continue
      }
      var mean: Float = 0
      for place in (row * count)..<((row + 1) * count) {
        gradients[place] = outputGradients[row] * shares[place]
        mean += shares[place] * votes[place]
      }
      for place in (row * count)..<((row + 1) * count) {
        shareGradients[place] = gradients[place] * (votes[place] - mean)
      }
    }
    for (index, expert) in experts.enumerated() {
      expert.backward(
        pass, features, result: votes + index, gradient: gradients + index, stride: count,
        inputGradient: featureGradient, scratch: scratch)
    }
    guard let gate else { return }
    let sums = gate.backward(
      pass, features, result: shares, gradient: shareGradients, stride: count,
      inputGradient: featureGradient, scratch: scratch)
    gateContext?.backward(pass, batch, sumGradients: sums)
  }
}
