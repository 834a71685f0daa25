import Accelerator

/// Decides whether any mapping of a space can run, and finds one: the yardstick where random draws fail.
///
/// Every prime factor gets a place, one after the other, outermost places first; a branch ends when tiles are too large
/// even if every factor that has no place yet stood as far out as rules let it. Larger factors never shrink a tile, so
/// this bound is valid; where every dimension has an outermost temporal nest without a limit, it is attained, and the
/// first branch decides.
struct LegalMappingSearch {
  enum Verdict {
    /// A legal mapping was found; the state holds it.
    case found
    /// The whole space was searched.
    case impossible
    /// The limit was met.
    case undecided
  }

  /// Places to try before giving up; about 20 ms.
  static let stepLimit = 200_000

  let state: MappingState
  private let resting: RestingPlaces
  private let tokenCount: Int
  /// By token: the product of it and all later ones.
  private let rest: [Int]

  init(_ state: MappingState) {
    self.state = state
    resting = RestingPlaces(state)
    tokenCount = state.tokenCount
    var products: [Int] = [1]
    for token in (0..<tokenCount).reversed() {
      let (product, overflow) = products[0].multipliedReportingOverflow(
        by: state.tokenPrimes[token])
      products.insert(overflow ? .max : product, at: 0)
    }
    rest = products
  }

  /// Searches the space; keep sets are the smallest.
  func run(stepLimit: Int = LegalMappingSearch.stepLimit) -> Verdict {
    let space = state.space
    for level in 0..<state.levelCount { state.keeps[level] = space.keepSets(level: level)[0] }
    state.reset()
    guard state.isCovered, space.allowsAbsentLoops, state.hasOrderedLimits, state.fitsMeshes(),
      state.fitsWhole
    else { return .impossible }
    resting.reserveAll()
    guard state.fits(levels: 0..<state.levelCount) else { return .impossible }
    var steps = stepLimit
    return place(0, &steps)
  }

  private func place(_ token: Int, _ steps: inout Int) -> Verdict {
    guard canUseEnough(from: token) else { return .impossible }
    guard token < tokenCount else { return state.write() ? .found : .impossible }
    let d = state.tokenDimensions[token]
    let prime = state.tokenPrimes[token]
    // Equal factors are interchangeable: they stand in the order of their places.
    let isTwin =
      token > 0 && state.tokenDimensions[token - 1] == d && state.tokenPrimes[token - 1] == prime
    let first = isTwin ? state.tokenPlaces[token - 1] : 0
    resting.release(token)
    for place in first..<state.placeCount {
      let slot = place * state.activeCount + d
      guard state.factors[slot] * prime <= state.highs[slot] else { continue }
      guard steps > 0 else { return .undecided }
      steps -= 1
      state.grow(d, by: prime, at: place)
      state.tokenPlaces[token] = place
      if state.fitsMeshes(), state.fits(levels: 0..<(place / 3 + 1)) {
        let verdict = self.place(token + 1, &steps)
        if verdict != .impossible { return verdict }
      }
      state.shrink(d, by: prime, at: place)
    }
    resting.reserve(token)
    return .impossible
  }

  /// Whether the spatial loops could still use as many units as rules ask for.
  private func canUseEnough(from token: Int) -> Bool {
    guard state.hasFloors else { return true }
    return state.usesEnough(times: rest[token])
  }
}

/// Where the prime factors of each dimension do the least harm while they have no place of their own: the outermost
/// level at which rules let them stand.
///
/// Reserved factors count in tiles only, not in loops or meshes. Factors that rest at the outermost level are not
/// counted at all, since its tiles are whole in every mapping.
struct RestingPlaces {
  private let state: MappingState
  /// By token.
  private let levels: [Int]

  init(_ state: MappingState) {
    self.state = state
    levels = (0..<state.tokenCount).map { token in
      let d = state.tokenDimensions[token]
      let place = (0..<state.placeCount).first { place in
        let slot = place * state.activeCount + d
        return state.lows[slot].multipliedReportingOverflow(by: state.tokenPrimes[token])
          .partialValue <= state.highs[slot]
      }
      // A factor without any place: the search for one finds that out.
      return (place ?? 0) / 3
    }
    isNeeded = levels.contains { $0 > 0 }
  }

  /// Whether any factor counts.
  let isNeeded: Bool

  func reserveAll() {
    guard isNeeded else { return }
    for token in levels.indices { reserve(token) }
  }

  @inline(__always)
  func reserve(_ token: Int) {
    let d = state.tokenDimensions[token]
    var level = levels[token]
    while level > 0 {
      state.extents[level &* state.activeCount &+ d] &*= state.tokenPrimes[token]
      level &-= 1
    }
  }

  @inline(__always)
  func release(_ token: Int) {
    let d = state.tokenDimensions[token]
    var level = levels[token]
    while level > 0 {
      state.extents[level &* state.activeCount &+ d] /= state.tokenPrimes[token]
      level &-= 1
    }
  }
}

extension MapSpace {
  /// Whether any mapping of the space can run.
  ///
  /// Exact where rules only keep dimensions from levels. Otherwise a bounded search decides.
  /// - Returns: `nil` when the bounded search did not end.
  public func hasLegalMapping() -> Bool? {
    switch LegalMappingSearch(MappingState(self)).run() {
    case .found: true
    case .impossible: false
    case .undecided: nil
    }
  }
}
