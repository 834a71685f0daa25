public import Accelerator
public import Workload

/// One architecture, layer and mapping as Timeloop files.
///
/// Timeloop has two front doors. `timeloop-model` reads the flat form (`timeloop-model.yaml`, everything in one file);
/// the v0.4 tree (`architecture.yaml`, `problem.yaml`, `mapping.yaml`, `tables.yaml`) is for its Python front end, which
/// puts a storage level of its own, bypassed by all tensors, at every fan-out. Energies are an explicit table per action
/// in both, so that nothing is estimated anew. ``TimeloopVersion/v03`` gives the flat form only, in the spelling that
/// programs before February 2024 read.
public struct TimeloopExport: Sendable {
  /// One file.
  public struct File: Hashable, Sendable {
    /// Name without a folder.
    public var name: String
    /// Content.
    public var text: String
  }

  /// The files, in the order to pass them.
  public let files: [File]
  /// What Timeloop has no place for.
  public let warnings: [String]

  /// Writes the files.
  ///
  /// - Throws: `TimeloopExportError` when Timeloop cannot express the layer or the mapping.
  public init(
    layer: Layer, architecture: Architecture, mapping: Mapping, version: TimeloopVersion = .v04
  ) throws(TimeloopExportError) {
    let names = try TimeloopNames(layer: layer, architecture: architecture)
    let writer = TimeloopWriter(
      layer: layer, architecture: architecture, mapping: mapping, names: names,
      version: version)
    try writer.checkLoops()
    let head = "# Written by dovetail.\n"
    let flat = File(
      name: "timeloop-model.yaml",
      text: head + "# For the program itself: timeloop-model timeloop-model.yaml\n"
        + writer.flatArchitecture + writer.problem + writer.mappingText(flat: true)
        + writer.tables)
    switch version {
    case .v03: files = [flat]
    case .v04:
      files = [
        File(name: "architecture.yaml", text: head + writer.tree),
        File(name: "problem.yaml", text: head + writer.problem),
        File(name: "mapping.yaml", text: head + writer.mappingText(flat: false)),
        File(name: "tables.yaml", text: head + writer.tables), flat,
      ]
    }
    warnings = names.warnings + writer.warnings
  }

  /// The text of a file; empty when there is none of that name.
  public func text(of name: String) -> String {
    files.first { $0.name == name }?.text ?? ""
  }
}

/// Which Timeloop is to read the files.
public enum TimeloopVersion: String, Hashable, Sendable, CaseIterable {
  /// Accelergy 0.3 and programs before February 2024: some keys with hyphens. Newer programs read it, too.
  case v03 = "0.3"
  /// Programs since February 2024, and the Python front end: keys with underscores.
  case v04 = "0.4"
}

/// Why something cannot be written for Timeloop.
public enum TimeloopExportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Timeloop has at most one loop per dimension in each of its nests.
  case repeatedDimension(level: String, nest: String, dimension: String)
  /// Timeloop has spatial loops only where a level has more instances than the one outside.
  case noFanOut(level: String, x: Int, y: Int)
  /// The layer has more dimensions than there are one-letter names.
  case tooManyDimensions(got: Int)

  /// The message a user reads.
  public var description: String {
    switch self {
    case .repeatedDimension(let level, let nest, let dimension):
      "level \"\(level)\": \(nest) loops: got two loops over \"\(dimension)\", "
        + "expected one; Timeloop has one factor per dimension there"
    case .noFanOut(let level, let x, let y):
      "level \"\(level)\": got spatial loops below it where the fan-out is \(x) x \(y), "
        + "expected temporal loops; Timeloop unrolls only over instances that are there"
    case .tooManyDimensions(let got):
      "got \(got) dimensions, expected at most 52; Timeloop names each with one letter"
    }
  }
}
