import CoDesign
import Foundation

/// What a co-search knows besides its trials: memories of layers and the best mappings, as of one trial.
struct CoSearchState: Codable {
  /// The best machine so far.
  struct Best: Codable {
    var trial: Int
    var objective: Double
    /// By distinct layer.
    var mappings: [LayerMemory.Sketch]
  }

  var memories: [LayerMemory]
  var best: Best?

  /// The file of a trial; the state as of it is on disk before the trial is in the log.
  private static func file(_ folder: String, _ trial: Int) -> String {
    "\(folder)/state/\(trial).json"
  }

  /// Reads the state after a trial.
  static func read(folder: String, trial: Int) -> CoSearchState? {
    guard let data = FileManager.default.contents(atPath: file(folder, trial)) else { return nil }
    return try? JSONDecoder().decode(CoSearchState.self, from: data)
  }

  /// Writes the state after a trial; that of the one before stays, in case the log does not get this one.
  func write(folder: String, trial: Int) throws {
    try FileManager.default.createDirectory(
      atPath: "\(folder)/state", withIntermediateDirectories: true)
    try JSONEncoder().encode(self).write(
      to: URL(fileURLWithPath: Self.file(folder, trial)), options: .atomic)
    try? FileManager.default.removeItem(atPath: Self.file(folder, trial - 2))
  }
}
