public import Workload

/// One loop of a mapping.
public struct Loop: Hashable, Sendable {
  /// Position of the dimension in the layer.
  public let dimension: Int
  /// Trip count, at least 1.
  public let factor: Int
  /// Trip count while every outer loop of the dimension is in its last iteration, in `1...factor`.
  public let residual: Int

  /// Creates a loop, perfect unless a residual is given; `Mapping.init` checks the values.
  public init(dimension: Int, factor: Int, residual: Int? = nil) {
    self.dimension = dimension
    self.factor = factor
    self.residual = residual ?? factor
  }

  /// Whether the trip count never varies.
  public var isPerfect: Bool { residual == factor }
}

/// The loops of one memory level and of the fan-out below it.
public struct LoopNest: Hashable, Sendable {
  /// Temporal loops, outermost first.
  public var temporal: [Loop]
  /// Loops unrolled along X of the fan-out below the level, outermost first.
  public var spatialX: [Loop]
  /// Loops unrolled along Y of the fan-out below the level, outermost first; they are outside the X loops.
  public var spatialY: [Loop]
  /// For each operand of the layer, whether the level stores it; otherwise it is bypassed.
  public var keeps: [Bool]

  /// Creates a nest.
  public init(
    temporal: [Loop] = [], spatialX: [Loop] = [], spatialY: [Loop] = [], keeps: [Bool]
  ) {
    self.temporal = temporal
    self.spatialX = spatialX
    self.spatialY = spatialY
    self.keeps = keeps
  }
}

/// A schedule of one layer on one architecture: tiling, loop order, spatial unrolling and bypassing.
///
/// The form is checked on creation (factors multiply to the bounds, every tensor has a home that holds all of it);
/// whether the tiles fit is a question of legality, which the cost model answers as data.
public struct Mapping: Hashable, Sendable {
  /// Largest number of loops with more than one iteration.
  public static let largestLoopCount = 64

  /// One nest per memory level, outermost first; loops with one iteration are dropped.
  public let nests: [LoopNest]
  /// Whether every loop is perfect.
  public let isPerfect: Bool

  /// Creates a mapping of `layer` on `architecture`.
  ///
  /// - Throws: `MappingError` naming the first rule that fails.
  public init(nests: [LoopNest], for layer: Layer, on architecture: Architecture)
    throws(MappingError)
  {
    guard nests.count == architecture.levels.count else {
      throw .levelCount(got: nests.count, expected: architecture.levels.count)
    }
    var chains: [[Loop]] = Array(repeating: [], count: layer.dimensions.count)
    var cleaned: [LoopNest] = []
    var perfect = true
    var loopCount = 0
    for (index, nest) in nests.enumerated() {
      let level = architecture.levels[index].name
      guard nest.keeps.count == layer.operands.count else {
        throw .keepCount(level: level, got: nest.keeps.count, expected: layer.operands.count)
      }
      for loop in nest.temporal + nest.spatialY + nest.spatialX {
        guard layer.dimensions.indices.contains(loop.dimension) else {
          throw .unknownDimension(level: level, index: loop.dimension)
        }
        let name = layer.dimensions[loop.dimension].name
        guard loop.factor >= 1, loop.factor <= Layer.largestBound else {
          throw .factorOutOfRange(level: level, dimension: name, got: loop.factor)
        }
        guard (1...loop.factor).contains(loop.residual) else {
          throw .residualOutOfRange(
            level: level, dimension: name, got: loop.residual, factor: loop.factor)
        }
        perfect = perfect && loop.isPerfect
        chains[loop.dimension].append(loop)
      }
      let kept = { (loops: [Loop]) in loops.filter { $0.factor > 1 } }
      let clean = LoopNest(
        temporal: kept(nest.temporal), spatialX: kept(nest.spatialX),
        spatialY: kept(nest.spatialY), keeps: nest.keeps)
      loopCount += clean.temporal.count + clean.spatialX.count + clean.spatialY.count
      cleaned.append(clean)
    }
    guard loopCount <= Mapping.largestLoopCount else { throw .tooManyLoops(got: loopCount) }
    try Mapping.checkFactors(chains, of: layer)
    self.nests = cleaned
    self.isPerfect = perfect
    try checkHomes(of: layer, on: architecture)
  }

  /// Iterations of all loops of a dimension, ragged ends included: `(r1 - 1) f2 f3 + (r2 - 1) f3 + r3`.
  private static func checkFactors(_ chains: [[Loop]], of layer: Layer) throws(MappingError) {
    var iterations = 1
    for (dimension, chain) in zip(layer.dimensions, chains) {
      var covered = 1
      var extent = 1
      var overflowed = false
      for loop in chain.reversed() {
        let (step, carried) = (loop.residual - 1).multipliedReportingOverflow(by: extent)
        let (sum, carriedSum) = covered.addingReportingOverflow(step)
        let (grown, carriedExtent) = extent.multipliedReportingOverflow(by: loop.factor)
        overflowed = overflowed || carried || carriedSum || carriedExtent
        covered = sum
        extent = grown
        if overflowed || extent > Layer.largestCount { break }
      }
      guard !overflowed, extent <= Layer.largestCount else {
        throw .factorsOverflow(dimension: dimension.name)
      }
      guard covered == dimension.bound else {
        throw .factorsMismatch(
          dimension: dimension.name, got: covered, expected: dimension.bound)
      }
      let (next, carried) = iterations.multipliedReportingOverflow(by: extent)
      guard !carried, next <= Layer.largestCount else {
        throw .factorsOverflow(dimension: dimension.name)
      }
      iterations = next
    }
    for (index, operand) in layer.operands.enumerated()
    where layer.countCeiling(of: index, iterations: iterations) == nil {
      throw .factorsOverflow(dimension: operand.name)
    }
  }

  /// Every tensor needs a level that keeps it, and the outermost such level must hold all of it.
  private func checkHomes(of layer: Layer, on architecture: Architecture) throws(MappingError) {
    for (index, operand) in layer.operands.enumerated() {
      guard let home = nests.firstIndex(where: { $0.keeps[index] }) else {
        throw .keptNowhere(operand: operand.name)
      }
      let outside = nests[..<home].flatMap { $0.temporal + $0.spatialX + $0.spatialY }
      if let loop = outside.first(where: { operand.isIndexed(by: $0.dimension) }) {
        throw .homeHoldsPart(
          operand: operand.name, level: architecture.levels[home].name,
          dimension: layer.dimensions[loop.dimension].name)
      }
    }
  }
}
