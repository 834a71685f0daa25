extension OperatorCall {
  /// Sizes of scaled dot-product attention.
  private struct Heads {
    var batch: Extent
    var queryHeads: Extent
    var keyHeads: Extent
    var queries: Extent
    var keys: Extent
    var headSize: Extent
    var valueSize: Extent
  }

  /// Adds the rows of queries times keys and of probabilities times values.
  private mutating func addAttention(_ heads: Heads) throws(OperatorFailure) {
    let batch = [heads.batch, heads.queryHeads]
    let scores = batch + [heads.queries, heads.keys]
    try addProduct(
      given: batch + [heads.queries, heads.headSize],
      weights: [heads.batch, heads.keyHeads, heads.headSize, heads.keys], result: scores,
      batch: batch, rows: heads.queries, columns: heads.keys, inner: heads.headSize,
      isShared: false, operand: .activation, part: "scores")
    try addProduct(
      given: scores, weights: [heads.batch, heads.keyHeads, heads.keys, heads.valueSize],
      result: batch + [heads.queries, heads.valueSize], batch: batch, rows: heads.queries,
      columns: heads.valueSize, inner: heads.keys, isShared: false, operand: .activation,
      part: "context")
  }

  private func count(_ name: String) throws(OperatorFailure) -> Int {
    let value = integer(name, 0)
    guard (1...ONNXLimits.attribute).contains(value) else { throw .invalid("\(name) is \(value)") }
    return value
  }

  private func split(_ extent: Extent, into parts: Int) throws(OperatorFailure) -> Extent {
    guard case .known(let size) = extent else { return extent }
    guard size % parts == 0 else { throw .invalid("\(size) cannot be divided by \(parts)") }
    return .known(size / parts)
  }

  private func sum(_ a: Extent, _ b: Extent) -> Extent {
    guard case .known(let x) = a, case .known(let y) = b else {
      return .unknown(a.origins.union(b.origins))
    }
    return .known(x + y)
  }

  /// The operator of the standard since version 23: Q, K, V with heads as a dimension or folded into the last one.
  mutating func inferAttention() throws(OperatorFailure) {
    let q = try shape(0, rank: 3...4)
    let k = try shape(1, rank: q.count...q.count)
    let v = try shape(2, rank: q.count...q.count)
    var heads: Heads
    let isFolded = q.count == 3
    if isFolded {
      let queryHeads = try count("q_num_heads")
      let keyHeads = try count("kv_num_heads")
      heads = Heads(
        batch: q[0], queryHeads: .known(queryHeads), keyHeads: .known(keyHeads), queries: q[1],
        keys: k[1], headSize: try split(q[2], into: queryHeads),
        valueSize: try split(v[2], into: keyHeads))
    } else {
      heads = Heads(
        batch: q[0], queryHeads: q[1], keyHeads: k[1], queries: q[2], keys: k[2],
        headSize: q[3], valueSize: v[3])
    }
    if has(4) { heads.keys = sum(try shape(4, rank: 4...4)[2], heads.keys) }
    let columns = try product([heads.queryHeads, heads.valueSize])
    try give(
      isFolded ? [q[0], q[1], columns] : [q[0], q[1], q[2], heads.valueSize], type: type(0))
    try give([heads.batch, heads.keyHeads, heads.keys, heads.headSize], type: type(1))
    try give([heads.batch, heads.keyHeads, heads.keys, heads.valueSize], type: type(2))
    try give([heads.batch, heads.queryHeads, heads.queries, heads.keys], type: type(0))
    try addAttention(heads)
  }

  /// com.microsoft Attention and QAttention: the projection of Q, K and V is part of the operator.
  mutating func inferProjectedAttention() throws(OperatorFailure) {
    let input = try shape(0, rank: 3...3)
    let weights = try shape(1, rank: 2...2)
    let headCount = try count("num_heads")
    let isQuantized = node.operation == "QAttention"
    let sizes = integers("qkv_hidden_sizes") ?? []
    let third = try split(weights[1], into: sizes.count == 3 ? 1 : 3)
    let query: Extent = sizes.count == 3 ? .known(sizes[0]) : third
    let value: Extent = sizes.count == 3 ? .known(sizes[2]) : third
    for size in sizes where size < 1 || size > ONNXLimits.extent {
      throw .invalid("qkv_hidden_sizes has \(size)")
    }
    var keys = input[1]
    let past = isQuantized ? 8 : 4
    if has(past) { keys = sum(try shape(past, rank: 5...5)[3], keys) }
    let headSize = try split(query, into: headCount)
    try give([input[0], input[1], value], type: isQuantized ? type(3) : type(0))
    try give([.known(2), input[0], .known(headCount), keys, headSize], type: type(0))
    try addProduct(
      given: input, weights: weights, result: [input[0], input[1], weights[1]],
      batch: [input[0]], rows: input[1], columns: weights[1], inner: input[2], isShared: true,
      operand: operand(1), part: "projection")
    try addAttention(
      Heads(
        batch: input[0], queryHeads: .known(headCount), keyHeads: .known(headCount),
        queries: input[1], keys: keys, headSize: headSize,
        valueSize: try split(value, into: headCount)))
  }

  /// com.microsoft MultiHeadAttention: Q, K, V apart or packed.
  mutating func inferMultiHeadAttention() throws(OperatorFailure) {
    let headCount = try count("num_heads")
    let q = try shape(0, rank: 3...5)
    var heads: Heads
    if q.count == 5 {
      heads = Heads(
        batch: q[0], queryHeads: q[2], keyHeads: q[2], queries: q[1], keys: q[1], headSize: q[4],
        valueSize: q[4])
    } else {
      let size = try split(q[2], into: headCount)
      heads = Heads(
        batch: q[0], queryHeads: .known(headCount), keyHeads: .known(headCount), queries: q[1],
        keys: q[1], headSize: size, valueSize: size)
      if has(1) {
        let k = try shape(1, rank: 3...5)
        heads.keys = k.count == 4 ? k[2] : k[1]
        if has(2) {
          let v = try shape(2, rank: 3...4)
          heads.valueSize = v.count == 4 ? v[3] : try split(v[2], into: headCount)
        }
      }
    }
    if has(6) { heads.keys = sum(try shape(6, rank: 4...4)[2], heads.keys) }
    try give(
      [q[0], q[1], product([heads.queryHeads, heads.valueSize])], type: type(0))
    try give([heads.batch, heads.keyHeads, heads.keys, heads.headSize], type: type(0))
    try give([heads.batch, heads.keyHeads, heads.keys, heads.valueSize], type: type(0))
    try addAttention(heads)
  }

  /// com.microsoft GroupQueryAttention: several query heads share a key head; Q, K, V may be packed in the first input.
  mutating func inferGroupQueryAttention() throws(OperatorFailure) {
    let q = try shape(0, rank: 3...3)
    let queryHeads = try count("num_heads")
    let keyHeads = try count("kv_num_heads")
    let isPacked = !has(1)
    let size = try split(q[2], into: isPacked ? queryHeads + 2 * keyHeads : queryHeads)
    var keys = isPacked ? q[1] : try shape(1, rank: 3...3)[1]
    if has(3) {
      // The cache may be a buffer of full length; then the new tokens are inside it.
      let past = try shape(3, rank: 4...4)[2]
      if let total = elements(6)?.first?.integer, (1...ONNXLimits.extent).contains(total) {
        keys = .known(total)
      } else {
        keys = sum(past, keys)
      }
    }
    try give([q[0], q[1], product([.known(queryHeads), size])], type: type(0))
    let present = [q[0], .known(keyHeads), keys, size]
    try give(present, type: type(0))
    try give(present, type: type(0))
    try addAttention(
      Heads(
        batch: q[0], queryHeads: .known(queryHeads), keyHeads: .known(keyHeads), queries: q[1],
        keys: keys, headSize: size, valueSize: size))
  }

  /// com.microsoft EmbedLayerNormalization: token numbers to vectors.
  mutating func inferEmbedding() throws(OperatorFailure) {
    let tokens = try shape(0, rank: 2...2)
    let table = try shape(2, rank: 2...2)
    try give(tokens + [table[1]], type: type(2))
    try give([tokens[0]], type: .int32)
    try give(tokens + [table[1]], type: type(2))
  }

  /// Normalizations with a residual: outputs are result, mean, deviation, sum.
  mutating func inferSkipNormalization() throws(OperatorFailure) {
    for _ in node.outputs { try keepShape() }
  }

  /// Layer normalization: result, then mean and deviation with the normalized dimensions of size 1.
  mutating func inferLayerNormalization() throws(OperatorFailure) {
    let input = try shape(0, rank: 1...ONNXLimits.rank)
    let axis = try axis(integer("axis", -1), rank: input.count)
    try give(input, type: type(0))
    let reduced = input[..<axis] + input[axis...].map { _ in .known(1) }
    for _ in node.outputs.dropFirst() { try give(Array(reduced), type: .float) }
  }

  /// Batch normalization: result, then statistics of the channels.
  mutating func inferBatchNormalization() throws(OperatorFailure) {
    try keepShape()
    for index in node.outputs.indices.dropFirst() {
      try give(shape(min(index + 2, 4)), type: .float)
    }
  }
}
