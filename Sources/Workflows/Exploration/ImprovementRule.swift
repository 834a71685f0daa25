import BayesianOptimization
import Execution
import Study

/// Ends a search when nothing promises a worthwhile improvement any more.
///
/// Every fifth trial from the twentieth on, the largest expected improvement of any design left is estimated; when it is
/// below the threshold three times in a row, it is enough. One low estimate may be a model that is too sure of itself.
struct ImprovementRule {
  static let firstCount = 20
  static let interval = 5
  static let patience = 3

  private let threshold: Double?
  private let seed: Seed
  private var predictor: StudyPredictor
  private var observedCount = 0
  private var lowCount = 0

  /// - Parameter threshold: A share of the best objective; `nil` never ends a search.
  init(_ threshold: Double?, _ problem: Problem, seed: Seed) {
    self.threshold = threshold
    self.seed = seed.child("improvement")
    predictor = StudyPredictor(problem)
  }

  /// Learns from trials that are no part of the search.
  mutating func observe(_ history: [Trial]) {
    if threshold != nil { predictor.observe(history) }
  }

  /// Whether the trials so far are enough.
  mutating func isMet(by trials: [Trial]) -> Bool {
    guard let threshold else { return false }
    while lowCount < Self.patience {
      let next = max(Self.firstCount, (observedCount / Self.interval + 1) * Self.interval)
      guard next <= trials.count else { break }
      predictor.observe(Array(trials[observedCount..<next]))
      observedCount = next
      let improvement = predictor.expectedImprovement(seed: seed.child("check", next))
      lowCount = improvement.map { $0 < threshold } ?? false ? lowCount + 1 : 0
    }
    return lowCount >= Self.patience
  }
}
