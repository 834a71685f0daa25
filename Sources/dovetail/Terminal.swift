import ArgumentParser
import CostModel
import Foundation
import Synchronization
import Workflows

/// Standard output for results, standard error for messages and progress.
enum Terminal {
  static func message(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Writes all bytes to standard output.
  ///
  /// - Throws: `ExitCode` 0 when the reader has gone away, `UserError` when the disk is full or the like.
  static func output(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let written = write(STDOUT_FILENO, rest.baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        if errno == EPIPE { throw ExitCode(0) }
        throw UserError(problem: "standard output: \(String(cString: strerror(errno)))")
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  static func output(_ text: String) throws {
    var text = text
    try text.withUTF8 { try output(UnsafeRawBufferPointer($0)) }
  }
}

/// A progress line that is rewritten on a terminal and repeated now and then elsewhere.
struct ProgressLine {
  private let isTerminal = Self.isTerminal
  private let isQuiet: Bool
  private let isTimed: Bool
  private let start = DispatchTime.now().uptimeNanoseconds
  private var last = DispatchTime.now().uptimeNanoseconds

  /// Creates a line.
  ///
  /// - Parameter isTimed: Whether lines begin with the time where they are not rewritten.
  init(isQuiet: Bool, isTimed: Bool = false) {
    self.isQuiet = isQuiet
    self.isTimed = isTimed
  }

  /// Whether standard error can be rewritten.
  private static var isTerminal: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  var seconds: Double { Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 }

  /// Shows how far the work is, when the last time was a while ago.
  ///
  /// - Parameter isStep: Whether something was finished; elsewhere than on a terminal it is told at once.
  mutating func update(_ text: @autoclosure () -> String, isStep: Bool = false) {
    guard !isQuiet else { return }
    let now = DispatchTime.now().uptimeNanoseconds
    let pause: UInt64 = isTerminal ? 200_000_000 : isStep ? 0 : 10_000_000_000
    guard now - last >= pause else { return }
    last = now
    let line =
      isTerminal ? "\r\u{1b}[K\(text())" : (isTimed ? "\(timestamp()) " : "") + "\(text())\n"
    FileHandle.standardError.write(Data(line.utf8))
  }

  func finish() {
    if isTerminal, !isQuiet { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) }
  }
}

/// A progress line that several tasks may rewrite.
final class SharedProgressLine: Sendable {
  private let line: Mutex<ProgressLine>

  init(isQuiet: Bool) {
    line = Mutex(ProgressLine(isQuiet: isQuiet))
  }

  func update(_ text: String) { line.withLock { $0.update(text) } }

  func finish() { line.withLock { $0.finish() } }
}
