import CoDesign
import Foundation
import Study

/// The answers of an expensive evaluator on disk, each before the next mapping is proposed: `evaluations.csv`.
///
/// `@unchecked Sendable`: file and table are used under the lock.
final class CoSearchAnswers: @unchecked Sendable {
  private struct Key: Hashable {
    var trial: Int
    var layer: Int
  }

  private let lock = NSLock()
  private let handle: FileHandle
  private var known: [Key: [SoftwareSearch.Answer]] = [:]

  private static let header = "trial,layer,answer,energy_pj,cycles\n"

  /// Opens the file of a run folder; a last line that was cut short is dropped.
  ///
  /// - Throws: When the file cannot be made or written.
  init(folder: String) throws {
    let path = "\(folder)/evaluations.csv"
    if !FileManager.default.fileExists(atPath: path) {
      try Data(Self.header.utf8).write(to: URL(fileURLWithPath: path))
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let end = text.lastIndex(of: "\n").map { text.index(after: $0) } ?? text.startIndex
    let whole = text[..<end]
    var lines: [(key: Key, text: Substring, isFailure: Bool)] = []
    for line in whole.split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      guard cells.count == 5, let trial = Int(cells[0]), let layer = Int(cells[1]) else { continue }
      let key = Key(trial: trial, layer: layer)
      let answer: SoftwareSearch.Answer
      if let energy = Double(cells[3]), let cycles = Double(cells[4]) {
        answer = .measured(MappingCost(energy: energy, cycles: cycles))
      } else if cells[2] == "illegal" {
        answer = .illegal
      } else {
        answer = .failed(EvaluationFailure(.crash, "recorded"))
      }
      if case .failed = answer {
        lines.append((key, line, true))
      } else {
        lines.append((key, line, false))
      }
      known[key, default: []].append(answer)
    }
    // Failures at the end of a search are asked again, and must not stand before the new answers.
    var ended: Set<Key> = []
    var kept: [Substring] = []
    for (key, text, isFailure) in lines.reversed() {
      if isFailure, !ended.contains(key) {
        known[key]?.removeLast()
      } else {
        ended.insert(key)
        kept.append(text)
      }
    }
    let content = Self.header + kept.reversed().map { $0 + "\n" }.joined()
    try Data(content.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    guard let handle = FileHandle(forUpdatingAtPath: path) else {
      throw CocoaError(.fileWriteNoPermission)
    }
    self.handle = handle
    try handle.seekToEnd()
  }

  deinit { try? handle.close() }

  /// What an interrupted search was answered, without failures at its end: the evaluator may have been mended.
  func recorded(trial: Int, layer: Int) -> [SoftwareSearch.Answer] {
    lock.lock()
    defer { lock.unlock() }
    return known[Key(trial: trial, layer: layer)] ?? []
  }

  func append(_ answer: SoftwareSearch.Answer, trial: Int, layer: Int) throws {
    let line =
      switch answer {
      case .measured(let cost): "\(trial),\(layer),measured,\(cost.energy),\(cost.cycles)\n"
      case .illegal: "\(trial),\(layer),illegal,,\n"
      case .failed(let failure): "\(trial),\(layer),\(failure.kind.rawValue),,\n"
      }
    lock.lock()
    defer { lock.unlock() }
    try handle.write(contentsOf: Data(line.utf8))
  }
}
