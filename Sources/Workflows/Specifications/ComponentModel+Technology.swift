import Quantities
public import Technology

extension ComponentModel {
  /// The component tables that ship with the program.
  public static let shipped = ComponentModel(.shipped)

  /// Estimates of a component library.
  ///
  /// Register files ignore banks; wires toggle a quarter of their bits, as the
  /// library does.
  public init(_ library: ComponentLibrary) {
    self.init(
      flavors: TransistorFlavor.allCases.map(\.rawValue),
      precisions: Precision.allCases.map(\.rawValue), memories: DRAMKind.allCases.map(\.rawValue),
      sram: { technology, shape in
        Figures(
          try library.sram(
            capacityBits: shape.capacityBits, accessBits: shape.accessBits, banks: shape.banks,
            flavor: try Self.named(technology.flavor, "flavor"), node: try technology.processNode))
      },
      registers: { technology, shape in
        var figures = Figures(
          try library.registerFile(
            capacityBits: shape.capacityBits, accessBits: shape.accessBits,
            node: try technology.processNode))
        // The table was made for one target delay; it does not say how fast flip-flops can run.
        figures.cycleNanoseconds = nil
        return figures
      },
      multiplyAccumulate: { technology, precision in
        let estimate = try library.multiplyAccumulate(
          try Self.named(precision, "precision"), node: try technology.processNode)
        return Figures(
          energy: estimate.energy.picojoules, leakageMilliwatts: estimate.leakageMilliwatts,
          area: estimate.area.squareMillimeters,
          source: Self.text(estimate.source, estimate.caveats))
      },
      dram: { memory in
        let estimate = library.dramEnergyPerBit(try Self.named(memory, "memory"))
        return Figures(
          energy: estimate.energy.picojoules, source: Self.text(estimate.source, estimate.caveats))
      },
      wire: { technology in
        let energy = try library.wireEnergyPerBitMillimeter(node: try technology.processNode)
        return Figures(
          energy: energy.picojoules, source: "own CACTI 7 runs, a quarter of the bits toggling")
      })
  }

  /// A name that the library does not have; the reader checks names first, with their place.
  private struct UnknownName: Error, CustomStringConvertible {
    let what: String
    let name: String
    var description: String { "unknown \(what) \"\(name)\"" }
  }

  private static func named<Choice: RawRepresentable>(_ name: String, _ what: String) throws
    -> Choice where Choice.RawValue == String
  {
    guard let choice = Choice(rawValue: name) else { throw UnknownName(what: what, name: name) }
    return choice
  }

  fileprivate static func text(_ source: String, _ caveats: [String]) -> String {
    caveats.isEmpty ? source : "\(source) (\(caveats.joined(separator: "; ")))"
  }
}

extension ComponentModel.Figures {
  fileprivate init(_ estimate: MemoryEstimate) {
    self.init(
      energy: estimate.readEnergy.picojoules, writeEnergy: estimate.writeEnergy.picojoules,
      leakageMilliwatts: estimate.leakageMilliwatts, area: estimate.area.squareMillimeters,
      cycleNanoseconds: estimate.cycleNanoseconds,
      source: ComponentModel.text(estimate.source, estimate.caveats))
  }
}

extension ComponentModel.Technology {
  fileprivate var processNode: ProcessNode {
    get throws { try ProcessNode(nanometers: node, supply: supply) }
  }
}
