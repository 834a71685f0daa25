import Execution
import Foundation

/// A program in a process group of its own, whose output goes to files.
struct SpawnedProgram {
  let id: pid_t

  /// Starts a program; its first word is looked up in the path, and one that is not there ends with 127.
  ///
  /// - Parameters:
  ///   - words: Program and arguments.
  ///   - folder: Where it works.
  ///   - output: File for standard output, and for standard error unless that has one.
  ///   - errors: File for standard error.
  /// - Returns: `nil` and `errno` where no process can be made.
  static func start(
    _ words: [String], in folder: String, output: String, errors: String? = nil
  ) -> (program: SpawnedProgram?, code: Int32) {
    // The shell changes the folder and is gone; words reach it as words and are not read by it.
    let moving = ["sh", "-c", "cd -- \"$1\" && shift && exec \"$@\"", "sh", folder]
    let started = ProgramGroup.start(
      moving + words, input: .nothing, output: .file(output),
      errors: errors.map { .file($0) } ?? .descriptor(1))
    switch started {
    case .success(let id): return (SpawnedProgram(id: id), 0)
    case .failure(let problem): return (nil, problem.code)
    }
  }

  /// How it ended, as the shell writes it (128 and the signal); `nil` while it runs.
  func ending() -> Int32? {
    var status: Int32 = 0
    let got = waitpid(id, &status, WNOHANG)
    if got == 0 || (got < 0 && errno == EINTR) { return nil }
    guard got == id else { return 127 }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }

  func signal(_ number: Int32) { kill(-id, number) }

  /// What a command wrote.
  struct Answer {
    var code: Int32
    var output: String
    var errors: String

    /// One line of what it said is wrong.
    var complaint: String {
      let lines = (errors + output).split(separator: "\n")
      return lines.isEmpty ? "exit status \(code)" : lines.prefix(3).joined(separator: "; ")
    }
  }

  /// Runs a command to its end, half a minute at most.
  static func run(_ words: [String], in folder: String) -> Answer {
    let base =
      FileManager.default.temporaryDirectory.path + "/dovetail-\(PrivateFiles.uniqueSuffix())"
    let (output, errors) = ("\(base).out", "\(base).err")
    defer {
      unlink(output)
      unlink(errors)
    }
    let (program, code) = start(words, in: folder, output: output, errors: errors)
    guard let program else {
      return Answer(code: 127, output: "", errors: String(cString: strerror(code)))
    }
    let deadline = monotonicSeconds() + 30
    var pause: UInt32 = 500
    var ending = program.ending()
    while ending == nil {
      if monotonicSeconds() > deadline { program.signal(SIGKILL) }
      usleep(pause)
      pause = min(2 * pause, 20_000)
      ending = program.ending()
    }
    func text(_ file: String) -> String {
      String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
    return Answer(code: ending ?? 127, output: text(output), errors: text(errors))
  }

  /// Whether a program is on the path.
  static func exists(_ name: String) -> Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { access("\($0)/\(name)", X_OK) == 0 }
  }
}
