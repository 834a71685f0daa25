public import DesignSpace
public import Execution

/// A search method in ask-and-tell form: it proposes designs and learns from trials.
///
/// - `suggest` may be called any number of times before an `observe`; what was suggested and not yet told is
///   outstanding, and is not suggested again while the space has other legal designs.
/// - Only `observe` changes what is known. Trials it never suggested are welcome: that is how a search starts warm.
/// - Every suggestion is a legal point of the space. Same space, options, trials and generator: same suggestions.
public protocol Designer: Sendable {
  /// Name for the origin of trials, for example `evolution`.
  var name: String { get }

  /// Proposes designs to evaluate.
  ///
  /// - Returns: `count` points; fewer only when the space has no further legal design to offer.
  /// - Throws: `DesignSpaceError.noLegalDesign` when the space has none.
  mutating func suggest(count: Int, using generator: inout SeededGenerator) throws -> [Point]

  /// Learns from trials of the problem, in the order of their recording; failed ones only settle what is outstanding.
  mutating func observe(_ trials: [Trial]) throws

  /// Takes designs that somebody else asked for as outstanding, so that they are not suggested again.
  ///
  /// The default does nothing: a designer whose suggestions are its own business needs no more.
  mutating func reserve(_ points: [Point])
}

extension Designer {
  /// Does nothing.
  public mutating func reserve(_ points: [Point]) {}
}
