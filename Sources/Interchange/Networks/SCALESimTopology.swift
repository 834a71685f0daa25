public import Foundation
public import Workload

/// SCALE-Sim's topologies: one layer a line, either convolutions or matrix products.
///
/// A convolution line has name, input height and width, filter height and width, channels, filters, stride and, in
/// newer files, stride along the width; a matrix product line has name, M, N, K. The heading says which. Output sizes
/// are those of SCALE-Sim, the input being padded already: `ceil((input - filter + stride) / stride)`.
public enum SCALESimTopology {
  /// Reads a topology.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, UTF-8.
  ///   - file: Name that messages begin with; the network is called after it.
  public static func network(parsing bytes: Data, file: String) throws(SpecificationError)
    -> Imported<Network>
  {
    let text = try ForeignText(bytes, file: file)
    var entries: [Network.Entry] = []
    var warnings: [FileWarning] = []
    var names = DistinctNames()
    var isMatrixProduct: Bool?
    let first = text.lines.first { !trimmed($0).isEmpty } ?? ""
    let separator: Character = first.contains(",") ? "," : "\t"
    for (index, line) in text.lines.enumerated() {
      let number = index + 1
      guard !trimmed(line).isEmpty else { continue }
      var fields = line.split(separator: separator, omittingEmptySubsequences: false)
      if let comment = fields.firstIndex(where: { trimmed($0).hasPrefix("#") }) {
        fields.removeSubrange(comment...)
      }
      while let last = fields.last, trimmed(last).isEmpty { fields.removeLast() }
      guard !fields.isEmpty else { continue }
      guard let kind = isMatrixProduct else {
        isMatrixProduct = try isMatrixHeading(fields, text, number)
        continue
      }
      let written = trimmed(fields[0])
      if fields.count == 1 {
        warnings.append(FileWarning(at: text.place(number, written), "a title, left out"))
        continue
      }
      guard fields.count >= (kind ? 4 : 8) else {
        throw .wrongValue(
          at: text.place(number, written), got: "\(fields.count) columns",
          expected: kind
            ? "name, M, N, K"
            : "name, input height, width, filter height, width, channels, filters, stride")
      }
      let name = names.take(written)
      if name != written {
        warnings.append(FileWarning(at: text.place(number, written), "is called \(name)"))
      }
      if fields.count > (kind ? 4 : 9) || (!kind && fields.count == 9 && trimmed(fields[8]).isEmpty)
      {
        warnings.append(
          FileWarning(
            at: text.place(number, written), "columns after the known ones have no counterpart"))
      }
      do {
        let layer =
          kind
          ? try matrixProduct(name, fields, text, number)
          : try convolution(name, fields, text, number)
        entries.append(Network.Entry(layer: layer))
      } catch let error as SpecificationError {
        throw error
      } catch {
        throw .rejected(at: text.place(number, written), reason: "\(error)")
      }
    }
    guard !entries.isEmpty else {
      throw .unreadable(at: text.place(1), got: "no layers", expected: "a heading and layers")
    }
    return Imported(Network(name: text.baseName, entries: entries), warnings: warnings)
  }

  private static func isMatrixHeading(
    _ fields: [Substring], _ text: ForeignText, _ line: Int
  ) throws(SpecificationError) -> Bool {
    let heads = fields.map { trimmed($0).lowercased() }
    if heads.count >= 4, heads[1...3].elementsEqual(["m", "n", "k"]) { return true }
    guard heads.count >= 7, heads.dropFirst().allSatisfy({ Int($0) == nil }) else {
      throw .wrongValue(
        at: text.place(line), got: "\"\(shortened(heads.joined(separator: ",")))\"",
        expected: "a heading of a convolution topology or Layer,M,N,K")
    }
    return false
  }

  private static func matrixProduct(
    _ name: String, _ fields: [Substring], _ text: ForeignText, _ line: Int
  ) throws -> Layer {
    let sizes = try (1...3).map { column in
      try text.number(
        fields[column], line: line, name: "\(name).\(["M", "N", "K"][column - 1])",
        limit: Layer.largestBound)
    }
    return try .matrixProduct(name: name, rows: sizes[0], columns: sizes[1], inner: sizes[2])
  }

  private static func convolution(
    _ name: String, _ fields: [Substring], _ text: ForeignText, _ line: Int
  ) throws -> Layer {
    let columns = [
      "input height", "input width", "filter height", "filter width", "channels", "filters",
      "stride", "stride width",
    ]
    var values: [Int] = []
    for (index, (field, column)) in zip(fields.dropFirst(), columns).enumerated() {
      if index == 7, trimmed(field).isEmpty { continue }
      values.append(
        try text.number(
          field, line: line, name: "\(name).\(column)", limit: Layer.largestBound))
    }
    if values.count == 7 { values.append(values[6]) }
    for (input, filter, what) in [
      (values[0], values[2], "height"), (values[1], values[3], "width"),
    ]
    where filter > input {
      throw SpecificationError.wrongValue(
        at: text.place(line, "\(name).filter \(what)"), got: "\(filter)",
        expected: "at most the input \(what), \(input)")
    }
    let output = { (input: Int, filter: Int, stride: Int) in
      (input - filter + stride + stride - 1) / stride
    }
    // As in SCALE-Sim, "DP" in a name marks a depthwise layer: its filters column is of one channel.
    let isDepthwise = name.contains("DP")
    var shape = Layer.ConvolutionShape(
      inputChannels: isDepthwise && values[5] > 1 ? 1 : values[4], outputChannels: values[5],
      kernel: (values[3], values[2]),
      output: (output(values[1], values[3], values[7]), output(values[0], values[2], values[6])))
    shape.stride = (values[7], values[6])
    if isDepthwise {
      if values[5] == 1 { return try .depthwiseConvolution(name: name, shape) }
      shape.groups = values[4]
    }
    return try .convolution(name: name, shape)
  }
}
