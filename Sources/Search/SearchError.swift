/// Why a search cannot go on.
public enum SearchError: Error, Hashable, Sendable {
  /// The designer does not suggest what was recorded: another seed, designer, space or history.
  case recordDiffers(trial: Int)
  /// More trials are recorded than the budget allows.
  case recordTooLong(count: Int, budget: Int)
}

extension SearchError: CustomStringConvertible {
  /// The message a user reads, with its hint on a line of its own.
  public var description: String {
    switch self {
    case .recordDiffers(let trial):
      "trial \(trial) of the record: got another design than this search suggests, expected the same\n"
        + "hint: resume with the seed, designer, batch size, space and history of the recorded search"
    case .recordTooLong(let count, let budget):
      "record: got \(count) trials, expected at most the budget of \(budget)\n"
        + "hint: raise the budget"
    }
  }
}
