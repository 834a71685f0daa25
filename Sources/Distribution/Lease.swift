import Foundation

/// Says who drives a run: a file with host, process and time, renewed while the driver lives.
///
/// A second driver is refused until the first is gone: at once where both are on one host, after two minutes otherwise.
/// Locks are not used, since file servers do not keep them.
final class Lease {
  private struct Holder: Codable, Equatable {
    var host: String
    var process: Int32
    /// Tells processes of one number apart.
    var mark: UInt64
    var time: Double
  }

  /// Seconds after which a driver that was not seen is gone.
  static let staleSeconds = 120.0
  private static let renewalSeconds = 10.0
  /// Seconds between looks whether another driver took over.
  private static let lookSeconds = 1.0
  /// Seconds that one who pushes a living driver aside waits, so that it looks, and records nothing more.
  static let yieldingSeconds = 3.0

  private let folder: String
  private let file: String
  private var own: Holder
  private var renewed: Double
  private var looked: Double

  /// Takes the lease of a folder.
  ///
  /// - Parameter takesOver: Whether a driver that may live is pushed aside.
  /// - Throws: `ExecutorError.held`, `DistributionError.unwritable`.
  init(folder: String, takesOver: Bool) throws {
    self.folder = folder
    file = "\(folder)/lease.json"
    own = Holder(
      host: nodeName(), process: getpid(), mark: UInt64.random(in: 0...UInt64.max / 4),
      time: Date().timeIntervalSince1970)
    (renewed, looked) = (own.time, own.time)
    let draft = "\(file).\(PrivateFiles.uniqueSuffix()).partial"
    try PrivateFiles.write(Array(lineOfJSON(own).utf8), to: draft)
    defer { unlink(draft) }
    if link(draft, file) == 0 { return }
    var mayLive = false
    if let holder = holder() {
      let age = Date().timeIntervalSince1970 - holder.time
      let isGone =
        holder.host == own.host
        ? kill(holder.process, 0) != 0 && errno == ESRCH : age > Self.staleSeconds
      mayLive = !isGone && age <= Self.staleSeconds
      guard isGone || takesOver else {
        throw ExecutorError.held(
          folder: folder, host: holder.host, process: holder.process,
          secondsAgo: max(0, Int(age.rounded())))
      }
    }
    rename(draft, file)
    // Of two that take over at the same moment the later one stays.
    usleep(mayLive ? UInt32(Self.yieldingSeconds * 1e6) : 50_000)
    try check()
  }

  private func holder() -> Holder? {
    guard let data = FileManager.default.contents(atPath: file) else { return nil }
    return try? JSONDecoder().decode(Holder.self, from: data)
  }

  func check() throws {
    guard let holder = holder(), holder.mark != own.mark else { return }
    throw ExecutorError.takenOver(folder: folder, host: holder.host, process: holder.process)
  }

  /// Shows that the driver lives and looks whether another one took over, each when the last time was a while ago.
  ///
  /// - Throws: `ExecutorError.takenOver`.
  func renew() throws {
    let now = Date().timeIntervalSince1970
    guard now - looked > Self.lookSeconds else { return }
    looked = now
    try check()
    guard now - renewed > Self.renewalSeconds else { return }
    own.time = now
    renewed = now
    try? PrivateFiles.replace(file, with: Array(lineOfJSON(own).utf8))
  }

  /// Gives the lease back.
  func end() {
    if holder()?.mark == own.mark { unlink(file) }
  }
}
