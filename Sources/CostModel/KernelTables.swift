/// The constant tables of a layer on an architecture, as bare pointers for the kernels.
///
/// Legend: `L` memory levels, `T` operands. Tables over (level, operand) are row-major `L x T`.
struct KernelTables {
  var levelCount = 0
  var operandCount = 0
  var dimensionCount = 0
  var windowCount = 0
  /// Position of the result among the operands.
  var result = 0
  /// `16`: operands indexed by each dimension, as bits.
  var relevance: UnsafeMutablePointer<UInt32>
  /// `16`: the same with a lane per operand, all ones or zero.
  var relevanceLanes: UnsafeMutablePointer<SIMD8<Int32>>
  /// `T x 16`: dimensions that are an axis of their own with coefficient 1, then 15.
  var plainAxes: UnsafeMutablePointer<Int>
  /// Whether some operand has more than four of them.
  var hasManyPlainAxes = false
  /// Dimensions on any window axis, as bits.
  var windowDimensions: UInt32 = 0
  /// `W x 4`: dimension and coefficient of the first and second term of a window axis; 15 and 0 when absent.
  var windowTerms: UnsafeMutablePointer<Int>
  /// `W`: operand of a window axis.
  var windowOperand: UnsafeMutablePointer<Int>
  /// `T + 1`: window axes of operand *t* are `windowStart[t]..<windowStart[t + 1]`.
  var windowStart: UnsafeMutablePointer<Int>
  /// `T x 16`: window axis that moves with a dimension, or -1, and the coefficient.
  var windowOfDimension: UnsafeMutablePointer<Int>
  var windowCoefficient: UnsafeMutablePointer<Int>
  /// Whether an axis has more than two terms (tables above do not hold it) or the result has a window.
  var needsGeneralWindows = false
  var resultHasWindow = false

  /// `L`: bits a level may use, `Int.max` when unlimited.
  var usableBits: UnsafeMutablePointer<Int>
  /// `L x T`: bits of an element.
  var elementBits: UnsafeMutablePointer<Int>
  /// `L + 1`: instances along X and Y and in all.
  var meshX: UnsafeMutablePointer<Int>
  var meshY: UnsafeMutablePointer<Int>
  /// `L x T`: elements per block, its binary logarithm or -1, blocks per element.
  var packElements: UnsafeMutablePointer<Int>
  var packShift: UnsafeMutablePointer<Int>
  var packBlocks: UnsafeMutablePointer<Int>
  /// `L`: pJ per vector access.
  var readEnergy: UnsafeMutablePointer<Double>
  var fillEnergy: UnsafeMutablePointer<Double>
  var updateEnergy: UnsafeMutablePointer<Double>
  /// `L`: pJ per instance and cycle.
  var leakage: UnsafeMutablePointer<Double>
  /// `L x T`: words of the level per element.
  var wordsPerElement: UnsafeMutablePointer<Double>
  /// `L`: words per cycle and instance, infinite when unlimited.
  var readBandwidth: UnsafeMutablePointer<Double>
  var writeBandwidth: UnsafeMutablePointer<Double>
  var sharedBandwidth: UnsafeMutablePointer<Double>
  /// Levels with a finite bandwidth, with network energy, with off-chip technology; operands gated; as bits.
  var limitedLevels: UInt32 = 0
  var networkLevels: UInt32 = 0
  var offChipLevels: UInt32 = 0
  var gatedOperands: UInt32 = 0
  /// `L`: pJ per word and hop, and per word and router.
  var hopEnergy: UnsafeMutablePointer<Double>
  var routerEnergy: UnsafeMutablePointer<Double>
  /// `L`: physical fan-out below each level.
  var physicalX: UnsafeMutablePointer<Int>
  var physicalY: UnsafeMutablePointer<Int>
  var networkLatency = 0
  /// pJ per multiply-accumulate, gating included.
  var computeEnergy = 0.0
  var macCount = 0
  var computeInstances = 0
  /// Share of multiply-accumulates that are not gated.
  var activeShare = 1.0
  /// pJ per PE and cycle, and the part that gating removes where there is no work.
  var idleEnergy = 0.0
  var gatedIdleEnergy = 0.0
  var leaks = false
  var unusedInstancesLeak = false
  var creditsSlidingRestart = true
}
