/// How a surrogate is trained; the defaults are PRIME's where it says something, see each.
public struct TrainingOptions: Hashable, Sendable {
  /// Steps of the whole training.
  ///
  /// PRIME's release has 1,000,000; ours keeps 8,000 rows within a quarter of an hour, see the benchmark.
  public var stepCount = 4_000
  /// Rate of Adam's steps (PRIME: 1e-4).
  public var learningRate: Float = 1e-4
  /// Feasible designs of a step, drawn with replacement, contexts in turn (PRIME: 256).
  public var batchCount = 256
  /// Infeasible designs of a step (PRIME: 256).
  public var infeasibleCount = 256
  /// Share of the parameters that are shown as unknown in training, where an encoding has columns for that.
  ///
  /// So these columns come to mean "any of the known values" instead of nothing at all; not in PRIME.
  public var unknownShare = 0.02
  /// What is minimized.
  public var loss = ConservativeLoss()
  /// Where negatives come from.
  public var mining = NegativeMining.firefly(NegativeMining.SwarmOptions())
  /// Which feasible rows are kept to compare weights on.
  public var holdOut = HoldOut.random(share: 0.1)
  /// Steps between two comparisons on the held-out rows (PRIME: 1,000 of 1,000,000).
  public var validationInterval = 250
  /// Comparisons without a better one after which training ends; `nil` to do all steps.
  public var patience: Int?
  /// What weights are compared by.
  public var selection = Selection.tauB

  /// A measure of ranking on held-out rows, its mean over the contexts.
  public enum Selection: String, Hashable, Sendable, Codable, CaseIterable {
    /// Kendall's tau-b.
    case tauB
    /// As PRIME's release computes it: ties are concordant.
    case tiesConcordant
  }

  /// Creates the defaults.
  public init() {}

  func validated() throws(SurrogateError) -> TrainingOptions {
    for (name, value, range) in [
      ("steps", stepCount, 0...1_000_000_000), ("batch", batchCount, 1...1_000_000),
      ("infeasible designs of a batch", infeasibleCount, 0...1_000_000),
      ("steps between comparisons", validationInterval, 1...1_000_000_000),
      ("patience", patience ?? 1, 1...1_000_000_000),
    ] where !range.contains(value) {
      throw .option(
        name: name, got: "\(value)",
        expected: "a number in \(range.lowerBound)...\(range.upperBound)")
    }
    guard learningRate > 0, learningRate <= 1 else {
      throw .option(name: "learning rate", got: "\(learningRate)", expected: "a number in 0...1")
    }
    guard unknownShare >= 0, unknownShare <= 0.9 else {
      throw .option(
        name: "share of unknown values", got: "\(unknownShare)", expected: "a number in 0...0.9")
    }
    _ = try loss.validated()
    _ = try mining.validated()
    return self
  }

  /// A number that differs where options differ in what a resumed training must have in common.
  var fingerprint: UInt64 {
    var copy = self
    copy.stepCount = 0
    var digest = Digest()
    digest.add(utf8: "\(copy)")
    return digest.value
  }
}

/// The FNV-1a hash of 64 bits, to notice changed bytes; not for secrets.
///
/// - SeeAlso: Fowler, Noll, Vo, IETF draft-eastlake-fnv, section 2 (the algorithm) and section 5 (the constants).
struct Digest {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

  mutating func add(utf8 text: String) { for byte in text.utf8 { add(byte) } }

  mutating func add(_ number: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  /// One round a number instead of four, for long lists.
  mutating func add(_ numbers: [Float]) {
    for number in numbers { value = (value ^ UInt64(number.bitPattern)) &* 0x100_0000_01b3 }
  }

  mutating func add(_ bytes: [UInt8]) { for byte in bytes { add(byte) } }
}
