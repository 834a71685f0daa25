public import Execution
import Foundation
import Synchronization

/// Counts the legal designs of a space and draws them uniformly.
///
/// Parameters that no constraint or condition ties together are independent. Of every group that is tied together the
/// legal designs are counted by a decision diagram, or enumerated, or, when there are too many or parameters are real,
/// estimated; `methods` says which. A space keeps one of these with default options, see `SearchSpace.sampler`.
public struct SpaceSampler: Sendable {
  /// Weighted draws of which one is kept, see `SamplingMethod.Kind.resampled`.
  public static let resampledCount = 64

  let space: SearchSpace
  let measure: RawMeasure
  let parts: [ComponentSampler]

  /// Analyzes a space.
  ///
  /// - Complexity: up to the work `options` allow for every group of tied parameters.
  public init(_ space: SearchSpace, options: CountingOptions = CountingOptions()) {
    self.space = space
    let measure = RawMeasure(space)
    self.measure = measure
    parts = Component.all(of: space).map {
      ComponentSampler($0, of: space, measure: measure, options: options)
    }
  }

  /// How many designs there are, and how many are legal.
  public var size: SpaceSize {
    var raw: DesignCount? = DesignCount(1)
    var legal: DesignCount? = DesignCount(1)
    var share = SpaceSize.Share(value: 1, low: 1, high: 1, isExact: true)
    var relativeVariance = 0.0
    for part in parts {
      raw = raw.flatMap { count in
        ComponentSampler.rawCount(of: part.component, in: space, measure).map { count * $0 }
      }
      legal = legal.flatMap { count in part.count(in: space, measure).map { count * $0 } }
      let factor = part.share(in: space, measure)
      share.value *= factor.value
      share.isExact = share.isExact && factor.isExact
      share.low *= factor.low
      share.high *= factor.high
      if factor.value > 0 {
        let half = (factor.high - factor.low) / 2 / factor.value
        relativeVariance += half * half
      }
    }
    // Several estimates: errors of independent factors add up in squares.
    if parts.count(where: { !$0.share(in: space, measure).isExact }) > 1 {
      let half = share.value * relativeVariance.squareRoot()
      share.low = max(share.low, share.value - half)
      share.high = min(share.high, share.value + half)
    }
    return SpaceSize(rawCount: raw, legalCount: legal, legalShare: share)
  }

  /// Whether every legal design is exactly as likely as every other.
  public var isExact: Bool {
    parts.allSatisfy { part in
      if case .resampled = part { false } else { true }
    }
  }

  /// How the legal designs of each group of parameters are drawn.
  public var methods: [SamplingMethod] {
    parts.map { part in
      let kind: SamplingMethod.Kind =
        switch part {
        case .direct: .direct
        case .counted: .counted
        case .listed: .listed
        case .rejection: .rejection
        case .resampled: .resampled
        }
      return SamplingMethod(
        kind: kind, parameters: part.component.parameters.map { space.parameters[$0].name })
    }
  }

  /// One legal design, uniform over all of them as far as `methods` say.
  ///
  /// - Throws: `DesignSpaceError.noLegalDesign` when there is none, or none was found in 1,000 to 20,000
  ///   draws with bounds.
  public func sample(using generator: inout SeededGenerator) throws(DesignSpaceError) -> Point {
    var coordinates = [Double](repeating: Point.inactive, count: space.parameters.count)
    for part in parts {
      guard part.sample(into: &coordinates, of: space, measure, using: &generator) else {
        throw .noLegalDesign(reason: reason(part))
      }
    }
    return Point(checked: coordinates)
  }

  private func reason(_ part: ComponentSampler) -> String {
    let texts = part.component.constraints.map { "\"\(space.constraints[$0].text)\"" }
    let list = texts.prefix(5).joined(separator: ", ") + (texts.count > 5 ? ", ..." : "")
    switch part {
    case .direct, .counted, .listed: return "nothing fulfills \(list)"
    case .rejection, .resampled: return "none was found that fulfills \(list)"
    }
  }
}

/// Makes the sampler of a space when it is first asked for.
final class LazySampler: Sendable {
  private let sampler = Mutex<SpaceSampler?>(nil)

  func sampler(of space: SearchSpace) -> SpaceSampler {
    sampler.withLock { sampler in
      if let sampler { return sampler }
      let made = SpaceSampler(space)
      sampler = made
      return made
    }
  }
}

extension SearchSpace {
  /// Counts and draws the legal designs, with default options; made at the first call and kept.
  public var sampler: SpaceSampler { lazySampler.sampler(of: self) }

  /// Legal designs, uniform and independent of each other as far as `sampler.methods` say.
  ///
  /// - Throws: `DesignSpaceError.noLegalDesign`.
  public func sample(count: Int, using generator: inout SeededGenerator) throws(DesignSpaceError)
    -> [Point]
  {
    precondition(count >= 0, "a number of samples is not negative")
    let sampler = sampler
    var points: [Point] = []
    points.reserveCapacity(count)
    for _ in 0..<count { points.append(try sampler.sample(using: &generator)) }
    return points
  }
}
