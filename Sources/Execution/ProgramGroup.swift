public import Foundation

/// Starts programs that lead process groups of their own, and finds what they started in turn.
public enum ProgramGroup {
  /// Where a standard stream of a program comes from or goes to.
  public enum Stream: Sendable {
    /// An open descriptor; of standard error, 1 is what standard output has become.
    case descriptor(Int32)
    /// Nothing to read.
    case nothing
    /// A file that is written anew, for its owner only.
    case file(String)
  }

  /// Why no process can be made.
  public struct Failure: Error, Hashable, Sendable {
    /// The number of the error, as `errno` has it.
    public var code: Int32
  }

  /// Starts a program with this process's surroundings, and with signals as a shell would give them, whatever is ignored here.
  ///
  /// - Parameters:
  ///   - words: Program and arguments; the first is looked up in the path.
  ///   - input: Standard input.
  ///   - output: Standard output.
  ///   - errors: Standard error.
  /// - Returns: The number of the program, which is also that of its group.
  public static func start(
    _ words: [String], input: Stream, output: Stream, errors: Stream
  ) -> Result<pid_t, Failure> {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, stream) in [input, output, errors].enumerated() {
      let target = Int32(number)
      switch stream {
      case .descriptor(let source): posix_spawn_file_actions_adddup2(&actions, source, target)
      case .nothing:
        posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDONLY, 0)
      case .file(let path):
        posix_spawn_file_actions_addopen(
          &actions, target, path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      }
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
    let settings = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    let arguments = words.map { strdup($0) } + [nil]
    let environment = settings.map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var id: pid_t = 0
    let code = posix_spawnp(&id, words[0], &actions, &attributes, arguments, environment)
    return code == 0 ? .success(id) : .failure(Failure(code: code))
  }

  /// The groups of a process's descendants, other than its own: those of programs that it started as this type does.
  ///
  /// - Complexity: O(processes of the machine); descendants whose parent has ended are not found.
  public static func groups(under id: pid_t) -> [pid_t] {
    var children: [pid_t: [(id: pid_t, group: pid_t)]] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let process = pid_t(name),
        let data = FileManager.default.contents(atPath: "/proc/\(name)/stat")
      else { continue }
      // State, parent and group follow the name, which ends with the last parenthesis; see proc(5).
      let fields = String(decoding: data, as: UTF8.self).split(separator: ")").last?
        .split(separator: " ")
      guard let fields, fields.count > 2, let parent = pid_t(fields[1]),
        let group = pid_t(fields[2])
      else { continue }
      children[parent, default: []].append((process, group))
    }
    var groups: Set<pid_t> = []
    var open = [id]
    while let next = open.popLast() {
      for child in children[next] ?? [] {
        open.append(child.id)
        if child.group > 1, child.group != getpgid(id), child.group != getpgrp() {
          groups.insert(child.group)
        }
      }
    }
    return groups.sorted()
  }
}
