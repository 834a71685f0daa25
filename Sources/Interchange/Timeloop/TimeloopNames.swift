import Accelerator
import Workload

/// Names that Timeloop accepts: one letter per dimension, words of letters, digits and underscores for levels.
struct TimeloopNames {
  /// For each dimension of the layer, its letter.
  let dimensions: [String]
  /// For each memory level, its name.
  let levels: [String]
  /// The MAC array.
  let compute: String
  /// For each memory level and the MAC array, the container that makes the fan-out above it.
  let containers: [String]
  /// The same for the fan-out along Y where it is apart from that along X.
  let rows: [String]
  /// The outermost node.
  let system: String
  /// What had to be renamed.
  let warnings: [String]

  init(layer: Layer, architecture: Architecture) throws(TimeloopExportError) {
    var warnings: [String] = []
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".map(String.init)
    guard layer.dimensions.count <= letters.count else {
      throw .tooManyDimensions(got: layer.dimensions.count)
    }
    var taken = Set(layer.dimensions.map(\.name).filter(letters.contains))
    var dimensions: [String] = []
    for dimension in layer.dimensions {
      if letters.contains(dimension.name) {
        dimensions.append(dimension.name)
        continue
      }
      let initial = dimension.name.prefix(1).uppercased()
      let letter =
        letters.contains(initial) && !taken.contains(initial)
        ? initial : letters.first { !taken.contains($0) } ?? "A"
      taken.insert(letter)
      dimensions.append(letter)
      warnings.append("dimension \"\(dimension.name)\" is called \(letter)")
    }
    self.dimensions = dimensions
    var used: Set<String> = ["wire", "Wire", "system"]
    func word(_ name: String) -> String {
      var word = String(
        name.unicodeScalars.map { scalar in
          let isKept = scalar.isASCII && (scalar.properties.isAlphabetic || scalar == "_")
          return isKept || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
        })
      if word.first.map({ !$0.isLetter }) ?? true { word = "level_" + word }
      while !used.insert(word).inserted { word += "_" }
      if word != name { warnings.append("level \"\(name)\" is called \(word)") }
      return word
    }
    let levels = architecture.levels.map { word($0.name) }
    let compute = word(architecture.compute.name)
    self.levels = levels
    self.compute = compute
    var containers: [String] = []
    for name in levels + [compute] {
      var container = name + "_array"
      while !used.insert(container).inserted { container += "_" }
      containers.append(container)
    }
    self.containers = containers
    rows = containers.map { container in
      var name = container + "_rows"
      while !used.insert(name).inserted { name += "_" }
      return name
    }
    let name = architecture.name
    let isWord = name.utf8.allSatisfy { byte in
      byte == 45 || byte == 46 || byte == 95 || (48...57).contains(byte)
        || (65...90).contains(byte) || (97...122).contains(byte)
    }
    if isWord, !name.isEmpty, used.insert(name).inserted {
      system = name
    } else {
      system = "system"
      warnings.append("architecture \"\(name)\" is called system")
    }
    self.warnings = warnings
  }
}
