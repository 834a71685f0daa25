public import Accelerator
public import Interchange
import Quantities

/// Where one number of a resolved architecture is from.
public struct Provenance: Hashable, Sendable {
  /// How the number came about.
  public enum Origin: Hashable, Sendable {
    /// The file states it.
    case explicit
    /// Component tables gave it; the text names them.
    case derived(source: String)
    /// Neither; the text says what was taken instead and why.
    case assumed(reason: String)
  }

  /// Field path, for example `levels[1].energy.read`.
  public var field: String
  /// How it came about.
  public var origin: Origin
}

/// An architecture with the story of its numbers.
public struct ResolvedArchitecture: Hashable, Sendable {
  /// The machine.
  public var architecture: Architecture
  /// One line about it, where the file has one.
  public var description: String?
  /// The sources the file cites.
  public var sources: [String]
  /// Origin of every energy, leakage and area, in the order of the file.
  public var provenance: [Provenance]
}

extension ArchitectureFile {
  /// Fills in what is absent and checks the whole.
  ///
  /// - Parameter components: Tables for absent numbers; the default has none.
  /// - Throws: `SpecificationError` when a number is neither stated nor derivable, or `Architecture` refuses.
  public func resolve(using components: ComponentModel = .none) throws(SpecificationError)
    -> ResolvedArchitecture
  {
    var derivation = ComponentDerivation(file: self, components: components)
    try derivation.checkTechnology()
    var resolvedLevels: [MemoryLevel] = []
    for (index, entry) in levels.enumerated() {
      resolvedLevels.append(try resolved(entry, at: index, &derivation))
    }
    var array = ComputeArray(
      name: compute.name ?? "MAC", mesh: mesh(compute.mesh),
      wordBits: try wordBits(compute.wordBits, field: "compute"), energyPerOperation: 0)
    (array.energyPerOperation, array.area) = try derivation.compute()
    do {
      let architecture = try Architecture(
        name: name, levels: resolvedLevels, compute: array,
        clock: clockMHz.map(Frequency.init(megahertz:)), effects: resolvedEffects)
      return ResolvedArchitecture(
        architecture: architecture, description: description, sources: sources,
        provenance: derivation.provenance)
    } catch {
      throw wrapped(error)
    }
  }

  private func resolved(
    _ entry: LevelEntry, at index: Int, _ derivation: inout ComponentDerivation
  ) throws(SpecificationError) -> MemoryLevel {
    let field = "levels[\(index)]"
    let bits = try wordBits(entry.wordBits, field: field)
    var level = MemoryLevel(
      name: entry.name, kind: entry.kind, mesh: mesh(entry.mesh),
      capacityWords: try capacityWords(of: entry, wordBits: bits, field: field),
      wordBits: bits, energy: AccessEnergy(read: 0, fill: 0, update: 0))
    level.blockSize = entry.blockSize ?? 1
    level.multipleBuffering = entry.multipleBuffering ?? 1
    level.bandwidth = entry.bandwidth
    level.keptByDefault = entry.keep
    level.network.routerEnergy = entry.network.routerEnergy ?? 0
    level.network.fillLatency = entry.network.fillLatency ?? 0
    level.network.drainLatency = entry.network.drainLatency ?? 0
    try derivation.complete(&level, entry, field: field)
    return level
  }

  private func mesh(_ written: [Int]?) -> Mesh {
    guard let written, written.count == 2 else { return Mesh(x: 1, y: 1) }
    return Mesh(x: written[0], y: written[1])
  }

  private func wordBits(_ own: Int?, field: String) throws(SpecificationError) -> Int {
    guard let bits = own ?? wordBits else {
      throw .missingKey(
        at: root.nearestPlace(toField: field), key: "wordBits",
        expected: "bits of one word, here or for the whole file")
    }
    return bits
  }

  private func capacityWords(
    of entry: LevelEntry, wordBits: Int, field: String
  ) throws(SpecificationError) -> Int? {
    switch entry.capacity {
    case .words(let words): return words
    case .unlimited: return nil
    case .bytes(let bytes):
      guard (8 * bytes).isMultiple(of: wordBits) else {
        throw .wrongValue(
          at: root.nearestPlace(toField: "\(field).capacityBytes"), got: "\(bytes) bytes",
          expected: "a whole number of \(wordBits)-bit words")
      }
      return 8 * bytes / wordBits
    case nil:
      guard entry.kind == .dram else {
        throw .missingKey(
          at: root.nearestPlace(toField: field), key: "capacity",
          expected: "words of one instance; only DRAM is unlimited when it is absent")
      }
      return nil
    }
  }

  private var resolvedEffects: SiliconEffects {
    var result = SiliconEffects()
    result.idleEnergyPerCycle = effects.idleEnergyPerCycle ?? result.idleEnergyPerCycle
    result.clockGating = effects.clockGating ?? result.clockGating
    result.switchingFactor = effects.switchingFactor ?? result.switchingFactor
    result.placementDensity = effects.placementDensity ?? result.placementDensity
    result.areaPerProcessingElement =
      effects.areaPerProcessingElement ?? result.areaPerProcessingElement
    result.fixedArea = effects.fixedArea ?? result.fixedArea
    result.zeroGating = effects.zeroGating.map {
      SiliconEffects.ZeroGating(
        operand: $0.operand, zeroShare: $0.zeroShare ?? 0, gatedOperands: $0.gatedOperands ?? [])
    }
    return result
  }

  /// Adds file and line to what `Architecture` says; its messages begin with the field path.
  private func wrapped(_ error: ArchitectureError) -> SpecificationError {
    let field =
      switch error {
      case .levelCount: "levels"
      case .emptyName(let field), .outOfRange(let field, _, _), .meshNotNested(let field, _, _):
        field
      case .duplicateLevel(let name):
        "levels[\(levels.lastIndex { $0.name == name } ?? 0)].name"
      }
    var place = root.nearestPlace(toField: field)
    place.field = ""
    return .rejected(at: place, reason: "\(error)")
  }
}
