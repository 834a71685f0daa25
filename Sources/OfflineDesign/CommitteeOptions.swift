public import Execution

/// The kinds of models a committee has.
public enum CommitteeMember: String, Hashable, Sendable, CaseIterable {
  /// Second-degree polynomial of the encoded design, one workload.
  case ridge
  /// Boosted trees, one workload.
  case boostedTrees = "boosted-trees"
  /// Extremely randomized trees, one workload.
  case forest
  /// Gaussian process with a linear trend, one workload.
  case process
  /// The polynomial, and a Gaussian process of what it leaves, one workload.
  case ridgeProcess = "ridge+process"
  /// Second-degree polynomial of design and workload features, all workloads.
  case pooledRidge = "pooled-ridge"
  /// Boosted trees over design and workload, all workloads.
  case pooledBoostedTrees = "pooled-boosted-trees"
  /// Extremely randomized trees over design and workload, all workloads.
  case pooledForest = "pooled-forest"
  /// The pooled polynomial, and a Gaussian process of what it leaves in one workload.
  case pooledRidgeProcess = "pooled-ridge+process"
  /// Gaussian process over design and workload, a subset of all workloads' rows.
  case pooledProcess = "pooled-process"

  /// Whether it is fitted to one workload's rows alone.
  public var isLocal: Bool {
    switch self {
    case .ridge, .boostedTrees, .forest, .process, .ridgeProcess: true
    default: false
    }
  }
}

/// How a committee is trained.
public struct CommitteeOptions: Hashable, Sendable {
  /// The models.
  ///
  /// Default: all but the pooled process; single models were best on some data sets and worst on others, the whole
  /// committee never far from the best (inner value splits; see the documentation of the command).
  public var members: Set<CommitteeMember> = Set(CommitteeMember.allCases)
  /// Rows of the whole log that are learned from, drawn by the seed, as many of each workload as there are; from 10.
  ///
  /// Default: 60,000, more than any log the committee was chosen on has; a million rows teach little more and need hours.
  public var rowLimit = 60_000
  /// Rows that kernel parameters are fitted to, from 10.
  public var kernelRowLimit = 400
  /// Rows of a workload that Gaussian processes are conditioned on, drawn by the seed, from 10.
  public var processRowLimit = 2000
  /// Rows the pooled forest is grown on, drawn by the seed.
  public var forestRowLimit = 15_000
  /// Trees of a forest.
  public var treeCount = 150
  /// Rounds of boosting for one workload and for feasibility; pooled models take five thirds of it.
  public var roundCount = 300
  /// The root of every draw.
  public var seed = Seed(0)
  /// Threads to train on; does not change any result.
  public var threadCount = 1

  /// Creates options with defaults.
  public init() {}
}
