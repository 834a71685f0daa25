/// Whether a mapping can run, as a bit set; zero is legal.
public struct Verdict: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt8

  /// Creates a verdict from bits.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The tiles kept at some level exceed its capacity (rule 1).
  public static let overCapacity = Verdict(rawValue: 1)
  /// The mapping uses more instances of some level than there are, in all or along X or Y (rule 13).
  public static let overFanOut = Verdict(rawValue: 2)

  /// Whether the mapping can run.
  @inlinable public var isLegal: Bool { rawValue == 0 }
}
