/// One index of a layer's loop nest and its trip count.
public struct LoopDimension: Hashable, Sendable {
  /// Name as the workload file spells it, for example `P`.
  public let name: String
  /// Number of iterations, in `1...Layer.largestBound`.
  public let bound: Int

  /// Creates a dimension; `Layer.init` checks the values.
  public init(name: String, bound: Int) {
    self.name = name
    self.bound = bound
  }
}

/// A tensor contraction with affine projections: one nest of loops, one multiply-accumulate in the body.
///
/// Convolution (stride, dilation, groups, depthwise), matrix product and batched matrix product are
/// factories in `Layer+Factories.swift`; any other set of dimensions and projections is allowed within
/// the limits below. A layer is immutable and always consistent.
///
/// Semantics follow Timeloop's problem specification (Parashar et al. 2019, section IV): an operand's tile is
/// the box spanned by its axes, padding is not part of the operand, and the holes that a stride larger than the
/// kernel leaves are counted as stored and moved.
public struct Layer: Hashable, Sendable {
  /// Largest allowed bound of one dimension, so that a loop fits in the packed form of a mapping.
  public static let largestBound = 1 << 27
  /// Largest number of dimensions.
  public static let largestDimensionCount = 15
  /// Largest number of operands, the result included.
  public static let largestOperandCount = 8

  /// Name of the layer, for reports.
  public let name: String
  /// The loop dimensions, in declared order; loops refer to them by position.
  public let dimensions: [LoopDimension]
  /// The operands, in declared order; exactly one is the result.
  public let operands: [Operand]
  /// Number of multiply-accumulate operations: the product of all bounds.
  public let macCount: Int
  /// Position in `operands` of the tensor that is read and written.
  public let resultIndex: Int

  /// Creates a layer from its dimensions and operands.
  ///
  /// - Parameters:
  ///   - name: Unique among its kind.
  ///   - dimensions: At least one, at most `largestDimensionCount`, names distinct and not empty,
  ///     bounds in `1...largestBound`.
  ///   - operands: At least two, at most `largestOperandCount`, names distinct; exactly one is the result.
  /// - Throws: `WorkloadError` naming the first rule that fails.
  public init(name: String, dimensions: [LoopDimension], operands: [Operand]) throws(WorkloadError)
  {
    guard !dimensions.isEmpty, dimensions.count <= Layer.largestDimensionCount else {
      throw .countOutOfRange(
        what: "dimensions", got: dimensions.count, allowed: 1...Layer.largestDimensionCount)
    }
    guard operands.count >= 2, operands.count <= Layer.largestOperandCount else {
      throw .countOutOfRange(
        what: "operands", got: operands.count, allowed: 2...Layer.largestOperandCount)
    }
    var product = 1
    for (index, dimension) in dimensions.enumerated() {
      guard !dimension.name.isEmpty else { throw .emptyName(what: "dimension \(index)") }
      guard !dimensions[..<index].contains(where: { $0.name == dimension.name }) else {
        throw .duplicateName(what: "dimension", name: dimension.name)
      }
      guard dimension.bound >= 1, dimension.bound <= Layer.largestBound else {
        throw .boundOutOfRange(dimension: dimension.name, got: dimension.bound)
      }
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension.bound)
      guard !overflow, next <= Layer.largestCount else { throw .tooManyOperations(layer: name) }
      product = next
    }
    var result: Int?
    for (index, operand) in operands.enumerated() {
      guard !operand.name.isEmpty else { throw .emptyName(what: "operand \(index)") }
      guard !operands[..<index].contains(where: { $0.name == operand.name }) else {
        throw .duplicateName(what: "operand", name: operand.name)
      }
      try operand.check(against: dimensions)
      if operand.role == .result {
        guard result == nil else {
          throw .resultCount(got: operands.count(where: { $0.role == .result }))
        }
        result = index
      }
    }
    guard let result else { throw .resultCount(got: 0) }
    self.name = name
    self.dimensions = dimensions
    self.operands = operands
    self.macCount = product
    self.resultIndex = result
    for index in operands.indices {
      guard countCeiling(of: index, iterations: product) != nil else {
        throw .tooManyOperations(layer: name)
      }
    }
  }

  /// Largest count the model computes with, 2^60: sums of a few counts still fit in `Int`.
  public static let largestCount = 1 << 60

  /// An upper bound on any access count of an operand in a nest of `iterations` iterations.
  ///
  /// A box tile of an operand has at most (product over axes of the sum of coefficients) times as many words as
  /// its loops have iterations, so deliveries never exceed that product times all iterations.
  ///
  /// - Returns: `nil` when the bound is above `largestCount`.
  public func countCeiling(of operand: Int, iterations: Int) -> Int? {
    var ceiling = iterations
    for axis in operands[operand].axes {
      let (sum, overflow) = axis.terms.reduce((0, false)) { partial, term in
        let (next, carried) = partial.0.addingReportingOverflow(term.coefficient)
        return (next, partial.1 || carried)
      }
      let (next, carried) = ceiling.multipliedReportingOverflow(by: sum)
      if overflow || carried || next > Layer.largestCount { return nil }
      ceiling = next
    }
    return ceiling
  }

  /// Position of the dimension called `name`.
  public func dimensionIndex(named name: String) -> Int? {
    dimensions.firstIndex { $0.name == name }
  }

  /// Position of the operand called `name`.
  public func operandIndex(named name: String) -> Int? {
    operands.firstIndex { $0.name == name }
  }

  /// Number of words in the whole of an operand.
  public func wordCount(of operand: Int) -> Int {
    operands[operand].volume(extents: dimensions.map(\.bound))
  }
}
