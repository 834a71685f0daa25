extension OperatorCall {
  // MARK: Same shape

  /// The shape of the first input, with no element known.
  mutating func keepShape() throws(OperatorFailure) {
    try give(shape(0), type: type(0))
  }

  /// The first input in every respect.
  mutating func pass() throws(OperatorFailure) {
    outputs.append(try facts(0))
  }

  /// The shape of the first input with elements computed one by one.
  mutating func map(type: ONNXType? = nil, _ transform: (Number) -> Number)
    throws(OperatorFailure)
  {
    let elements = elements(0)?.map(transform)
    try give(shape(0), type: type ?? self.type(0), elements: elements)
  }

  mutating func inferCast() throws(OperatorFailure) {
    let type = node.operation == "CastLike" ? type(1) : ONNXType(code: integer("to", 0))
    try map(type: type) { $0.converted(to: type) }
  }

  mutating func inferNegation() throws(OperatorFailure) {
    try map { Number.subtract(.integer(0), $0) }
  }

  mutating func inferAbsolute() throws(OperatorFailure) {
    try map { value in
      if case .real(let number) = value { return .real(abs(number)) }
      if case .integer(let number) = value, number < 0 { return .subtract(.integer(0), value) }
      return value
    }
  }

  /// Floor, Ceil, Round and Sqrt: functions of a real number.
  mutating func inferReal(_ function: (Double) -> Double) throws(OperatorFailure) {
    try map { value in
      if case .real(let number) = value { return .real(function(number)) }
      return value
    }
  }

  mutating func inferNot() throws(OperatorFailure) {
    try map { value in value.integer.map { .integer($0 == 0 ? 1 : 0) } ?? value }
  }

  /// The shape of the first input for each output, as many as the node has.
  mutating func keepShapeEverywhere() throws(OperatorFailure) {
    for _ in node.outputs { try keepShape() }
  }

  /// The shape of an input in another element type.
  mutating func keepShape(of index: Int = 0, type: ONNXType) throws(OperatorFailure) {
    try give(shape(index), type: type)
  }

  mutating func inferDropout() throws(OperatorFailure) {
    try pass()
    if node.outputs.count > 1 { try give(shape(0), type: .bool) }
  }

  mutating func inferClip() throws(OperatorFailure) {
    guard version >= 11 else { return try keepShape() }
    let low = elements(1)?.first
    let high = elements(2)?.first
    try map { value in
      var result = value
      if let low { result = Self.larger(result, low) }
      if let high { result = Self.smaller(result, high) }
      return result
    }
  }

  static func larger(_ a: Number, _ b: Number) -> Number {
    Number.combine(a, b, { max($0, $1) }, { max($0, $1) })
  }

  static func smaller(_ a: Number, _ b: Number) -> Number {
    Number.combine(a, b, { min($0, $1) }, { min($0, $1) })
  }

  // MARK: Broadcasting

  /// Two or more inputs of a common shape, combined from the left.
  mutating func combine(type: ONNXType? = nil, _ operation: (Number, Number) -> Number)
    throws(OperatorFailure)
  {
    guard !inputs.isEmpty else { throw .invalid("it has no input") }
    var shapes: [[Extent]] = []
    for index in inputs.indices { shapes.append(try shape(index)) }
    let result = try broadcast(shapes)
    var elements = broadcastElements(0, to: result)
    for index in inputs.indices.dropFirst() {
      guard let left = elements, let right = broadcastElements(index, to: result) else {
        elements = nil
        break
      }
      elements = zip(left, right).map { operation($0, $1) }
    }
    try give(result, type: type ?? self.type(0), elements: elements)
  }

  /// Two or more inputs of a common shape, of which no element is known.
  mutating func broadcastShapes(_ indices: [Int], type: ONNXType) throws(OperatorFailure) {
    var shapes: [[Extent]] = []
    for index in indices { shapes.append(try shape(index)) }
    try give(broadcast(shapes), type: type)
  }

  /// All inputs are broadcast, no element is known.
  mutating func broadcastAll(type: ONNXType? = nil) throws(OperatorFailure) {
    try broadcastShapes(Array(inputs.indices), type: type ?? self.type(0))
  }

  /// Quantized addition and the like: operands are inputs 0 and 3.
  mutating func inferQuantizedPair() throws(OperatorFailure) {
    try broadcastShapes([0, 3], type: type(0))
  }

  mutating func inferDivision() throws(OperatorFailure) {
    try combine { Number.divide($0, $1) }
  }

  mutating func inferModulo() throws(OperatorFailure) {
    let cutsTowardZero = integer("fmod", 0) != 0
    try combine { a, b in
      guard cutsTowardZero else { return .modulo(a, b) }
      return Number.combine(
        a, b,
        { $1 == 0 || ($0 == .min && $1 == -1) ? nil : $0 % $1 },
        { $0.truncatingRemainder(dividingBy: $1) })
    }
  }

  mutating func inferPower() throws(OperatorFailure) {
    try combine { a, b in
      Number.combine(
        a, b,
        { base, exponent in
          guard (0...64).contains(exponent) else { return nil }
          return checkedProduct(Array(repeating: base, count: exponent))
        },
        { base, exponent in
          exponent == 0.5 ? base.squareRoot() : exponent == 2 ? base * base : nil
        })
    }
  }

  mutating func inferComparison(
    _ whole: (Int, Int) -> Bool, _ real: (Double, Double) -> Bool
  ) throws(OperatorFailure) {
    try combine(type: .bool) { Number.compare($0, $1, whole, real) }
  }

  mutating func inferLogic(_ operation: (Bool, Bool) -> Bool) throws(OperatorFailure) {
    try combine(type: .bool) { a, b in
      Number.combine(a, b, { operation($0 != 0, $1 != 0) ? 1 : 0 }, { _, _ in nil })
    }
  }

  mutating func inferWhere() throws(OperatorFailure) {
    let result = try broadcast([shape(0), shape(1), shape(2)])
    var elements: [Number]?
    if let condition = broadcastElements(0, to: result),
      let left = broadcastElements(1, to: result),
      let right = broadcastElements(2, to: result)
    {
      elements = zip(condition, zip(left, right)).map { condition, sides in
        guard let choice = condition.integer else {
          return sides.0 == sides.1 ? sides.0 : .unknown(condition.origins)
        }
        return choice != 0 ? sides.0 : sides.1
      }
    }
    try give(result, type: type(1), elements: elements)
  }

  /// The elements of an input repeated to a larger shape; `nil` unless all is known and small.
  func broadcastElements(_ index: Int, to result: [Extent]) -> [Number]? {
    guard let elements = elements(index), let shape = inputs[index]?.shape,
      case let sizes = shape.compactMap(\.size), sizes.count == shape.count,
      case let target = result.compactMap(\.size), target.count == result.count
    else { return nil }
    if sizes == target { return elements }
    let missing = target.count - sizes.count
    guard missing >= 0 else { return nil }
    return rearranged(elements, from: sizes, to: target) { place in
      zip(place.dropFirst(missing), sizes).map { $1 == 1 ? 0 : $0 }
    }
  }
}

/// Elements in a new order: `origin` tells for every place of the result where it comes from.
///
/// - Returns: `nil` when the result has more than 4096 elements or a place is outside of the tensor.
func rearranged(
  _ elements: [Number], from shape: [Int], to result: [Int], _ origin: ([Int]) -> [Int]?
) -> [Number]? {
  guard let count = checkedProduct(result), count <= ONNXLimits.foldedElements else { return nil }
  var output: [Number] = []
  output.reserveCapacity(count)
  var place = Array(repeating: 0, count: result.count)
  for _ in 0..<count {
    guard let source = origin(place), source.count == shape.count else { return nil }
    var index = 0
    for (coordinate, size) in zip(source, shape) {
      guard coordinate >= 0, coordinate < size else { return nil }
      index = index * size + coordinate
    }
    guard index < elements.count else { return nil }
    output.append(elements[index])
    for axis in result.indices.reversed() {
      place[axis] += 1
      if place[axis] < result[axis] { break }
      place[axis] = 0
    }
  }
  return output
}
