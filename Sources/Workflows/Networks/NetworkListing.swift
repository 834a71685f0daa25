public import Interchange
import Workload

/// What is in a network file: its products as rows, with what could not be read.
///
/// ONNX files give a row per product in graph order; workload files a row per layer with its count.
public struct NetworkListing: Sendable {
  /// Name of the network.
  public var name: String
  /// Rows in order.
  public var rows: [LayerRow]
  /// What could not be imported, one sentence each.
  public var warnings: [String]
  /// Elements of all weights; `nil` when the file does not tell.
  public var parameterCount: Int?
  /// The layers to evaluate, equal shapes merged or not, as the caller asked.
  public var workload: ResolvedWorkload?

  /// Reads an ONNX file (`.onnx`), another tool's network or a workload file.
  ///
  /// - Parameters:
  ///   - path: Path of the file.
  ///   - options: Sizes of free dimensions; only for ONNX files.
  ///   - merging: Whether layers of the same shape of an ONNX file become one with a count.
  /// - Throws: `SpecificationError` for workload files, `NetworkFileError` for ONNX files.
  public init(
    readingFile path: String, options: ImportedNetwork.Options = .init(),
    mergingEqualShapes merging: Bool = true
  ) throws {
    if path.lowercased().hasSuffix(".onnx") {
      do {
        self.init(
          try ImportedNetwork(readingONNX: path, options: options), mergingEqualShapes: merging)
      } catch {
        throw NetworkFileError(path: path, error: error)
      }
    } else {
      guard options == ImportedNetwork.Options() else {
        throw NetworkFileError(path: path, error: nil)
      }
      if let foreign = try foreignNetwork(path: path) {
        let network = foreign.value
        self.init(
          ResolvedWorkload(network: network, zeroShares: network.entries.map { _ in nil }))
        warnings = foreign.warnings.map(\.description)
      } else {
        self.init(try WorkloadFile(readingFile: path).resolve())
      }
    }
  }

  /// Lists an imported network.
  public init(_ network: ImportedNetwork, mergingEqualShapes merging: Bool = true) {
    let conversion = network.network(mergingEqualShapes: merging)
    name = network.name
    rows = network.rows
    warnings = (network.warnings + conversion.warnings).map(\.text)
    parameterCount = network.parameterCount
    workload = conversion.network.map {
      ResolvedWorkload(network: $0, zeroShares: $0.entries.map { _ in nil })
    }
  }

  /// Lists the layers of a workload.
  public init(_ workload: ResolvedWorkload) {
    name = workload.network.name
    rows = workload.network.entries.map(LayerRow.init)
    warnings = []
    parameterCount = nil
    self.workload = workload
  }

  /// Multiply-accumulates of all rows; `nil` when the sum exceeds 2^63 - 1.
  public var macCount: Int? {
    rows.reduce(Int?.some(0)) { sum, row in
      guard let step = sum?.addingReportingOverflow(row.macCount), !step.overflow else {
        return nil
      }
      return step.partialValue
    }
  }

  /// Rows of the same shape, in order of first occurrence.
  public var distinctRows: [(row: LayerRow, count: Int)] {
    var position: [LayerRow: Int] = [:]
    var groups: [(row: LayerRow, count: Int)] = []
    for row in rows {
      if let index = position[row.shapeOnly] {
        groups[index].count += 1
      } else {
        position[row.shapeOnly] = groups.count
        groups.append((row, 1))
      }
    }
    return groups
  }
}

/// Why a network file cannot be used.
public struct NetworkFileError: Error, Equatable, CustomStringConvertible {
  /// Name of the file as it was given.
  public var path: String
  /// The problem of an ONNX file; `nil` when dimensions are bound in a file that has none.
  public var error: ONNXError?

  /// Creates an error about a file.
  public init(path: String, error: ONNXError?) {
    self.path = path
    self.error = error
  }

  /// The message a user reads.
  public var description: String {
    guard let error else {
      return "\(path): dimensions and batch can be bound in ONNX files only\n"
        + "hint: edit the bounds in the workload file"
    }
    return "\(path): \(error)"
  }
}

/// Reads the layers of a workload file or an ONNX file, with what could not be imported.
///
/// Layers of an ONNX file that have the same shape are merged into one with a count.
///
/// - Throws: `NetworkFileError`, also when an ONNX file has no layer that can be evaluated, or `SpecificationError`.
public func readWorkload(path: String, options: ImportedNetwork.Options = .init()) throws
  -> (workload: ResolvedWorkload, warnings: [String])
{
  let listing = try NetworkListing(readingFile: path, options: options)
  guard let workload = listing.workload else {
    throw NetworkFileError(path: path, error: .noLayers(warnings: listing.warnings.count))
  }
  return (workload, listing.warnings)
}
