public import Accelerator
public import Workload

/// What no mapping of a layer can be below on any hardware with the same resources.
///
/// - Energy: every multiplication, one read of an operand and one read-and-write of a result at the cheapest level inside that
///   keeps it, for every multiplication divided by the most that one access can serve, is left out; what counts is the energy
///   of the multiplications and every word of every tensor crossing the outermost level once.
/// - Latency: multiplications over MACs, or the words of all tensors over the outermost bandwidth.
///
/// It holds for the counting rules: outer accesses are whole blocks, and partial sums that never leave are free.
public struct EDPLowerBound: Hashable, Sendable {
  /// Energy in pJ.
  public let energy: Double
  /// Latency in cycles.
  public let cycles: Double

  /// The bound for a layer on the outermost level and MACs of a machine.
  ///
  /// - Parameters:
  ///   - layer: The layer.
  ///   - architecture: The machine.
  ///   - unitCount: MACs the hardware may have at most; `nil` takes the machine's.
  public init(for layer: Layer, on architecture: Architecture, unitCount: Int? = nil) {
    let units = Double(unitCount ?? architecture.compute.mesh.count)
    let outer = architecture.levels[0]
    let extents = layer.dimensions.map(\.bound)
    var energy = Double(layer.macCount) * architecture.compute.energyPerOperation
    var read = 0.0
    var written = 0.0
    for operand in layer.operands {
      let words = Double(Self.touchedWords(of: operand, extents))
      switch operand.role {
      case .input:
        energy += words / Double(outer.blockSize) * outer.energy.read
        read += words
      case .result:
        energy += words / Double(outer.blockSize) * outer.energy.update
        written += words
      }
    }
    var cycles = Double(layer.macCount) / units
    if architecture.levels.count > 1 {
      if let limit = outer.bandwidth.read { cycles = max(cycles, read / limit) }
      if let limit = outer.bandwidth.write { cycles = max(cycles, written / limit) }
      if let limit = outer.bandwidth.shared { cycles = max(cycles, (read + written) / limit) }
    }
    self.energy = energy
    self.cycles = cycles.rounded(.up)
  }

  /// Words that some iteration reads: strides may pass over parts of an axis.
  private static func touchedWords(of operand: Operand, _ extents: [Int]) -> Int {
    operand.axes.reduce(1) { product, axis in
      // An axis index takes at most as many values as it has combinations of iterations.
      let combinations = axis.terms.reduce(1) { $0 * extents[$1.dimension] }
      return product * min(combinations, axis.extent(of: extents))
    }
  }

  /// Energy times latency in pJ cycles.
  public var energyDelayProduct: Double { energy * cycles }
}
