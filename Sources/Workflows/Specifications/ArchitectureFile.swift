public import Foundation
public import Interchange

/// An architecture file as it was written; `resolve` turns it into an `Architecture`.
///
/// Numbers that are absent are derived from component tables where the file names a technology. Every
/// property below is the key of the same name.
public struct ArchitectureFile: Sendable {
  /// Name for reports.
  ///
  /// Required. Example: `eyeriss-168`.
  public var name: String
  /// One line about the machine.
  ///
  /// Optional.
  public var description: String?
  /// Where the numbers are from, one text each.
  ///
  /// Default: none.
  public var sources: [String]
  /// Clock in MHz, above 0.
  ///
  /// Optional; time and power exist only with it, and leakage is derived only with it.
  public var clockMHz: Double?
  /// Process that absent numbers are derived for.
  ///
  /// Optional.
  public var technology: TechnologyEntry?
  /// Bits of one word for levels and compute that do not say, 1 to 4096.
  ///
  /// Optional.
  public var wordBits: Int?
  /// Memory levels, outermost first, 1 to 16.
  ///
  /// Required.
  public var levels: [LevelEntry]
  /// The MAC array.
  ///
  /// Required.
  public var compute: ComputeEntry
  /// Terms beyond loop-nest counting.
  ///
  /// Default: all neutral.
  public var effects: EffectsEntry

  let root: SpecificationNode

  /// Reads the bytes of an architecture file.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, UTF-8.
  ///   - name: File name that error messages begin with.
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(parsing bytes: Data, named name: String) throws(SpecificationError) {
    try self.init(SpecificationNode(parsing: bytes, file: name))
  }

  /// Reads an architecture file from disk.
  public init(readingFile path: String) throws(SpecificationError) {
    try self.init(SpecificationNode(readingFile: path))
  }
}
