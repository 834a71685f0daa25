import Accelerator
import Interchange
import Quantities

/// Why a number that is neither stated nor derivable is 0.
private let nothingToDeriveFrom = "0: not stated, nothing to derive it from"

/// Completes the energies, leakages and areas of one architecture file and records where each is from.
struct ComponentDerivation {
  let file: ArchitectureFile
  let components: ComponentModel
  private(set) var provenance: [Provenance] = []

  init(file: ArchitectureFile, components: ComponentModel) {
    self.file = file
    self.components = components
  }

  private var technology: ComponentModel.Technology? {
    file.technology.map { .init(node: $0.node, supply: $0.supply, flavor: $0.flavor) }
  }

  /// Checks the flavor's name when there are tables to look it up in.
  func checkTechnology() throws(SpecificationError) {
    guard let technology, !components.flavors.isEmpty else { return }
    try check(
      technology.flavor, "flavor", among: components.flavors, field: "technology.flavor")
  }

  /// Fills in what `entry` leaves open.
  mutating func complete(
    _ level: inout MemoryLevel, _ entry: ArchitectureFile.LevelEntry, field: String
  ) throws(SpecificationError) {
    let figures = try figures(of: level, entry, field: field)
    let read = { (f: ComponentModel.Figures) in f.energy }
    let write = { (f: ComponentModel.Figures) in f.writeEnergy }
    level.energy.read = take(entry.energy.read, figures, read, "\(field).energy.read")
    level.energy.fill = take(entry.energy.fill, figures, write, "\(field).energy.fill")
    level.energy.update = take(entry.energy.update, figures, write, "\(field).energy.update")
    if level.kind == .dram {
      let reason = "0: off-chip"
      level.leakagePerCycle = take(
        entry.leakage, nil, { _ in 0 }, "\(field).leakage", otherwise: reason)
      level.area = Area(
        squareMillimeters: take(entry.area, nil, { _ in 0 }, "\(field).area", otherwise: reason))
    } else {
      let cycle = file.clockMHz.map { 1_000 / $0 }
      level.leakagePerCycle = take(
        entry.leakage, cycle == nil ? nil : figures, { $0.leakageMilliwatts * (cycle ?? 0) },
        "\(field).leakage", otherwise: cycle == nil ? "0: no clockMHz" : nothingToDeriveFrom)
      level.area = Area(
        squareMillimeters: take(entry.area, figures, { $0.area }, "\(field).area"))
    }
    level.shortestCycleNanoseconds =
      entry.shortestCycleNanoseconds ?? figures?.cycleNanoseconds
    try completeNetwork(&level, entry, field: "\(field).network")
  }

  /// Energy and area of one MAC.
  mutating func compute() throws(SpecificationError) -> (energy: Double, area: Area) {
    let entry = file.compute
    var figures: ComponentModel.Figures?
    if entry.energy == nil || entry.area == nil {
      if let precision = entry.precision, let technology {
        if !components.precisions.isEmpty {
          try check(
            precision, "precision", among: components.precisions, field: "compute.precision")
        }
        figures = try derived("compute") {
          try components.multiplyAccumulate(technology, precision)
        }
      } else if entry.energy == nil {
        throw .missingKey(
          at: place("compute"), key: "energy",
          expected: "pJ per multiply-accumulate, or technology and precision to derive it")
      }
    }
    let energy = take(entry.energy, figures, { $0.energy }, "compute.energy")
    let area = take(entry.area, figures, { $0.area }, "compute.area")
    return (energy, Area(squareMillimeters: area))
  }

  private func figures(
    of level: MemoryLevel, _ entry: ArchitectureFile.LevelEntry, field: String
  ) throws(SpecificationError) -> ComponentModel.Figures? {
    let accessBits = level.blockSize * level.wordBits
    if level.kind == .dram {
      if entry.energy.isComplete { return nil }
      guard let memory = entry.memory else {
        throw .missingKey(
          at: place(field), key: "energy",
          expected: "read, fill and update in pJ, or memory to derive them")
      }
      if !components.memories.isEmpty {
        try check(memory, "memory", among: components.memories, field: "\(field).memory")
      }
      var figures = try derived(field) { try components.dram(memory) }
      figures.energy *= Double(accessBits)
      figures.writeEnergy *= Double(accessBits)
      return figures
    }
    if entry.energy.isComplete, entry.leakage != nil || file.clockMHz == nil, entry.area != nil {
      return nil
    }
    guard let technology else {
      if entry.energy.isComplete { return nil }
      throw .missingKey(
        at: place(field), key: "energy",
        expected: "read, fill and update in pJ, or technology to derive them")
    }
    guard let words = level.capacityWords else {
      if entry.energy.isComplete { return nil }
      throw .missingKey(
        at: place(field), key: "energy",
        expected: "read, fill and update in pJ; nothing is derived for an unlimited memory")
    }
    let (bits, overflow) = words.multipliedReportingOverflow(by: level.wordBits)
    guard !overflow else {
      throw .wrongValue(
        at: place("\(field).capacity"), got: "\(words) words of \(level.wordBits) bits",
        expected: "less than 2^63 bits")
    }
    let shape = ComponentModel.MemoryShape(
      capacityBits: bits, accessBits: accessBits, banks: entry.banks ?? 1)
    return try derived(field) {
      try level.kind == .sram
        ? components.sram(technology, shape) : components.registers(technology, shape)
    }
  }

  private mutating func completeNetwork(
    _ level: inout MemoryLevel, _ entry: ArchitectureFile.LevelEntry, field: String
  ) throws(SpecificationError) {
    if let stated = entry.network.energyPerHop {
      level.network.energyPerHop = stated
      provenance.append(Provenance(field: "\(field).energyPerHop", origin: .explicit))
    } else if let length = entry.network.hopMillimeters {
      guard let technology else {
        throw .missingKey(
          at: place(field), key: "energyPerHop",
          expected: "pJ per word and hop, or technology to derive it from hopMillimeters")
      }
      let wire = try derived(field) { try components.wire(technology) }
      let bits = Double(level.wordBits)
      level.network.energyPerHop = take(
        nil, wire, { $0.energy * length * bits }, "\(field).energyPerHop")
    }
  }

  private mutating func take(
    _ stated: Double?, _ figures: ComponentModel.Figures?,
    _ value: (ComponentModel.Figures) -> Double, _ field: String,
    otherwise: String = nothingToDeriveFrom
  ) -> Double {
    if let stated {
      provenance.append(Provenance(field: field, origin: .explicit))
      return stated
    }
    if let figures {
      provenance.append(Provenance(field: field, origin: .derived(source: figures.source)))
      return value(figures)
    }
    provenance.append(Provenance(field: field, origin: .assumed(reason: otherwise)))
    return 0
  }

  private func check(_ name: String, _ what: String, among known: [String], field: String)
    throws(SpecificationError)
  {
    guard known.contains(name) else {
      throw .unknownName(at: place(field), what: what, name: name, known: known)
    }
  }

  private func derived(
    _ field: String, _ estimate: () throws -> ComponentModel.Figures
  ) throws(SpecificationError) -> ComponentModel.Figures {
    do {
      return try estimate()
    } catch {
      throw .rejected(at: place(field), reason: "cannot derive energy and area: \(error)")
    }
  }

  private func place(_ field: String) -> SpecificationPlace {
    file.root.nearestPlace(toField: field)
  }
}
