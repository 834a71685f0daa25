/// After how many observations kernel parameters are fitted anew.
///
/// A function of the number of observations alone, so that a history told at once and one told trial by trial end with
/// the same parameters: at every power of two the fit starts cold, in between it starts from the last one, after a tenth
/// more observations each time, from 128 on a quarter. From 256 on every fit starts cold: a long history told at once then costs
/// one fit.
enum RefitSchedule {
  /// Fewest observations that parameters are fitted to.
  static let smallestCount = 4

  /// From this count on all fits start cold.
  static let lastWarmCount = 256

  /// The counts at which parameters are fitted on the way to `count` observations, the first one cold.
  static func checkpoints(for count: Int) -> [Int] {
    guard count >= smallestCount else { return [] }
    var cold = smallestCount
    while cold * 2 <= count { cold *= 2 }
    var result = [cold]
    while let last = result.last {
      let step = max(1, last < 128 ? last / 10 : last / 4)
      guard last + step <= count else { break }
      result.append(last + step)
    }
    return cold >= lastWarmCount ? Array(result.suffix(1)) : result
  }
}
