import Execution
import Foundation
import Study
import Synchronization

/// A program in a process group of its own, with pipes to its three streams.
///
/// The group makes sure that helpers the program started end with it. A child that is dropped is ended, too.
final class ChildProcess: Sendable {
  /// How a program ended.
  enum Ending: Hashable, Sendable, CustomStringConvertible {
    case exit(Int32)
    case signal(Int32)

    init(waitStatus status: Int32) {
      let signal = status & 0x7f
      self = signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal)
    }

    var description: String {
      switch self {
      case .exit(let code): "exit status \(code)"
      case .signal(let number): "signal \(number) (\(String(cString: strsignal(number))))"
      }
    }
  }

  private struct State {
    var isInputOpen = true
    var ending: Ending?
  }

  /// The group, which is also the number of the program.
  let id: pid_t
  /// Our ends of the pipes; reading and writing never block.
  let input: Int32
  let output: Int32
  let errors: Int32
  private let state = Mutex(State())

  /// Starts a program; its first word is looked up in the path.
  ///
  /// - Throws: A crash that says why it cannot be started.
  init(_ command: [String]) throws(EvaluationFailure) {
    // One at a time: a program started by another thread must not inherit pipes that are not closed on execution yet.
    let started = Self.starting.withLock { _ in
      Self.start(command)
    }
    let (id, ours) = try started.get()
    for end in ours { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
    self.id = id
    (input, output, errors) = (ours[0], ours[1], ours[2])
    LiveGroups.add(id)
  }

  deinit {
    _ = end(grace: 0.2)
    close(output)
    close(errors)
  }

  private static let starting = Mutex(())

  /// The program's number and our ends of its pipes.
  private static func start(_ command: [String]) -> Result<(pid_t, [Int32]), EvaluationFailure> {
    func failure(_ code: Int32) -> Result<(pid_t, [Int32]), EvaluationFailure> {
      .failure(
        EvaluationFailure(
          .crash, "cannot start \"\(command[0])\": \(String(cString: strerror(code)))"))
    }
    var pipes: [[Int32]] = []
    for _ in 0..<3 {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else {
        let code = errno
        for end in pipes.joined() { close(end) }
        return failure(code)
      }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      pipes.append(ends)
    }
    let theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
    let ours = [pipes[0][1], pipes[1][0], pipes[2][0]]
    let started = ProgramGroup.start(
      command, input: .descriptor(theirs[0]), output: .descriptor(theirs[1]),
      errors: .descriptor(theirs[2]))
    for end in theirs { close(end) }
    switch started {
    case .success(let id): return .success((id, ours))
    case .failure(let problem):
      for end in ours { close(end) }
      return failure(problem.code)
    }
  }

  /// Tells the program that nothing more comes.
  func closeInput() {
    let isOpen = state.withLock { state in
      defer { state.isInputOpen = false }
      return state.isInputOpen
    }
    if isOpen { close(input) }
  }

  /// Whether the program has ended; helpers it started may go on.
  var hasExited: Bool {
    if state.withLock({ $0.ending != nil }) { return true }
    var information = siginfo_t()
    // Left unreaped, its number cannot be given to another program before the group is ended.
    let code = waitid(P_PID, id_t(id), &information, WEXITED | WNOHANG | WNOWAIT)
    return code != 0 || information.si_signo == SIGCHLD
  }

  /// Ends the group: the closed input first, then a termination signal, then a kill, each after the grace time in seconds.
  ///
  /// - Parameter isHurried: Whether the signal comes at once.
  /// - Returns: How the program ended.
  func end(grace: Double, isHurried: Bool = false) -> Ending {
    closeInput()
    if let ending = state.withLock({ $0.ending }) { return ending }
    if isHurried || !waitForExit(seconds: grace) {
      kill(-id, SIGTERM)
      _ = waitForExit(seconds: grace)
    }
    kill(-id, SIGKILL)
    return state.withLock { state in
      if let ending = state.ending { return ending }
      var status: Int32 = 0
      while waitpid(id, &status, 0) < 0, errno == EINTR {}
      let ending = Ending(waitStatus: status)
      state.ending = ending
      LiveGroups.remove(id)
      return ending
    }
  }

  private func waitForExit(seconds: Double) -> Bool {
    let deadline = monotonicSeconds() + seconds
    var pause: UInt32 = 200
    while !hasExited {
      guard monotonicSeconds() < deadline else { return false }
      usleep(pause)
      pause = min(pause * 2, 10_000)
    }
    return true
  }
}

/// The groups that must not outlive us.
private enum LiveGroups {
  private static let groups = Mutex<Set<pid_t>>([])
  private static let atExit: Void = {
    atexit { LiveGroups.killAll() }
  }()

  static func add(_ id: pid_t) {
    _ = atExit
    groups.withLock { _ = $0.insert(id) }
  }

  static func remove(_ id: pid_t) { groups.withLock { _ = $0.remove(id) } }

  static func killAll() {
    _ = groups.withLockIfAvailable { groups in
      for id in groups { kill(-id, SIGKILL) }
    }
  }
}
