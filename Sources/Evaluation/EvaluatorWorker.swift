import Execution
import Foundation
import Study
import Synchronization

/// A running evaluator: a line in, a line out.
final class EvaluatorWorker: Sendable {
  /// What an evaluator may take for one answer.
  struct Allowance: Sendable {
    /// Seconds until the answer.
    var seconds: Double
    /// Seconds between the ways to end it.
    var grace: Double
    /// Bytes of a line.
    var lineBytes: Int
    /// Bytes of standard output for one answer.
    var outputBytes: Int
  }

  /// Most bytes of standard error that are kept.
  private static let keptErrorBytes = 1_024

  private struct Streams {
    var pending: [UInt8] = []
    var errors: [UInt8] = []
    var isOutputOpen = true
    var isErrorOpen = true
    var outputCount = 0
    var rest: ArraySlice<UInt8> = []
  }

  private let child: ChildProcess
  private let streams = Mutex(Streams())

  /// Starts the program.
  init(_ command: [String]) throws(EvaluationFailure) {
    child = try ChildProcess(command)
  }

  /// Sends a line and waits for one, on the calling thread.
  ///
  /// After a failure the program has ended.
  /// - Parameters:
  ///   - isOnly: Whether the program is to end after its answer.
  ///   - isCanceled: Asked every few milliseconds.
  /// - Returns: The answer without its line end; `nil` when canceled.
  func exchange(
    _ line: [UInt8], isOnly: Bool, within allowance: Allowance, isCanceled: () -> Bool
  ) throws(EvaluationFailure) -> [UInt8]? {
    Self.blockBrokenPipes()
    let answer = streams.withLock { streams -> Result<[UInt8]?, EvaluationFailure> in
      do throws(EvaluationFailure) {
        return .success(
          try exchange(
            line, isOnly: isOnly, within: allowance, isCanceled: isCanceled, &streams))
      } catch {
        return .failure(error)
      }
    }
    return try answer.get()
  }

  /// Ends the program; idle ones see the end of their input.
  func end(grace: Double) { _ = child.end(grace: grace) }

  /// A program that closed its input must not end ours; signals of pipes go to the writing thread.
  private static func blockBrokenPipes() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  private func exchange(
    _ line: [UInt8], isOnly: Bool, within allowance: Allowance, isCanceled: () -> Bool,
    _ streams: inout Streams
  ) throws(EvaluationFailure) -> [UInt8]? {
    let deadline = monotonicSeconds() + allowance.seconds
    streams.rest = line[...]
    streams.outputCount = 0
    var scanned = 0
    while true {
      if isCanceled() {
        _ = child.end(grace: allowance.grace, isHurried: true)
        return nil
      }
      if !isOnly, let answer = Self.takeLine(&streams.pending, &scanned) { return answer }
      try check(streams, allowance, lineStart: isOnly ? nil : 0)
      guard streams.isOutputOpen else {
        return try finish(isOnly: isOnly, within: allowance, until: deadline, &streams)
      }
      guard monotonicSeconds() < deadline else {
        _ = child.end(grace: allowance.grace, isHurried: true)
        throw EvaluationFailure(
          .timeout,
          "no answer in \(Self.text(allowance.seconds)) seconds"
            + Self.closing(streams.errors))
      }
      let wait = min(0.05, max(0, deadline - monotonicSeconds()))
      let isQuiet = transfer(&streams, milliseconds: Int32((wait * 1_000).rounded(.up)))
      if isOnly, streams.rest.isEmpty { child.closeInput() }
      // A helper that inherited the pipe keeps it open after the program has ended.
      if isQuiet, child.hasExited, transfer(&streams, milliseconds: 0) {
        streams.isOutputOpen = false
      }
    }
  }

  /// The first whole line that is not blank.
  private static func takeLine(_ pending: inout [UInt8], _ scanned: inout Int) -> [UInt8]? {
    while let end = pending[scanned...].firstIndex(of: 0x0a) {
      let line = Array(pending[..<end])
      pending.removeSubrange(...end)
      scanned = 0
      if !isBlank(line[...]) { return line }
    }
    scanned = pending.count
    return nil
  }

  private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
    line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
  }

  private func check(_ streams: Streams, _ allowance: Allowance, lineStart: Int?)
    throws(EvaluationFailure)
  {
    var problem: String?
    if streams.outputCount > allowance.outputBytes {
      problem = "got more than \(allowance.outputBytes) bytes, expected one answer"
    }
    let start = lineStart ?? (streams.pending.lastIndex(of: 0x0a) ?? 0)
    if streams.pending.count - start > allowance.lineBytes {
      problem = "got a line of more than \(allowance.lineBytes) bytes, expected an answer"
    }
    guard let problem else { return }
    _ = child.end(grace: allowance.grace, isHurried: true)
    throw EvaluationFailure(.garbage, problem)
  }

  /// The output has ended: what came is the answer, if one process makes one.
  private func finish(
    isOnly: Bool, within allowance: Allowance, until deadline: Double, _ streams: inout Streams
  ) throws(EvaluationFailure) -> [UInt8]? {
    let patience = min(deadline, monotonicSeconds() + allowance.grace)
    while !child.hasExited, monotonicSeconds() < patience {
      if !streams.isErrorOpen { usleep(1_000) }
      _ = transfer(&streams, milliseconds: 5)
    }
    _ = transfer(&streams, milliseconds: 0)
    let wasRunning = !child.hasExited
    let ending = child.end(grace: allowance.grace, isHurried: true)
    let how = wasRunning ? "closed its output" : "ended with \(ending)"
    let closing = Self.closing(streams.errors)
    let lines = streams.pending.split(separator: 0x0a).filter { !Self.isBlank($0) }
    guard let first = lines.first else {
      throw EvaluationFailure(.crash, "\(how) without an answer\(closing)")
    }
    guard isOnly else {
      throw EvaluationFailure(
        .crash, "\(how) in the middle of an answer, \(excerpt(first))\(closing)")
    }
    guard wasRunning || ending == .exit(0) else {
      throw EvaluationFailure(.crash, "\(how) after it wrote \(excerpt(first))\(closing)")
    }
    guard lines.count == 1 else {
      throw EvaluationFailure(
        .garbage, "got \(lines.count) lines, the first \(excerpt(first)), expected one answer")
    }
    return Array(first)
  }

  /// Moves what can be moved.
  ///
  /// - Returns: Whether nothing was read.
  private func transfer(_ streams: inout Streams, milliseconds: Int32) -> Bool {
    let nobody: Int32 = -1
    var polled = [
      pollfd(fd: streams.rest.isEmpty ? nobody : child.input, events: Int16(POLLOUT), revents: 0),
      pollfd(
        fd: streams.isOutputOpen ? child.output : nobody, events: Int16(POLLIN), revents: 0),
      pollfd(fd: streams.isErrorOpen ? child.errors : nobody, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return true }
    if polled[0].revents != 0 { send(&streams.rest) }
    var isQuiet = true
    if polled[1].revents != 0 {
      let count = streams.pending.count
      streams.isOutputOpen = Self.receive(child.output, into: &streams.pending)
      streams.outputCount += streams.pending.count - count
      if streams.pending.count > count || !streams.isOutputOpen { isQuiet = false }
    }
    if polled[2].revents != 0 {
      streams.isErrorOpen = Self.receive(child.errors, into: &streams.errors)
      let surplus = streams.errors.count - Self.keptErrorBytes
      if surplus > 0 { streams.errors.removeFirst(surplus) }
    }
    return isQuiet
  }

  private func send(_ rest: inout ArraySlice<UInt8>) {
    let count = rest.withUnsafeBytes { write(child.input, $0.baseAddress, $0.count) }
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if count < 0, errno != EAGAIN, errno != EINTR {
      // It reads no more; whether it answers all the same is seen at its output.
      rest = []
    }
  }

  /// Appends one piece of at most 64 KiB.
  ///
  /// - Returns: Whether more may come.
  private static func receive(_ descriptor: Int32, into bytes: inout [UInt8]) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { piece in
      let count = read(descriptor, piece.baseAddress, piece.count)
      if count > 0 {
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece[..<count]))
      }
      return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
    }
  }

  /// The last line of standard error, for a message.
  private static func closing(_ errors: [UInt8]) -> String {
    guard let line = errors.split(separator: 0x0a).last(where: { !isBlank($0) }) else { return "" }
    return ", standard error ends with \(excerpt(line))"
  }

  private static func text(_ seconds: Double) -> String {
    Int(exactly: seconds).map(String.init) ?? seconds.description
  }
}

/// A text of a program in quotes, at most 100 bytes of it, for a message.
func excerpt(_ bytes: some Collection<UInt8>) -> String {
  let text = String(decoding: bytes.prefix(100), as: UTF8.self)
    .map { $0.isNewline || $0 == "\t" ? " " : String($0) }.joined()
  return bytes.count > 100 ? "\"\(text)...\"" : "\"\(text)\""
}
