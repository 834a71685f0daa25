import Foundation
import Synchronization

/// `dovetail.log` of a run folder: what happened when, a line each.
///
/// What cannot be written is lost: a full disk is reported by the log of the trials.
final class RunJournal: Sendable {
  private let handle: Mutex<FileHandle?>

  init(file: String) {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    handle = Mutex(
      descriptor >= 0 ? FileHandle(fileDescriptor: descriptor, closeOnDealloc: true) : nil)
  }

  /// Writes a line that begins with the time.
  func note(_ text: String) {
    let line = "\(timestamp()) \(text.replacing("\n", with: " "))\n"
    handle.withLock { try? $0?.write(contentsOf: Data(line.utf8)) }
  }
}

/// Date and time of now, in UTC: `2026-01-31T23:59:59Z`.
public func timestamp() -> String { Date().formatted(.iso8601) }
