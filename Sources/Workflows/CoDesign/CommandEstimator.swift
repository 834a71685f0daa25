import Accelerator
import CoDesign
import Evaluation
import Foundation
import Study
import Workload

/// A simulator as a program: one record in on standard input, one answer out, in a process a mapping or in one for many.
///
/// The record has the members of `dovetail evaluate --batch -`; of the answer `results.valid`, `results.energy_pj` and
/// `results.cycles` are read. What it prints besides, a status other than 0 or no answer in time are failures.
struct CommandEstimator: MappingCostEstimator {
  let command: [String]
  let timeoutSeconds: Double
  /// Answers many records, each with its `id`; `nil` starts a process a mapping.
  let program: LineProgram?

  init(command: [String], timeoutSeconds: Double, isPersistent: Bool = false) {
    self.command = command
    self.timeoutSeconds = timeoutSeconds
    program = isPersistent ? LineProgram(command, timeoutSeconds: timeoutSeconds) : nil
  }

  func estimate(of layer: Layer, on architecture: Architecture, zeroShare: Double?) -> (Mapping)
    throws -> MappingCost?
  {
    { mapping in
      let record = recordLine(
        id: "mapping", layer: layer, architecture: architecture, mapping: mapping)
      guard let program else { return try cost(answer: run(Array(record.utf8))) }
      let line = record.utf8.filter { $0 != 0x0a }
      return try cost(answer: Data(try program.answer(to: line)), id: "mapping")
    }
  }

  private func run(_ input: [UInt8]) throws -> Data {
    let process = Foundation.Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let requests = Pipe()
    let answers = Pipe()
    process.standardInput = requests
    process.standardOutput = answers
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw EvaluationFailure(.crash, "cannot be started: \(command[0])")
    }
    let timer = DispatchSource.makeTimerSource(queue: .global())
    let isLate = StopMark()
    timer.schedule(deadline: .now() + timeoutSeconds)
    timer.setEventHandler {
      isLate.set()
      process.terminate()
    }
    timer.resume()
    // A program that ended without reading breaks the pipe; its status says why.
    try? requests.fileHandleForWriting.write(contentsOf: Data(input))
    try? requests.fileHandleForWriting.close()
    let answer = (try? answers.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    timer.cancel()
    if isLate.value {
      throw EvaluationFailure(.timeout, "no answer in \(timeoutSeconds) s")
    }
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw EvaluationFailure(
        .crash,
        process.terminationReason == .exit
          ? "exit status \(process.terminationStatus)" : "signal \(process.terminationStatus)")
    }
    return answer
  }

  /// - Parameter id: What the answer has to repeat, if it has an `id`.
  private func cost(answer: Data, id: String? = nil) throws -> MappingCost? {
    let text = String(decoding: answer.prefix(60), as: UTF8.self)
    guard let object = try? JSONSerialization.jsonObject(with: answer) as? [String: Any],
      let results = object["results"] as? [String: Any], let isValid = results["valid"] as? Bool
    else {
      throw EvaluationFailure(.garbage, "got \"\(text)\", expected {\"results\": {\"valid\": ...}}")
    }
    if let id, let got = object["id"] as? String, got != id {
      throw EvaluationFailure(
        .garbage, "got the answer to \"\(got.prefix(40))\", expected \"\(id)\"")
    }
    guard isValid else { return nil }
    guard let energy = (results["energy_pj"] as? NSNumber)?.doubleValue,
      let cycles = (results["cycles"] as? NSNumber)?.doubleValue, energy.isFinite, energy > 0,
      cycles.isFinite, cycles > 0
    else {
      throw EvaluationFailure(.garbage, "energy_pj, cycles: expected numbers above 0")
    }
    return MappingCost(energy: energy, cycles: cycles)
  }
}

/// A mark that one thread sets and another reads.
///
/// `@unchecked Sendable`: every access holds the lock.
private final class StopMark: @unchecked Sendable {
  private let lock = NSLock()
  private var isSet = false

  func set() {
    lock.lock()
    isSet = true
    lock.unlock()
  }

  var value: Bool {
    lock.lock()
    defer { lock.unlock() }
    return isSet
  }
}
