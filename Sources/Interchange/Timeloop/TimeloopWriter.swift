import Accelerator
import Quantities
import Workload

/// Makes the texts of a `TimeloopExport`.
struct TimeloopWriter {
  let layer: Layer
  let architecture: Architecture
  let mapping: Mapping
  let names: TimeloopNames
  let version: TimeloopVersion

  /// A key in the spelling of the version.
  func key(_ name: String) -> String {
    version == .v03 && Self.hyphenated.contains(name)
      ? String(name.map { $0 == "_" ? "-" : $0 }) : name
  }

  /// Keys that Timeloop before February 2024 reads with hyphens only.
  private static let hyphenated: Set<String> = [
    "addr_gen_energy", "block_size", "data_spaces", "energy_per_hop", "multiple_buffering",
    "read_write", "router_energy",
  ]

  /// Whether there is a fan-out below level `index`, or loops that ask for one.
  func hasFanOut(below index: Int) -> Bool {
    architecture.fanOut(below: index).count > 1 || hasSpatialLoops(below: index)
  }

  private func hasSpatialLoops(below index: Int) -> Bool {
    !mapping.nests[index].spatialX.isEmpty || !mapping.nests[index].spatialY.isEmpty
  }

  /// Whether a dimension runs along both directions of the fan-out below level `index`.
  ///
  /// Timeloop has one factor per dimension and fan-out, so the fan-out becomes two.
  func isSplit(below index: Int) -> Bool { !bands(below: index).isEmpty }

  /// The Y loops of a split fan-out whose dimension runs along X, too, outermost first.
  ///
  /// They get a fan-out of their own; the others stay with the X loops, so that neighbors on diagonals keep sharing.
  func bands(below index: Int) -> [Loop] {
    let nest = mapping.nests[index]
    return nest.spatialY.filter { loop in
      nest.spatialX.contains { $0.dimension == loop.dimension }
    }
  }

  /// Bands of rows in the outer part of a split fan-out: the fewest that hold its loops and divide the grid.
  func bandCount(below index: Int) -> Int {
    let height = architecture.fanOut(below: index).y
    let needed = bands(below: index).reduce(1) { $0 * $1.factor }
    return (min(needed, height)...height).first { height % $0 == 0 } ?? height
  }

  // MARK: What gets lost

  func checkLoops() throws(TimeloopExportError) {
    for (level, nest) in zip(architecture.levels, mapping.nests) {
      for (kind, loops) in [
        ("temporal", nest.temporal), ("spatial X", nest.spatialX), ("spatial Y", nest.spatialY),
      ] {
        var seen: Set<Int> = []
        for loop in loops where !seen.insert(loop.dimension).inserted {
          throw .repeatedDimension(
            level: level.name, nest: kind, dimension: layer.dimensions[loop.dimension].name)
        }
      }
    }
    for (index, level) in architecture.levels.enumerated() where hasSpatialLoops(below: index) {
      let fanOut = architecture.fanOut(below: index)
      let outer = isSplit(below: index) ? bandCount(below: index) : fanOut.count
      let inner = isSplit(below: index) ? fanOut.count / outer : fanOut.count
      guard outer > 1, inner > 1 else {
        throw .noFanOut(level: level.name, x: fanOut.x, y: fanOut.y)
      }
    }
  }

  var warnings: [String] {
    var result: [String] = []
    for operand in layer.operands {
      if let bits = operand.bits {
        result.append(
          "tensor \"\(operand.name)\": \(bits) bits are left out, Timeloop counts words")
      }
    }
    for level in architecture.levels {
      if level.capacityWords == nil, level.kind != .dram {
        result.append(
          "level \"\(level.name)\": unlimited capacity, Timeloop wants a size of on-chip levels")
      }
      if let words = level.capacityWords, words > Int(UInt32.max) {
        result.append("level \"\(level.name)\": Timeloop reads at most 2^32 - 1 words of capacity")
      }
      if level.shortestCycleNanoseconds != nil {
        result.append("level \"\(level.name)\": the shortest cycle is left out")
      }
    }
    if version == .v03 { result += warningsOfOldVersions }
    if architecture.clock != nil { result.append("the clock is left out") }
    if architecture.effects != SiliconEffects() {
      result.append(
        "effects are left out: compare with dovetail evaluate --counting-only")
    }
    for (index, level) in architecture.levels.enumerated() where isSplit(below: index) {
      result.append(
        "level \"\(level.name)\": a dimension runs along X and Y, so the fan-out becomes two; "
          + "Timeloop then counts hops, and halos shared across the two, differently")
    }
    if !mapping.isPerfect {
      result.append(
        "imperfect factors: only timeloop-model reads them, and its counts of them are unreliable")
    }
    return result
  }

  /// What Timeloop 2 and older leave out; Timeloop 3.0 reads all of it.
  private var warningsOfOldVersions: [String] {
    var result: [String] = []
    for level in architecture.levels {
      var lost: [String] = []
      if level.energy.update != level.energy.fill { lost.append("charges updates like fills") }
      if level.leakagePerCycle > 0 { lost.append("leaves leakage out") }
      if level.bandwidth.shared != nil { lost.append("leaves the shared bandwidth out") }
      if level.network.fillLatency + level.network.drainLatency > 0 {
        lost.append("leaves latencies of the network out")
      }
      guard !lost.isEmpty else { continue }
      result.append(
        "level \"\(level.name)\": Timeloop before 3.0 \(lost.joined(separator: ", "))")
    }
    return result
  }

  // MARK: Problem

  /// Names of the coefficients, in order of first use, and their values.
  var coefficients: [(name: String, value: Int)] {
    var result: [(name: String, value: Int)] = []
    for operand in layer.operands {
      for term in operand.axes.flatMap(\.terms) where term.coefficient != 1 {
        let name = coefficientName(of: term)
        if !result.contains(where: { $0.name == name }) { result.append((name, term.coefficient)) }
      }
    }
    return result
  }

  /// `Wstride` and the like for the letters of a convolution, otherwise made from dimension and value.
  private func coefficientName(of term: Operand.Term) -> String {
    let values = Set(
      layer.operands.flatMap(\.axes).flatMap(\.terms)
        .filter { $0.dimension == term.dimension && $0.coefficient != 1 }.map(\.coefficient))
    let letter = names.dimensions[term.dimension]
    let known = ["P": "Wstride", "Q": "Hstride", "R": "Wdilation", "S": "Hdilation"]
    if values.count == 1, let name = known[letter] { return name }
    return "step_\(letter)_\(term.coefficient)"
  }

  /// The `problem` section.
  var problem: String {
    var lines = [
      "problem:", "  version: \(version.rawValue)", "  shape:",
      "    name: \(YAMLText.scalar(layer.name))",
      "    dimensions: [\(names.dimensions.map(YAMLText.scalar).joined(separator: ", "))]",
    ]
    if !coefficients.isEmpty {
      lines.append("    coefficients:")
      lines += coefficients.map { "      - {name: \($0.name), default: 1}" }
    }
    lines.append("    \(key("data_spaces")):")
    for operand in layer.operands {
      lines.append("      - name: \(YAMLText.scalar(operand.name))")
      lines.append(operand.axes.isEmpty ? "        projection: []" : "        projection:")
      for axis in operand.axes {
        let terms = axis.terms.map { term in
          let letter = YAMLText.scalar(names.dimensions[term.dimension])
          return term.coefficient == 1 ? "[\(letter)]" : "[\(letter), \(coefficientName(of: term))]"
        }
        lines.append("          - [\(terms.joined(separator: ", "))]")
      }
      if operand.role == .result { lines.append("        \(key("read_write")): true") }
    }
    lines.append("  instance:")
    for (dimension, letter) in zip(layer.dimensions, names.dimensions) {
      lines.append("    \(YAMLText.scalar(letter)): \(dimension.bound)")
    }
    lines += coefficients.map { "    \($0.name): \($0.value)" }
    return lines.joined(separator: "\n") + "\n"
  }
}
