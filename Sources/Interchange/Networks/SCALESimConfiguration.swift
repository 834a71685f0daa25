public import Accelerator
public import Foundation

/// SCALE-Sim's configuration: a systolic array with one buffer per tensor.
///
/// Read as DRAM, three on-chip buffers side by side (each keeps one tensor), and MACs. The file has no energies, so they
/// are 0, and no word width: SCALE-Sim counts bytes, so words have 8 bits.
public enum SCALESimConfiguration {
  private static let sizes = ["ifmapsramszkb", "filtersramszkb", "ofmapsramszkb"]

  /// Reads a configuration.
  public static func architecture(parsing bytes: Data, file: String) throws(SpecificationError)
    -> Imported<Architecture>
  {
    let text = try ForeignText(bytes, file: file)
    var values: [String: (text: String, line: Int)] = [:]
    var warnings: [FileWarning] = []
    for (index, line) in text.lines.enumerated() {
      let content = trimmed(line)
      if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
      if content.hasPrefix("["), content.hasSuffix("]") { continue }
      guard let mark = content.firstIndex(where: { $0 == ":" || $0 == "=" }) else {
        throw .wrongValue(
          at: text.place(index + 1), got: "\"\(shortened(content))\"",
          expected: "a key and a value, key : value")
      }
      let key = trimmed(content[..<mark]).lowercased()
      let value = trimmed(content[content.index(after: mark)...])
      guard values.updateValue((value, index + 1), forKey: key) == nil else {
        throw .duplicateKey(at: text.place(index + 1), key: key)
      }
      let read = ["run_name", "arrayheight", "arraywidth", "bandwidth"] + sizes
      if !read.contains(key) {
        warnings.append(
          FileWarning(at: text.place(index + 1, key), "no counterpart, left out"))
      }
    }
    func number(_ key: String, _ limit: Int) throws(SpecificationError) -> Int {
      guard let found = values[key] else {
        throw .missingKey(at: text.place(1), key: key, expected: "a whole number from 1")
      }
      let value = found.text[...]
      return try text.number(value, line: found.line, name: key, limit: limit)
    }
    let mesh = Mesh(x: try number("arraywidth", 1 << 16), y: try number("arrayheight", 1 << 16))
    let nothing = AccessEnergy(read: 0, fill: 0, update: 0)
    var memory = MemoryLevel(
      name: "DRAM", kind: .dram, mesh: Mesh(x: 1, y: 1), capacityWords: nil, wordBits: 8,
      energy: nothing)
    if let found = values["bandwidth"] {
      // With "InterfaceBandwidth: CALC" SCALE-Sim reports the bandwidth it needs and does not limit it.
      if values["interfacebandwidth"]?.text.uppercased() == "USER" {
        memory.bandwidth.shared = Double(
          try text.number(found.text[...], line: found.line, name: "bandwidth", limit: 1 << 30))
      } else {
        warnings.append(
          FileWarning(
            at: text.place(found.line, "bandwidth"), "not a limit in this mode, left out"))
      }
    }
    var levels = [memory]
    for (key, name, tensor) in [
      (sizes[0], "IfmapSRAM", "Inputs"), (sizes[1], "FilterSRAM", "Weights"),
      (sizes[2], "OfmapSRAM", "Outputs"),
    ] {
      var level = MemoryLevel(
        name: name, kind: .sram, mesh: Mesh(x: 1, y: 1),
        capacityWords: try number(key, 1 << 28) * 1_024, wordBits: 8, energy: nothing)
      level.multipleBuffering = 2
      level.keptByDefault = [tensor]
      levels.append(level)
    }
    warnings.append(FileWarning(at: text.place(1), "no energies, taken as 0"))
    do {
      let name = values["run_name"]?.text ?? ""
      return Imported(
        try Architecture(
          name: name.isEmpty ? text.baseName : name, levels: levels,
          compute: ComputeArray(name: "MAC", mesh: mesh, wordBits: 8, energyPerOperation: 0)),
        warnings: warnings)
    } catch {
      throw .rejected(at: text.place(1), reason: "\(error)")
    }
  }
}
