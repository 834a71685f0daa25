import Accelerator
import Foundation
public import MappingSearch
import Workload

/// Numbers that describe a mapping to a linear model of its cost; the same ones for a layer on all hardware of a space.
public struct MappingFeatures: Hashable, Sendable {
  /// Which numbers.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Utilization of every buffer by every tensor, of the array along X, along Y and in all: the published ones (recalled).
    case utilization
    /// These and the words that move into every level, by tensor, estimated from the loops.
    ///
    /// Differs from the paper: orders of loops are seen.
    case traffic
  }

  /// Which numbers.
  public let kind: Kind
  /// How many.
  public let count: Int
  private let pairs: [(level: Int, operand: Int)]
  private let moving: [(level: Int, operand: Int)]

  /// Describes mappings of a space.
  public init(_ space: MapSpace, kind: Kind) {
    self.kind = kind
    let levels = space.architecture.levels
    var pairs: [(level: Int, operand: Int)] = []
    var moving: [(level: Int, operand: Int)] = []
    for level in levels.indices {
      for operand in space.layer.operands.indices
      where space.keepSets(level: level).contains(where: { $0 >> UInt32(24 + operand) & 1 == 1 }) {
        if levels[level].capacityWords != nil { pairs.append((level, operand)) }
        if level > 0 { moving.append((level, operand)) }
      }
    }
    self.pairs = pairs
    self.moving = kind == .traffic ? moving : []
    count = pairs.count + 3 + self.moving.count
  }

  /// The numbers of the mapping that a workbench holds: logarithms to base 2.
  ///
  /// Shares are logarithmic because energy and latency are products of factors; a share of 0 is -20.
  public func values(of workbench: MappingWorkbench) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(count)
    for (level, operand) in pairs {
      let share = workbench.tileShare(operand, atLevel: level)
      result.append(share > 0 ? max(-20, log2(share)) : -20)
    }
    let used = workbench.usedShare
    let x = log2(used.x)
    let y = log2(used.y)
    result.append(x)
    result.append(y)
    result.append(x + y)
    for (level, operand) in moving {
      result.append(workbench.fetchesLog2(operand, atLevel: level))
    }
    return result
  }

  /// Equality of what is described.
  public static func == (a: Self, b: Self) -> Bool {
    a.kind == b.kind && a.pairs.elementsEqual(b.pairs, by: ==)
      && a.moving.elementsEqual(b.moving, by: ==)
  }

  /// Hashes what is described.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(count)
  }
}
