public import Foundation
public import Workload

/// MAESTRO's layer files: `Network name { Layer name { Type: CONV Stride {...} Dimensions {...} } }`.
///
/// `Y` and `X` are sizes of the input, which is padded already, so that the output has `(Y - R) / stride + 1` rows.
/// Layer tables in the wild often give the unpadded input; their operation counts are then too low, here as in MAESTRO.
public enum MAESTRONetwork {
  /// Reads the layers of one network.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, UTF-8.
  ///   - file: Name that messages begin with.
  public static func network(parsing bytes: Data, file: String) throws(SpecificationError)
    -> Imported<Network>
  {
    var reader = MAESTROReader(tokens: try MAESTROTokens(ForeignText(bytes, file: file)))
    return try reader.network(named: ForeignText.baseName(of: file))
  }
}

/// Descends through the blocks of a file.
private struct MAESTROReader {
  var tokens: MAESTROTokens
  private var warnings: [FileWarning] = []
  private var constants: [String: Int] = [:]
  private var entries: [Network.Entry] = []
  private var names = DistinctNames()

  init(tokens: MAESTROTokens) {
    self.tokens = tokens
  }

  /// What a layer block says.
  private struct Description {
    var type = ""
    var stride = (x: 1, y: 1)
    var dimensions: [(name: String, size: Int)] = []

    subscript(name: String) -> Int? { dimensions.first { $0.name == name }?.size }
  }

  mutating func network(named fallback: String) throws(SpecificationError) -> Imported<Network> {
    var name: String?
    while !tokens.isAtEnd {
      let place = tokens.place()
      let word = try tokens.next(expected: "Network").text
      switch word {
      case "Constant":
        let constant = try tokens.next(expected: "the name of a constant").text
        constants[constant] = try number("Constant \(constant)")
        _ = tokens.takeIfNext(";")
      case "Network":
        let found = try tokens.next(expected: "the name of the network").text
        guard name == nil else {
          throw .wrongValue(
            at: place, got: "a second network \"\(shortened(found))\"", expected: "one")
        }
        name = found
        try layers()
      case "Accelerator":
        warnings.append(FileWarning(at: place, "accelerator has no counterpart, left out"))
        while let next = tokens.peek, next != "{" {
          _ = try tokens.next(expected: "a block")
        }
        try tokens.skipBlock()
      default:
        throw .unknownName(
          at: place, what: "block", name: word, known: ["Accelerator", "Constant", "Network"])
      }
    }
    guard !entries.isEmpty else {
      throw .unreadable(at: tokens.place(), got: "no layers", expected: "a network with layers")
    }
    return Imported(Network(name: name ?? fallback, entries: entries), warnings: warnings)
  }

  private mutating func layers() throws(SpecificationError) {
    try tokens.take("{", in: "Network")
    while !tokens.takeIfNext("}") {
      try tokens.take("Layer", in: "Network")
      let place = tokens.place()
      let written = try tokens.next(expected: "the name of a layer").text
      let name = names.take(written)
      if name != written {
        warnings.append(FileWarning(at: place, "layer \(written) is called \(name)"))
      }
      let description = try layerBlock(name)
      let field = SpecificationPlace(file: place.file, line: place.line, field: shortened(name))
      do {
        guard let layer = try layer(name, description, field) else {
          warnings.append(
            FileWarning(
              at: field, "type \(shortened(description.type)) has no counterpart, layer left out"))
          continue
        }
        entries.append(Network.Entry(layer: layer))
      } catch let error as SpecificationError {
        throw error
      } catch {
        throw .rejected(at: field, reason: "\(error)")
      }
    }
  }

  private mutating func layerBlock(_ name: String) throws(SpecificationError) -> Description {
    var result = Description()
    try tokens.take("{", in: name)
    while !tokens.takeIfNext("}") {
      let place = tokens.place(name)
      let word = try tokens.next(expected: "Type, Stride, Dimensions or \"}\"").text
      switch word {
      case "Type":
        try tokens.take(":", in: name)
        result.type = try tokens.next(expected: "a type such as CONV").text
      case "Stride":
        for (direction, step) in try sizes(name) {
          switch direction {
          case "X": result.stride.x = step
          case "Y": result.stride.y = step
          default:
            throw .unknownName(at: place, what: "direction", name: direction, known: ["X", "Y"])
          }
        }
      case "Dimensions": result.dimensions = try sizes(name)
      case "Dataflow":
        try tokens.skipBlock()
        if !warnings.contains(where: { $0.problem.hasPrefix("Dataflow") }) {
          warnings.append(FileWarning(at: place, "Dataflow of the layers left out"))
        }
      default:
        throw .unknownName(
          at: place, what: "part of a layer", name: word,
          known: ["Dataflow", "Dimensions", "Stride", "Type"])
      }
    }
    return result
  }

  /// `{ K: 64, C 3 }` with or without colons.
  private mutating func sizes(_ name: String) throws(SpecificationError)
    -> [(name: String, size: Int)]
  {
    var result: [(name: String, size: Int)] = []
    try tokens.take("{", in: name)
    while !tokens.takeIfNext("}") {
      let place = tokens.place(name)
      let letter = try tokens.next(expected: "a dimension").text
      _ = tokens.takeIfNext(":")
      guard !result.contains(where: { $0.name == letter }) else {
        throw .duplicateKey(at: place, key: letter)
      }
      result.append((letter, try number("\(name).\(letter)")))
      while tokens.takeIfNext(",") || tokens.takeIfNext(";") {}
    }
    return result
  }

  private mutating func number(_ field: String) throws(SpecificationError) -> Int {
    let place = tokens.place(field)
    let word = try tokens.next(expected: "a whole number").text
    if let constant = constants[word] { return constant }
    guard word.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(word),
      (1...Layer.largestBound).contains(value)
    else {
      throw .wrongValue(
        at: place, got: "\"\(shortened(word))\"",
        expected: "a constant or a whole number in 1...\(Layer.largestBound)")
    }
    return value
  }

  /// The layer; `nil` for types that are no multiply-accumulate nests.
  private mutating func layer(
    _ name: String, _ description: Description, _ place: SpecificationPlace
  ) throws -> Layer? {
    func size(_ letter: String, default value: Int? = nil) throws(SpecificationError) -> Int {
      guard let size = description[letter] ?? value else {
        throw .missingKey(
          at: place, key: letter, expected: "a dimension of a \(description.type) layer")
      }
      return size
    }
    let type = description.type
    if type == "GEMM" {
      return try .matrixProduct(
        name: name, rows: size("M"), columns: size("N"), inner: size("K"))
    }
    guard ["CONV", "DSCONV", "NGCONV", "FC"].contains(type) else { return nil }
    let known = ["N", "G", "K", "C", "R", "S", "Y", "X", "Y'", "X'"]
    for (letter, _) in description.dimensions where !known.contains(letter) {
      throw SpecificationError.unknownName(
        at: place, what: "dimension", name: letter, known: known)
    }
    let kernel = (width: try size("S", default: 1), height: try size("R", default: 1))
    func output(_ direction: String, _ kernel: Int, _ stride: Int) throws(SpecificationError) -> Int
    {
      if let given = description[direction + "'"] { return given }
      let input = try size(direction, default: 1)
      guard input >= kernel else {
        throw .wrongValue(
          at: place, got: "input \(direction) \(input) and kernel \(kernel)",
          expected: "an input of at least the kernel")
      }
      return (input - kernel) / stride + 1
    }
    let isDepthwise = type == "DSCONV"
    let channels = try size("C")
    let filters = try size("K", default: isDepthwise ? 1 : nil)
    var shape = Layer.ConvolutionShape(
      inputChannels: channels, outputChannels: filters, kernel: kernel,
      output: (
        try output("X", kernel.width, description.stride.x),
        try output("Y", kernel.height, description.stride.y)
      ))
    shape.batch = try size("N", default: 1)
    shape.stride = (description.stride.x, description.stride.y)
    if isDepthwise {
      if filters == 1 { return try .depthwiseConvolution(name: name, shape) }
      shape.groups = channels
      shape.inputChannels = 1
    } else if let groups = description["G"], groups > 1 {
      guard channels % groups == 0 else {
        throw SpecificationError.wrongValue(
          at: place, got: "\(channels) channels in \(groups) groups",
          expected: "a multiple of the groups")
      }
      shape.groups = groups
      shape.inputChannels = channels / groups
      warnings.append(
        FileWarning(at: place, "C read as channels of all groups, K as filters of one group"))
    }
    return try .convolution(name: name, shape)
  }
}
