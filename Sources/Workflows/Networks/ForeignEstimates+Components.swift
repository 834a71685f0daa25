import Accelerator
import Foundation
public import Interchange

extension ForeignEstimates {
  /// Estimates of the component tables, at the supply and with the transistors that a foreign file does not state.
  ///
  /// Supply 1.1 V at 90 nm, 1.0 V at 65 nm, 0.9 V from 45 nm on; low-standby-power SRAM; LPDDR4 when a DRAM names no kind.
  /// A node outside the tables gives nothing.
  public init(_ components: ComponentModel) {
    @Sendable func technology(_ node: Double) -> ComponentModel.Technology {
      ComponentModel.Technology(
        node: node, supply: node >= 80 ? 1.1 : node >= 60 ? 1.0 : 0.9,
        flavor: "lstp")
    }
    self.init(
      memory: { kind, capacityBits, accessBits, node in
        let shape = ComponentModel.MemoryShape(
          capacityBits: capacityBits, accessBits: accessBits, banks: 1)
        let figures =
          kind == .registers
          ? try? components.registers(technology(node), shape)
          : try? components.sram(technology(node), shape)
        return figures.map {
          Figures(
            energy: $0.energy, writeEnergy: $0.writeEnergy, area: $0.area,
            source: "our tables at \(compact(node)) nm, \($0.source)")
        }
      },
      dram: { name, accessBits in
        let known = components.memories.first {
          $0.caseInsensitiveCompare(name ?? "LPDDR4") == .orderedSame
        }
        guard let kind = known ?? components.memories.first(where: { $0 == "LPDDR4" }),
          let figures = try? components.dram(kind)
        else { return nil }
        let energy = figures.energy * Double(accessBits)
        return Figures(
          energy: energy, writeEnergy: energy, area: 0,
          source: "our tables for \(kind), \(figures.source)")
      },
      multiplyAccumulate: { bits, isFloating, node in
        let precision = "\(isFloating ? "fp" : "int")\(bits)"
        guard components.precisions.contains(precision),
          let figures = try? components.multiplyAccumulate(technology(node), precision)
        else { return nil }
        return Figures(
          energy: figures.energy, writeEnergy: figures.energy, area: figures.area,
          source: "our tables for \(precision) at \(compact(node)) nm, \(figures.source)")
      })
  }
}
