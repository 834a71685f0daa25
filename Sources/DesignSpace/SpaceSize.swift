/// How large a space is, and how much of it is legal.
public struct SpaceSize: Hashable, Sendable {
  /// A share of all designs, measured or counted.
  public struct Share: Hashable, Sendable {
    /// The share, in `[0, 1]`.
    public var value: Double
    /// Bounds of the 95 % interval; both equal `value` when it is counted.
    public var low: Double
    /// The upper bound.
    public var high: Double
    /// Whether the share is counted, not estimated.
    public var isExact: Bool
  }

  /// Designs before constraints; `nil` when a parameter is real.
  public var rawCount: DesignCount?
  /// Legal designs; `nil` when a parameter is real or constraints tie too many parameters together to count.
  public var legalCount: DesignCount?
  /// The share of raw designs that is legal, by volume along the scales where parameters are real.
  public var legalShare: Share
}

/// How the legal designs of one group of parameters are drawn.
public struct SamplingMethod: Hashable, Sendable {
  /// The way.
  public enum Kind: String, Hashable, Sendable {
    /// No constraint: direct draws; exactly uniform.
    case direct
    /// A decision diagram of all legal designs; exactly uniform.
    case counted
    /// A list of all legal designs; exactly uniform.
    case listed
    /// Raw draws until one is legal; exactly uniform.
    case rejection
    /// Weighted draws, of which one is kept by weight; uniform in the limit only.
    ///
    /// Of `SpaceSampler.resampledCount` draws with bounds one is kept with a probability proportional to its weight.
    /// The error is of the order of the relative variance of the weights divided by their number.
    case resampled
  }

  /// The way.
  public var kind: Kind
  /// Names of the parameters of the group.
  public var parameters: [String]

  /// Whether every legal design is exactly as likely as every other.
  public var isExact: Bool { kind != .resampled }
}
