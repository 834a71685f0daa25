/// Why a file of a distributed run cannot be used.
public enum DistributionError: Error, Hashable, Sendable {
  /// A file ends before its hash.
  case cutShort(file: String)
  /// A file, or what was asked for, has another hash than its bytes.
  case wrongHash(file: String, got: String, expected: String)
  /// A file belongs to another user, or others may write to it.
  case foreign(file: String, got: String, expected: String)
  /// A manifest was made by another version of the program.
  case otherVersion(file: String, got: String, expected: String)
  /// A manifest has no such shard.
  case unknownShard(file: String, got: Int, count: Int)
  /// The bytes are whole and are not what they should be.
  case malformed(file: String, got: String, expected: String)
  /// A file cannot be read.
  case unreadable(file: String, reason: String)
  /// A file cannot be written.
  case unwritable(file: String, reason: String)
}

extension DistributionError: CustomStringConvertible {
  /// The message a user reads, with its hint on a line of its own when there is one.
  public var description: String {
    switch self {
    case .cutShort(let file):
      "\(file): got a file that is cut short, expected a last line with its hash"
    case .wrongHash(let file, let got, let expected):
      "\(file): hash: got \(got.prefix(16))..., expected \(expected.prefix(16))...\n"
        + "hint: the file was changed after it was made; go on with the run, which makes it anew"
    case .foreign(let file, let got, let expected):
      "\(file): owner: got \(got), expected \(expected)\n"
        + "hint: only the user who made a run works on it, and nobody else may write to its files"
    case .otherVersion(let file, let got, let expected):
      "\(file): version: got \(got), expected \(expected), that of this program\n"
        + "hint: run the same dovetail on all nodes"
    case .unknownShard(let file, let got, let count):
      "\(file): shard: got \(got), expected 0 to \(count - 1)"
    case .malformed(let file, let got, let expected): "\(file): got \(got), expected \(expected)"
    case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
    case .unwritable(let file, let reason):
      "\(file): cannot be written: \(reason)\n"
        + "hint: what is finished is kept; make room, and the shard is asked again"
    }
  }
}
