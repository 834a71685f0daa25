import DesignSpace
import Execution
import Foundation
import Study

extension SurrogateTraining {
  /// Writes everything that changes in training to a file, in place of an older one, or not at all.
  ///
  /// The bytes go to a file beside it first, reach the disk, and take the place of the old ones in one step.
  /// - Throws: `SurrogateError.file`.
  public func write(to file: String) throws {
    let checkpoint = SurrogateCheckpoint(
      header: SurrogateCheckpoint.Header(
        architecture: plan.architecture, weightCount: plan.layout.count, seed: seed.value,
        step: state.step, optionsFingerprint: options.fingerprint,
        dataFingerprint: dataFingerprint, swarm: state.swarm?.members,
        bestStep: state.best?.step, bestScore: state.best?.score, history: state.history),
      weights: state.weights, first: state.first, second: state.second,
      best: state.best?.weights)
    let bytes = try checkpoint.encoded()
    let temporary = "\(file).\(getpid()).partial"
    do {
      guard FileManager.default.createFile(atPath: temporary, contents: nil) else {
        throw SurrogateError.file(
          file: file, problem: "cannot be written: \(String(cString: strerror(errno)))")
      }
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
      try handle.write(contentsOf: Data(bytes))
      try handle.synchronize()
      try handle.close()
      guard rename(temporary, file) == 0 else {
        throw SurrogateError.file(
          file: file, problem: "cannot be written: \(String(cString: strerror(errno)))")
      }
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      if error is SurrogateError { throw error }
      throw SurrogateError.file(
        file: file, problem: "cannot be written: \(error.localizedDescription)")
    }
  }

  /// Goes on where a file was written, so that the end is what it would have been without an interruption.
  ///
  /// - Throws: `SurrogateError` for a file that is absent, damaged, or of another training: other data, limits, seed,
  ///   architecture or options, the number of steps apart. The training then is as before.
  public mutating func resume(from file: String) throws {
    let bytes: [UInt8]
    do {
      bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    } catch {
      let isAbsent = !FileManager.default.fileExists(atPath: file)
      throw SurrogateError.file(
        file: file, problem: isAbsent ? "no such file" : "cannot be read")
    }
    try restore(SurrogateCheckpoint(bytes, file: file), file: file)
  }

  mutating func restore(_ checkpoint: SurrogateCheckpoint, file: String) throws(SurrogateError) {
    let header = checkpoint.header
    guard header.architecture == plan.architecture, header.weightCount == plan.layout.count else {
      throw .otherTraining(
        file: file, what: "network", got: "\(header.weightCount) weights",
        expected: "\(plan.layout.count) weights of the same architecture")
    }
    guard header.seed == seed.value else {
      throw .otherTraining(
        file: file, what: "seed", got: "\(header.seed)", expected: "\(seed.value)")
    }
    guard header.dataFingerprint == dataFingerprint else {
      throw .otherTraining(
        file: file, what: "data", got: "other rows, targets or limits", expected: "the same")
    }
    guard header.optionsFingerprint == options.fingerprint else {
      throw .otherTraining(
        file: file, what: "settings", got: "other options", expected: "the same")
    }
    let width = data.problem.space.parameters.count
    let contextCount = data.contexts.contexts.count
    guard header.step >= 0, header.swarm?.count == state.swarm?.members.count,
      header.swarm?.allSatisfy({ member in
        member.coordinates.count == width && (0..<contextCount).contains(Int(member.context))
          && data.problem.space.point(coordinates: member.coordinates)?.coordinates
            == member.coordinates
      }) ?? true,
      (header.bestStep == nil) == (header.bestScore == nil)
    else {
      throw .damaged(
        file: file, what: "header", got: "a state no training has", expected: "a state of training")
    }
    state.step = header.step
    state.weights = checkpoint.weights
    state.first = checkpoint.first
    state.second = checkpoint.second
    state.swarm = header.swarm.map { NegativeSwarm($0) }
    state.history = header.history
    state.best = nil
    if let weights = checkpoint.best, let step = header.bestStep, let score = header.bestScore {
      state.best = Best(step: step, score: score, weights: weights)
    }
  }

  /// A number that differs where the rows that are learned from differ.
  private var dataFingerprint: UInt64 {
    var digest = Digest()
    digest.add(data.inputs)
    digest.add(data.targets)
    digest.add(data.contexts.rows)
    for index in data.contextIndices { digest.add(UInt64(index)) }
    for list in [trainingRows, heldOutRows, infeasibleRows] {
      digest.add(UInt64(list.count))
      for row in list { digest.add(UInt64(row)) }
    }
    return digest.value
  }
}
