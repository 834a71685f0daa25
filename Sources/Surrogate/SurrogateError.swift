/// Why a surrogate cannot be made, trained or read.
public enum SurrogateError: Error, Hashable, Sendable {
  /// A network with a size it cannot have.
  case architecture(size: String, got: String, expected: String)
  /// A setting of a training outside its range.
  case option(name: String, got: String, expected: String)
  /// Data a model cannot learn from.
  case data(what: String, got: String, expected: String, hint: String?)
  /// A file that is no checkpoint of this program.
  case notACheckpoint(file: String, got: String)
  /// A checkpoint of a later version.
  case newer(file: String, version: Int, known: Int)
  /// A checkpoint that was cut or changed.
  case damaged(file: String, what: String, got: String, expected: String)
  /// A checkpoint of another training.
  case otherTraining(file: String, what: String, got: String, expected: String)
  /// A file that cannot be read or written.
  case file(file: String, problem: String)
}

extension SurrogateError: CustomStringConvertible {
  /// The next step, without the word `hint:`.
  public var hint: String? {
    switch self {
    case .architecture, .option, .file: nil
    case .data(_, _, _, let hint): hint
    case .notACheckpoint: "checkpoints are written while a surrogate is trained"
    case .newer: "update this program, or train again with it"
    case .damaged: "delete the file and train again"
    case .otherTraining:
      "resume with the data, seed and settings of the checkpoint, or use another file"
    }
  }

  /// What is wrong, without the hint.
  public var problem: String {
    switch self {
    case .architecture(let size, let got, let expected):
      "network: \(size): got \(got), expected \(expected)"
    case .option(let name, let got, let expected):
      "training: \(name): got \(got), expected \(expected)"
    case .data(let what, let got, let expected, _): "\(what): got \(got), expected \(expected)"
    case .notACheckpoint(let file, let got):
      "\(file): got \(got), expected a checkpoint of a surrogate"
    case .newer(let file, let version, let known):
      "\(file): got a checkpoint of version \(version), expected at most \(known)"
    case .damaged(let file, let what, let got, let expected),
      .otherTraining(let file, let what, let got, let expected):
      "\(file): \(what): got \(got), expected \(expected)"
    case .file(let file, let problem): "\(file): \(problem)"
    }
  }

  /// The message a user reads, with its hint on a line of its own when there is one.
  public var description: String { hint.map { "\(problem)\nhint: \($0)" } ?? problem }
}
