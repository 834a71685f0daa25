import Foundation
import Interchange
import Study

/// The run folder of a sweep: `sweep.yaml`, and a place for every step of every seed.
struct SweepFolder: Sendable {
  let path: String

  /// Makes the folder, or goes on with that of the same sweep.
  ///
  /// - Throws: `LogError.conflict` for a folder of another sweep or of a study, `LogError.wrongValue` for one that cannot be made.
  func prepare(_ file: SweepFile) throws {
    let name = "\(path)/sweep.yaml"
    let text = file.resolvedText
    if let known = try? String(contentsOfFile: name, encoding: .utf8) {
      guard known == text else {
        throw LogError.conflict(
          "\(path): the run is of another sweep",
          hint: "go on with it as it was: dovetail sweep --resume \(path); or give another --out")
      }
      return
    }
    if FileManager.default.fileExists(atPath: "\(path)/resolved.yaml") {
      throw LogError.conflict(
        "\(path): this is the run of a study, expected a sweep's or an empty folder",
        hint: "give another --out")
    }
    do {
      try makePrivateFolder(path)
      try Data(text.utf8).write(to: URL(fileURLWithPath: name), options: .atomic)
    } catch {
      throw LogError.wrongValue(
        at: "--out", got: path, expected: "a folder that can be made and written to", hint: nil)
    }
  }

  /// The folder of a step, counted from 0.
  func step(_ index: Int, seed: UInt64) -> String {
    let number = index + 1 < 10 ? "0\(index + 1)" : "\(index + 1)"
    return "\(path)/seed-\(seed)/step-\(number)"
  }

  /// The folder of the random search beside the steps of a seed.
  func randomSearch(seed: UInt64) -> String { "\(path)/seed-\(seed)/random" }

  /// The folder of the study's baseline.
  var baseline: String { "\(path)/baseline" }

  /// Writes what a step found, whole or not at all.
  ///
  /// - Throws: `LogError.wrongValue` where the disk refuses.
  func write(_ record: some Encodable, ofStep index: Int, seed: UInt64) throws {
    let file = "\(step(index, seed: seed)).json"
    do {
      try FileManager.default.createDirectory(
        atPath: "\(path)/seed-\(seed)", withIntermediateDirectories: true)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      try encoder.encode(record).write(to: URL(fileURLWithPath: file), options: .atomic)
    } catch {
      throw LogError.wrongValue(
        at: file, got: "\(error.localizedDescription)", expected: "a file that can be written",
        hint: nil)
    }
  }

  /// What a step found; `nil` where it is not finished.
  ///
  /// - Throws: `LogError.conflict` for a file that is damaged.
  func record<Record: Decodable>(_ type: Record.Type, ofStep index: Int, seed: UInt64) throws
    -> Record?
  {
    let file = "\(step(index, seed: seed)).json"
    guard let data = FileManager.default.contents(atPath: file) else { return nil }
    do {
      return try JSONDecoder().decode(type, from: data)
    } catch {
      throw LogError.conflict(
        "\(file): this is not what a step found, or half of it",
        hint: "remove it and go on with dovetail sweep --resume \(path)")
    }
  }
}

extension SweepFile {
  /// The steps, tightest first; of two axes the second moves faster.
  var combinations: [[MetricLimit]] {
    sweep.reduce([[]]) { combinations, axis in
      combinations.flatMap { limits in
        axis.values.map { limits + [MetricLimit(axis.limit, axis.side, $0)] }
      }
    }
  }

  /// How the budget is split: equal shares, and two and the rest for the first step, since it begins with nothing.
  var shares: [Int] {
    let count = combinations.count
    let share = max(1, budget / (count + 1))
    return [max(1, budget - share * (count - 1))] + Array(repeating: share, count: count - 1)
  }

  /// Steps of which every limit is as tight or tighter, the step itself included.
  func stepsWithin(_ index: Int) -> [Int] {
    let all = combinations
    return (0...index).filter { other in
      zip(all[other], all[index]).allSatisfy { a, b in
        a.side == .atMost ? a.bound <= b.bound : a.bound >= b.bound
      }
    }
  }

  /// Checks that every limit that moves is about something.
  ///
  /// - Throws: `SpecificationError` at the limit.
  func check(_ names: LimitNames) throws {
    for (axis, place) in zip(sweep, limitPlaces) {
      do {
        _ = try names.isKnown(MetricLimit(axis.limit, axis.side, axis.values[0]))
      } catch let problem as LimitNames.Problem {
        throw SpecificationError.malformed(at: place, problem: problem.text, hint: problem.hint)
      }
    }
  }
}
