public import Accelerator
import CostModel
import Quantities

/// What a machine has, known without a mapping.
public enum CoSearchResource: String, CaseIterable, Sendable {
  /// Area of the die in mm^2.
  case area = "area_mm2"
  /// Multiply-accumulate units.
  case units = "pes"
  /// All memories but the outermost, in KiB.
  case onChip = "on_chip_kib"
  /// The part of it with an instance for each multiply-accumulate unit, in KiB.
  case local = "local_kib"
  /// The part of it that several units share, in KiB.
  case global = "global_kib"

  /// How much of it a machine has.
  public func amount(in architecture: Architecture) -> Double {
    switch self {
    case .area: AreaModel(of: architecture).total.squareMillimeters
    case .units: Double(architecture.compute.mesh.count)
    case .onChip: kibibytes(in: architecture) { _ in true }
    case .local: kibibytes(in: architecture) { $0 >= architecture.compute.mesh.count }
    case .global: kibibytes(in: architecture) { $0 < architecture.compute.mesh.count }
    }
  }

  /// Size of the memories with some number of instances, without the outermost.
  private func kibibytes(in architecture: Architecture, where isCounted: (Int) -> Bool) -> Double {
    architecture.levels.dropFirst().reduce(0) { sum, level in
      guard isCounted(level.mesh.count) else { return sum }
      let bits = Double(level.capacityWords ?? 0) * Double(level.wordBits)
      return sum + bits * Double(level.mesh.count) / 8_192
    }
  }
}
