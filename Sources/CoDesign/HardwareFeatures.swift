public import Accelerator
public import DesignSpace
import Foundation

/// Numbers that describe a machine of a template to a linear model of its cost.
///
/// Of every level: capacity of one instance, instances, words of a block, and its share of all words in the processing
/// elements; of the array: the ratio of its sides, MACs, and instances of every level per column. Choices by name are
/// columns of their own. All but these are logarithms to base 2. The published features are such ratios and shares
/// (recalled).
public struct HardwareFeatures: Sendable {
  private let space: SearchSpace

  /// Describes machines of a space.
  public init(_ space: SearchSpace) {
    self.space = space
  }

  /// The numbers of a machine; as many for every machine of a template.
  public func values(of architecture: Architecture, at point: Point) -> [Double] {
    var result: [Double] = []
    let array = architecture.compute.mesh
    result.append(log2(Double(array.count)))
    result.append(log2(Double(array.x) / Double(array.y)))
    let inner = architecture.levels.filter { $0.mesh == array }
    let innerWords = inner.reduce(0) { $0 + ($1.capacityWords ?? 0) }
    for level in architecture.levels.dropFirst() {
      let words = Double(level.capacityWords ?? 1)
      result.append(log2(words))
      result.append(log2(Double(level.mesh.count)))
      result.append(log2(Double(level.blockSize)))
      if level.mesh == array {
        result.append(words / Double(max(1, innerWords)))
      } else {
        result.append(log2(Double(level.mesh.x) / Double(array.x)))
      }
      if let bandwidth = level.bandwidth.read ?? level.bandwidth.shared {
        result.append(log2(bandwidth))
      } else {
        result.append(0)
      }
    }
    for (index, parameter) in space.parameters.enumerated() {
      guard !parameter.isOrdered, let count = parameter.valueCount, count <= 20 else { continue }
      let place = point.isActive(index) ? Int(point.coordinates[index]) : -1
      for value in 1..<max(1, count) { result.append(place == value ? 1 : 0) }
    }
    return result
  }
}
