import Execution

/// Hidden layers with leaky rectifiers and an output layer; the gate is one, too.
struct Perceptron: Hashable, Sendable {
  private let hidden: [DenseLayer]
  private let output: DenseLayer
  private let slots: [ActivationLayout.Slot]
  private let dropouts: [Dropout]

  init(
    _ name: String, inputCount: Int, hiddenWidths: [Int], outputCount: Int, dropoutRate: Float,
    firstFanIn: Int? = nil, in layout: inout ParameterLayout, _ slots: inout ActivationLayout
  ) {
    var hidden: [DenseLayer] = []
    var places: [ActivationLayout.Slot] = []
    var dropouts: [Dropout] = []
    var width = inputCount
    for (index, next) in hiddenWidths.enumerated() {
      hidden.append(
        DenseLayer(
          "\(name).dense\(index)", width, next, .leaky(slope: NetworkArchitecture.leakySlope),
          start: .glorot(fanIn: index == 0 ? firstFanIn ?? width : width, fanOut: next),
          in: &layout))
      places.append(slots.add(next))
      dropouts.append(Dropout(rate: dropoutRate, width: next, &slots))
      width = next
    }
    self.hidden = hidden
    self.slots = places
    self.dropouts = dropouts
    output = DenseLayer("\(name).output", width, outputCount, in: &layout)
  }

  /// Where the sums of the first layer may be prepared, for `isAdded`.
  func firstSums(_ pass: Pass) -> UnsafeMutablePointer<Float> { pass.workspace[slots[0]] }

  func forward(
    _ pass: Pass, _ input: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>,
    stride: Int, isAdded: Bool = false, using generator: inout SeededGenerator
  ) {
    var current = input
    for (index, layer) in hidden.enumerated() {
      let next = pass.workspace[slots[index]]
      layer.forward(
        pass, current, to: next, rowCount: pass.rowCount, isAdded: isAdded && index == 0)
      dropouts[index].forward(pass, next, using: &generator)
      current = UnsafePointer(next)
    }
    output.forward(pass, current, to: result, outputStride: stride, rowCount: pass.rowCount)
  }

  /// Adds gradients of weights, and that of the input to `inputGradient`.
  ///
  /// - Parameters:
  ///   - scratch: Two rooms of the widest hidden layer; the first one ends with the gradient of the first layer's sums
  ///     when the count of hidden layers is odd, the second one otherwise.
  /// - Returns: The gradient of the first layer's sums.
  @discardableResult
  func backward(
    _ pass: Pass, _ input: UnsafePointer<Float>, result: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>, stride: Int,
    inputGradient: UnsafeMutablePointer<Float>?,
    scratch: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
  ) -> UnsafeMutablePointer<Float> {
    var (current, other) = scratch
    output.backward(
      pass, pass.workspace[slots[hidden.count - 1]], output: result, outputGradient: gradient,
      gradientStride: stride, inputGradient: current, rowCount: pass.rowCount)
    for index in hidden.indices.reversed() {
      dropouts[index].backward(pass, current)
      let isFirst = index == 0
      let below = isFirst ? input : UnsafePointer(pass.workspace[slots[index - 1]])
      hidden[index].backward(
        pass, below, output: pass.workspace[slots[index]], outputGradient: current,
        inputGradient: isFirst ? inputGradient : other, rowCount: pass.rowCount, isAdded: isFirst)
      if !isFirst { swap(&current, &other) }
    }
    return current
  }
}

/// Several experts, and a gate that says how much each one counts.
///
/// - SeeAlso: Kumar et al. 2022 (PRIME), release: the "voting network"; with one expert its share is always 1, so none is
///   built.
struct ExpertHeads: Hashable, Sendable {
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

  static func == (a: ExpertHeads, b: ExpertHeads) -> Bool {
    a.experts == b.experts && a.gate == b.gate && a.gateContext == b.gateContext
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(experts)
    hasher.combine(gate)
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
