public import Accelerator
import Quantities

/// Estimates for components of foreign architectures whose energies are not stated.
///
/// Functions, so that any tables can be plugged in; `nil` means that nothing is known. Nodes are in nm.
public struct ForeignEstimates: Sendable {
  /// What a component costs.
  public struct Figures: Hashable, Sendable {
    /// Energy of a vector read or of an operation, in pJ.
    public var energy: Double
    /// Energy of a vector write, in pJ.
    public var writeEnergy: Double
    /// Area in mm^2.
    public var area: Double
    /// Where the numbers are from, for the warning.
    public var source: String

    /// Creates figures.
    public init(energy: Double, writeEnergy: Double, area: Double, source: String) {
      self.energy = energy
      self.writeEnergy = writeEnergy
      self.area = area
      self.source = source
    }
  }

  /// On-chip memory: kind, bits of one instance, bits of one access, node.
  public var memory: @Sendable (MemoryKind, Int, Int, Double) -> Figures?
  /// Off-chip memory: name of its kind in the file where there is one, bits of one access.
  public var dram: @Sendable (String?, Int) -> Figures?
  /// One multiply-accumulate: bits, whether it is floating point, node.
  public var multiplyAccumulate: @Sendable (Int, Bool, Double) -> Figures?

  /// Creates estimates from functions.
  public init(
    memory: @escaping @Sendable (MemoryKind, Int, Int, Double) -> Figures?,
    dram: @escaping @Sendable (String?, Int) -> Figures?,
    multiplyAccumulate: @escaping @Sendable (Int, Bool, Double) -> Figures?
  ) {
    self.memory = memory
    self.dram = dram
    self.multiplyAccumulate = multiplyAccumulate
  }

  /// Nothing is known: absent energies are 0.
  public static let none = ForeignEstimates(
    memory: { _, _, _, _ in nil }, dram: { _, _ in nil }, multiplyAccumulate: { _, _, _ in nil })
}

/// The node of a technology such as `45nm`, `0.045um`, `45` or `45e-9`, in nm; `nil` for anything else.
func nanometers(of text: String) -> Double? {
  var number = text.lowercased().filter { $0 != " " }
  var scale = 1.0
  for (unit, factor) in [("nm", 1.0), ("um", 1_000), ("u", 1_000), ("n", 1)]
  where number.hasSuffix(unit) {
    number.removeLast(unit.count)
    scale = factor
    break
  }
  guard let value = Double(number), value.isFinite, value > 0 else { return nil }
  let node = value < 1e-3 ? value * 1e9 : value * scale
  return (1...1_000).contains(node) ? node : nil
}
