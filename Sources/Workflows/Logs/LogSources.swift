import Foundation
import Interchange

/// The files of an import with their roles, found from what the user named.
struct LogSources {
  struct Source {
    var file: String
    var format: Format
    /// Name of the space; sources of one space share their parameters.
    var space: String
    /// The workload of every row, where the folder says it.
    var context: String?
    var roles: LogRoles
    /// Whether a file without the objective is passed over, as unlabelled designs.
    var mayLackObjective = false
  }

  enum Format: String, CaseIterable {
    case table, jsonLines = "jsonl", trajectory = "archgym"
  }

  private(set) var sources: [Source] = []
  private(set) var notes: [String] = []

  private let given: LogRoles
  private let format: Format?

  /// - Parameters:
  ///   - inputs: Files and folders.
  ///   - roles: What the user said; files beside the data fill in what is left open.
  init(inputs: [String], roles: LogRoles, format: Format?) throws {
    given = roles
    self.format = format
    for input in inputs {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: input, isDirectory: &isFolder) else {
        throw TableError.cannotOpen(file: input, reason: "No such file or directory")
      }
      if isFolder.boolValue { try addFolder(input) } else { try addFile(input) }
    }
  }

  private mutating func addFolder(_ folder: String) throws {
    let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let dataset = "\(folder)/dataset.json"
    if FileManager.default.fileExists(atPath: dataset) {
      try addDataset(try DatasetFile(readingFile: dataset), in: folder)
      return
    }
    let files = try Self.tables(in: folder)
    let actions = files.filter { TrajectoryReader.isTrajectory(file: $0) }
    guard !files.isEmpty else {
      throw LogError.wrongValue(
        at: folder, got: "a folder without tables",
        expected: "dataset.json, or files ending in .csv, .tsv, .jsonl, or one of these and .gz",
        hint: nil)
    }
    for file in actions.isEmpty ? files : actions { try addFile(file) }
  }

  private mutating func addDataset(_ dataset: DatasetFile, in folder: String) throws {
    notes.append("roles from \(folder)/dataset.json")
    guard !dataset.tasks.isEmpty else {
      for file in try Self.tables(in: folder) {
        sources.append(
          Source(
            file: file, format: Self.format(of: file), space: dataset.name,
            roles: given.over(dataset.roles), mayLackObjective: true))
      }
      return
    }
    for task in dataset.tasks {
      let inner = "\(folder)/\(task.folder)"
      guard FileManager.default.fileExists(atPath: inner) else {
        notes.append("\(inner): no such folder; passed over")
        continue
      }
      for file in try Self.tables(in: inner) {
        sources.append(
          Source(
            file: file, format: Self.format(of: file), space: task.folder,
            context: task.folder, roles: given.over(task.roles), mayLackObjective: true))
      }
    }
  }

  private mutating func addFile(_ file: String) throws {
    let isTrajectory =
      format == .trajectory || (format == nil && TrajectoryReader.isTrajectory(file: file))
    var source = Source(
      file: file, format: isTrajectory ? .trajectory : format ?? Self.format(of: file),
      space: "designs", roles: given)
    let beside = "\(file).roles.yaml"
    let folder = (file as NSString).deletingLastPathComponent
    let dataset = folder.isEmpty ? "dataset.json" : "\(folder)/dataset.json"
    let parent = (folder as NSString).deletingLastPathComponent
    let outer = parent.isEmpty ? "dataset.json" : "\(parent)/dataset.json"
    if FileManager.default.fileExists(atPath: beside) {
      source.roles = given.over(try LogRoles(readingFile: beside))
      notes.append("roles from \(beside)")
    } else if FileManager.default.fileExists(atPath: dataset) {
      let found = try DatasetFile(readingFile: dataset)
      source.roles = given.over(found.roles)
      source.space = found.name
      notes.append("roles from \(dataset)")
    } else if !folder.isEmpty, FileManager.default.fileExists(atPath: outer),
      let task = try DatasetFile(readingFile: outer).tasks.first(where: {
        $0.folder == (folder as NSString).lastPathComponent
      })
    {
      source.roles = given.over(task.roles)
      source.space = task.folder
      source.context = task.folder
      notes.append("roles from \(outer)")
    }
    sources.append(source)
  }

  /// Names that tables have.
  private static let endings = [".csv", ".tsv", ".txt", ".jsonl", ".ndjson"]

  private static func tables(in folder: String) throws -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw TableError.cannotOpen(file: folder, reason: "the folder cannot be listed")
    }
    return names.sorted().filter { name in
      let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
      return endings.contains { plain.hasSuffix($0) }
    }.map { "\(folder)/\($0)" }
  }

  private static func format(of file: String) -> Format {
    let plain = file.hasSuffix(".gz") ? String(file.dropLast(3)) : file
    return [".jsonl", ".ndjson", ".json"].contains { plain.hasSuffix($0) } ? .jsonLines : .table
  }

  /// Opens a source.
  static func open(_ source: Source) throws -> any TableReader {
    switch source.format {
    case .table:
      let separator = try source.roles.separator.map { name in
        guard let known = LogRoles.separators.first(where: { $0.name == name }) else {
          throw LogError.wrongValue(
            at: "--separator", got: "\"\(name)\"",
            expected: "one of \(LogRoles.separators.map(\.name).joined(separator: ", "))",
            hint: nil)
        }
        return known.byte
      }
      return try DelimitedReader(file: source.file, separator: separator)
    case .jsonLines: return try JSONLinesReader(file: source.file)
    case .trajectory: return try TrajectoryReader(actionsFile: source.file)
    }
  }
}
