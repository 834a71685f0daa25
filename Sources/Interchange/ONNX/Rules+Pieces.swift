extension OperatorCall {
  // MARK: Joining and cutting

  mutating func inferConcat() throws(OperatorFailure) {
    try inferConcat(of: Array(inputs.indices))
  }

  /// Quantized concatenation: tensors are every third input from the third.
  mutating func inferQuantizedConcat() throws(OperatorFailure) {
    try inferConcat(of: Array(stride(from: 2, to: inputs.count, by: 3)))
  }

  private mutating func inferConcat(of indices: [Int]) throws(OperatorFailure) {
    guard let first = indices.first else { throw .invalid("it has no input") }
    var result = try shape(first, rank: 1...ONNXLimits.rank)
    let axis = try axis(integer("axis", 1), rank: result.count)
    var total = 0
    var origins = Origins()
    var isKnown = true
    for index in indices {
      let part = try shape(index, rank: result.count...result.count)
      for other in part.indices where other != axis {
        switch (result[other], part[other]) {
        case (.known(let a), .known(let b)) where a != b:
          throw .invalid("dimension \(other) is \(a) in one input and \(b) in another")
        case (.unknown, .known): result[other] = part[other]
        default: break
        }
      }
      if case .known(let size) = part[axis] {
        total += size
        guard total <= ONNXLimits.extent else { throw .invalid("the result is too large") }
      } else {
        isKnown = false
        origins = origins.union(part[axis].origins)
      }
    }
    result[axis] = isKnown ? .known(total) : .unknown(origins)
    var elements: [Number]?
    let lists = indices.compactMap { self.elements($0) }
    if lists.count == indices.count, result.count == 1 {
      elements = Array(lists.joined())
    } else if lists.count == indices.count, axis == 0 {
      elements = Array(lists.joined())
    }
    if let count = elements?.count, count > ONNXLimits.foldedElements { elements = nil }
    try give(result, type: type(first), elements: elements)
  }

  mutating func inferSplit() throws(OperatorFailure) {
    let input = try shape(0, rank: 1...ONNXLimits.rank)
    let axis = try axis(integer("axis", 0), rank: input.count)
    let count = node.outputs.count
    var sizes: [Extent]
    let listed = try listed("split", orInput: 1)
    if let listed {
      sizes = listed.map { .known($0) }
    } else if case .known(let total) = input[axis] {
      let part = (total + max(count, 1) - 1) / max(count, 1)
      sizes = (0..<count).map { .known(max(0, min(part, total - $0 * part))) }
    } else {
      sizes = Array(repeating: .unknown(input[axis].origins), count: count)
    }
    guard sizes.count == count else {
      throw .invalid("split has \(sizes.count) members for \(count) outputs")
    }
    if case .known(let total) = input[axis], let listed {
      var rest = total
      for size in listed {
        guard size >= 0, size <= rest else { throw .invalid("split does not sum to \(total)") }
        rest -= size
      }
      guard rest == 0 else { throw .invalid("split does not sum to \(total)") }
    }
    var start = 0
    for size in sizes {
      var result = input
      result[axis] = size
      let offset = start
      let elements = rearrangedElements(to: result) { place, _ in
        var source = place
        source[axis] += offset
        return source
      }
      try give(result, type: type(0), elements: elements)
      start += size.size ?? 0
    }
  }

  mutating func inferSlice() throws(OperatorFailure) {
    let input = try shape(0)
    guard let starts = version < 10 ? integers("starts") : try integers(1),
      let ends = version < 10 ? integers("ends") : try integers(2), starts.count == ends.count
    else { throw .invalid("starts and ends differ in number") }
    let listed = version < 10 ? integers("axes") : try integers(3)
    let cut = try axes(listed ?? Array(0..<starts.count), rank: input.count)
    let steps = (version < 10 ? nil : try integers(4)) ?? Array(repeating: 1, count: starts.count)
    guard cut.count == starts.count, steps.count == starts.count else {
      throw .invalid("starts, axes and steps differ in number")
    }
    var result = input
    var first = Array(repeating: 0, count: input.count)
    var step = Array(repeating: 1, count: input.count)
    for (position, axis) in cut.enumerated() {
      guard steps[position] != 0, steps[position] > .min else { throw .invalid("a step is 0") }
      guard case .known(let size) = input[axis] else {
        if starts[position] != 0 || ends[position] < ONNXLimits.extent || steps[position] != 1 {
          // A front piece is as long as asked for, if the dimension is long enough; it is not known to be.
          result[axis] = .unknown(input[axis].origins)
        }
        continue
      }
      let (from, length) = Self.piece(
        of: size, start: starts[position], end: ends[position], step: steps[position])
      first[axis] = from
      step[axis] = steps[position]
      result[axis] = .known(length)
    }
    let elements = rearrangedElements(to: result) { place, _ in
      place.indices.map { first[$0] + place[$0] * step[$0] }
    }
    try give(result, type: type(0), elements: elements)
  }

  /// First index and number of elements of a slice, by the clamping rules of the operator.
  private static func piece(of size: Int, start: Int, end: Int, step: Int) -> (Int, Int) {
    let shift = { (value: Int) in
      value < 0 ? value.addingReportingOverflow(size).partialValue : value
    }
    if step > 0 {
      let from = min(max(shift(start), 0), size)
      let to = min(max(shift(end), 0), size)
      return (from, to > from ? (to - from - 1) / step + 1 : 0)
    }
    let from = min(max(shift(start), 0), size - 1)
    let to = min(max(shift(end), -1), size - 1)
    return (from, from > to ? (from - to - 1) / -step + 1 : 0)
  }

  mutating func inferPad() throws(OperatorFailure) {
    var result = try shape(0)
    let isInput = node.domain == "com.microsoft" || version >= 11
    let pads = isInput ? try integers(1) : integers("pads") ?? integers("paddings")
    guard let pads else { throw .invalid("pads are absent") }
    let padded =
      try axes(
        version >= 18 ? integers(3) ?? Array(result.indices) : Array(result.indices),
        rank: result.count)
    guard pads.count == 2 * padded.count else {
      throw .invalid("pads has \(pads.count) members, expected \(2 * padded.count)")
    }
    for (position, axis) in padded.enumerated() {
      guard case .known(let size) = result[axis] else { continue }
      let sides = [pads[position], pads[position + padded.count]]
      for side in sides where abs(side.clamped) > ONNXLimits.extent {
        throw .invalid("a pad is \(side)")
      }
      result[axis] = .known(max(-1, size + sides[0] + sides[1]))
    }
    try give(result, type: type(0))
  }

  // MARK: Picking

  mutating func inferGather() throws(OperatorFailure) {
    let data = try shape(0, rank: 1...ONNXLimits.rank)
    let picked = try shape(1)
    let axis = try axis(integer("axis", 0), rank: data.count)
    let result = Array(data[..<axis]) + picked + Array(data[(axis + 1)...])
    var elements: [Number]?
    if let values = self.elements(1)?.map(\.integer) {
      let indexSizes = picked.compactMap(\.size)
      elements = rearrangedElements(to: result) { place, sizes in
        var flat = 0
        for (coordinate, size) in zip(place[axis..<(axis + picked.count)], indexSizes) {
          flat = flat * size + coordinate
        }
        guard flat < values.count, let index = values[flat] else { return nil }
        let from = index < 0 ? index.addingReportingOverflow(sizes[axis]).partialValue : index
        return Array(place[..<axis]) + [from] + Array(place[(axis + picked.count)...])
      }
    }
    try give(result, type: type(0), elements: elements)
  }

  /// The shape of the second input with the type of the first.
  mutating func inferGatherElements() throws(OperatorFailure) {
    try give(shape(1), type: type(0))
  }

  mutating func inferGatherND() throws(OperatorFailure) {
    let data = try shape(0, rank: 1...ONNXLimits.rank)
    let indices = try shape(1, rank: 1...ONNXLimits.rank)
    let batch = integer("batch_dims", 0)
    guard let last = indices.last?.size else {
      throw .blocked(indices.last?.origins ?? Origins())
    }
    guard batch >= 0, batch < indices.count, last >= 0, batch + last <= data.count else {
      throw .invalid("indices of \(last) with batch_dims \(batch) exceed \(data.count) dimensions")
    }
    try give(Array(indices.dropLast()) + data[(batch + last)...], type: type(0))
  }
}

extension Int {
  /// The number, cut to 62 bits so that its magnitude and sums of a few fit.
  var clamped: Int { Swift.min(Swift.max(self, -(1 << 61)), 1 << 61) }
}
