/// Why work cannot be handed to other processes.
public enum ExecutorError: Error, Hashable, Sendable {
  /// A setting is not what it should be.
  case wrongSetting(name: String, got: String, expected: String)
  /// A program of the scheduler is not there.
  case missingProgram(name: String, executor: String)
  /// The scheduler does not take a submission.
  case refused(executor: String, said: String, command: String)
  /// Another driver works on the run.
  case held(folder: String, host: String, process: Int32, secondsAgo: Int)
  /// Another driver took the run over.
  case takenOver(folder: String, host: String, process: Int32)
}

extension ExecutorError: CustomStringConvertible {
  /// The message a user reads, with its hint on a line of its own.
  public var description: String {
    switch self {
    case .wrongSetting(let name, let got, let expected):
      "executor: \(name): got \(got), expected \(expected)"
    case .missingProgram(let name, let executor):
      "executor: \(executor): got no program \"\(name)\" on the path, expected that of the scheduler\n"
        + "hint: run dovetail where jobs are submitted, or use --executor processes"
    case .refused(let executor, let said, let command):
      "executor: \(executor): the submission was refused: \(said)\n"
        + "hint: what was submitted: \(command)"
    case .held(let folder, let host, let process, let seconds):
      "\(folder): got a run that process \(process) on \(host) works on, seen \(seconds) s ago; "
        + "expected one that nobody works on\n"
        + "hint: end that one, wait two minutes if it is gone, or add --take-over"
    case .takenOver(let folder, let host, let process):
      "\(folder): process \(process) on \(host) took the run over; this one ends\n"
        + "hint: nothing is lost: what was finished is in the run folder"
    }
  }
}
