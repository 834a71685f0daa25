public import Surrogate

/// Why a model cannot be read, or not be asked.
public enum OfflineModelError: Error, Hashable, Sendable {
  /// A file that is no model.
  case foreign(file: String, got: String)
  /// A model of another version of the program.
  case version(file: String, got: UInt64, expected: UInt64)
  /// A model that was cut or changed.
  case damaged(file: String, what: String, got: String, expected: String)
  /// A model of another space than the log's or the question's.
  case otherSpace(file: String, what: String, got: String, expected: String)
  /// A model of PRIME's network asked about other limits than it was trained under.
  case otherLimits(file: String, got: [String], expected: [String])
  /// A question that only a committee answers.
  case notACommittee(file: String)
  /// A network that cannot be trained, with the reason and its hint.
  case training(file: String, problem: String)
  /// A checkpoint that cannot be read, gone on from, or written.
  case checkpoint(SurrogateError)
  /// The operating system refused.
  case cannotRead(file: String, reason: String)
  /// The operating system refused to write.
  case cannotWrite(file: String)
}

extension OfflineModelError: CustomStringConvertible {
  /// The message a user reads, with its hint on a second line.
  public var description: String {
    switch self {
    case .foreign(let file, let got):
      """
      \(file): got \(got), expected a model
      hint: dovetail offline train LOG -o MODEL makes one
      """
    case .version(let file, let got, let expected):
      """
      \(file): got a model of version \(got), expected version \(expected)
      hint: train again with this version of the program
      """
    case .damaged(let file, let what, let got, let expected):
      """
      \(file): \(what): got \(got), expected \(expected)
      hint: the model is damaged; copy it again, or train again
      """
    case .otherSpace(let file, let what, let got, let expected):
      """
      \(file): \(what): got \(got), expected \(expected)
      hint: a model answers about the space it was trained on; train on the other log
      """
    case .otherLimits(let file, let got, let expected):
      """
      \(file): limits: got \(Self.list(got)), expected \(Self.list(expected)), under which it was trained
      hint: PRIME's network learns limits as infeasible designs; train another, or a committee, which answers any limit
      """
    case .notACommittee(let file):
      """
      \(file): got PRIME's network, expected a committee
      hint: train with --model-kind committee to order given designs
      """
    case .training(let file, let problem): "\(file): \(problem)"
    case .checkpoint(let error): error.description
    case .cannotRead(let file, let reason): "\(file): cannot be read: \(reason)"
    case .cannotWrite(let file):
      """
      \(file): cannot be written
      hint: give a file in a folder that exists and may be written to
      """
    }
  }
  private static func list(_ limits: [String]) -> String {
    limits.isEmpty ? "none" : limits.joined(separator: " and ")
  }
}
