public import Execution

/// Trainings of one network from different seeds, whose disagreement says how little is known.
public struct SurrogateEnsemble: Sendable {
  /// The trainings, in the order of their seeds.
  public private(set) var members: [SurrogateTraining]

  /// Creates an ensemble.
  ///
  /// - Parameters:
  ///   - count: Members, at least 1.
  ///   - seed: Of every draw.
  ///   - make: Makes the training of a member from its seed: the seed's child `member` with its index.
  /// - Throws: `SurrogateError.option` for no members, and what `make` throws.
  public init(count: Int, seed: Seed, _ make: (Seed) throws -> SurrogateTraining) throws {
    guard (1...1_000).contains(count) else {
      throw SurrogateError.option(
        name: "members", got: "\(count)", expected: "a number in 1...1000")
    }
    members = try (0..<count).map { try make(seed.child("member", $0)) }
  }

  /// Whether nothing is left to do.
  public var isFinished: Bool { members.allSatisfy(\.isFinished) }

  /// Trains all members to their end, in slices of as many steps as lie between two comparisons.
  ///
  /// Members know nothing of each other, so any number of threads gives the same weights.
  /// - Parameters:
  ///   - threadCount: Members that are trained at once, at least 1.
  ///   - afterSlice: Called on the caller's thread when all members have done a slice: to report, or to write files.
  /// - Throws: `CancellationError` when the surrounding task is cancelled, after the slices before; what `afterSlice`
  ///   throws.
  public mutating func run(
    threadCount: Int, afterSlice: (SurrogateEnsemble) throws -> Void = { _ in }
  ) throws {
    while !isFinished {
      let current = members
      let pending = current.indices.filter { !current[$0].isFinished }
      var next: [SurrogateTraining?] = current.map { _ in nil }
      try concurrentJobs(
        count: pending.count, threadCount: threadCount,
        job: { index in
          var training = current[pending[index]]
          let interval = training.options.validationInterval
          // Threads of jobs are in no task, so nothing is thrown.
          try? training.run(until: (training.step / interval + 1) * interval)
          return training
        },
        receive: { index, training in next[pending[index]] = training })
      for (index, training) in next.enumerated() {
        if let training { members[index] = training }
      }
      try afterSlice(self)
    }
  }

  /// Goes on with a member where its file was written, see `SurrogateTraining.resume(from:)`.
  public mutating func resume(member: Int, from file: String) throws {
    try members[member].resume(from: file)
  }

  /// The networks that ranked best, one a member.
  public var networks: [SurrogateNetwork] { members.map(\.network) }
}
