extension OperatorCall {
  /// LSTM, GRU and RNN: one product of all inputs with the weights, one of the state with its weights per step.
  mutating func inferRecurrent() throws(OperatorFailure) {
    let input = try shape(0, rank: 3...3)
    var inputWeights = try shape(1, rank: 3...3)
    var stateWeights = try shape(2, rank: 3...3)
    let gates = node.operation.hasSuffix("LSTM") ? 4 : node.operation.hasSuffix("GRU") ? 3 : 1
    if node.operation == "DynamicQuantizeLSTM" {
      // Its weights are stored transposed.
      inputWeights.swapAt(1, 2)
      stateWeights.swapAt(1, 2)
    }
    let isBatchFirst = integer("layout", 0) != 0
    let steps = input[isBatchFirst ? 1 : 0]
    let batch = input[isBatchFirst ? 0 : 1]
    let directions = inputWeights[0]
    var hidden = stateWeights[2]
    let written = integer("hidden_size", 0)
    if hidden.size == nil, written > 0 { hidden = .known(written) }
    let result =
      isBatchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden]
    let state = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden]
    try give(result, type: type(0))
    try give(state, type: type(0))
    if gates == 4 { try give(state, type: type(0)) }

    let sizes = try known([batch, steps, directions, hidden, input[2]])
    let gateSizes = try product([.known(gates), hidden])
    guard let columns = gateSizes.size, inputWeights[1].size.map({ $0 == columns }) ?? true,
      inputWeights[2].size.map({ $0 == sizes[4] }) ?? true
    else {
      throw .invalid(
        "weights of \(inputWeights[1].size ?? 0) x \(inputWeights[2].size ?? 0) do not fit")
    }
    for (kind, weightIndex, weights, inner) in [
      (LayerRow.Kind.recurrentInput, 1, try shape(1), sizes[4]),
      (.recurrentState, 2, try shape(2), sizes[3]),
    ] {
      var row = row(kind, outputChannels: columns, inputChannels: inner, output: [sizes[1], 1])
      row.batch = sizes[0]
      row.count = sizes[2]
      row.secondOperand = operand(weightIndex)
      row.inputShape = try known(input)
      row.weightShape = try known(weights)
      row.outputShape = try known(result)
      row.part = kind == .recurrentInput ? "input" : "state"
      try row.countOperations([sizes[0], sizes[1], columns, inner])
      rows.append(row)
    }
  }
}
