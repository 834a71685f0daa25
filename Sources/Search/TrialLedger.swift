import DesignSpace
import Study

/// The trials of a search whose evaluations end in any order: what is asked, answered, told.
struct TrialLedger {
  private let problem: Problem
  private let budget: SearchBudget
  private let window: Int
  /// The number of this search's first trial.
  private let firstID: Int
  /// Proposed designs in the order of their numbers.
  private var asked: [Point] = []
  /// Answers by place; `nil` while outstanding.
  private var answers: [Trial?] = []
  /// Trials the designer knows.
  private(set) var told: [Trial] = []
  /// Whether trials were told since the last request.
  private(set) var hasNewTrials = false
  /// Places that have to be evaluated, in order.
  private var waiting: ArraySlice<Int> = []
  /// Recorded trials by design, in the order of recording.
  private var recorded: [Point: ArraySlice<Trial>] = [:]
  private var recordedCount: Int
  /// Places below have been handed over for recording, or are recorded already.
  private var recordableCount = 0
  private var isRecorded: [Bool] = []
  /// Places below must be told before the designer is asked again, since it had nothing to offer.
  private var patience = 0
  /// Why no more is asked for.
  private var reason: SearchResult.Ending?
  private var failuresInARow = 0
  private var finishedCount = 0
  private var feasibleCount = 0
  private var best: Trial?
  private var bestOfHistory: Trial?

  init(problem: Problem, budget: SearchBudget, window: Int, history: [Trial], recorded: [Trial]) {
    self.problem = problem
    self.budget = budget
    self.window = max(window, budget.batchCount)
    firstID = (history.map(\.id).max() ?? -1) + 1
    recordedCount = recorded.count
    for trial in recorded { self.recorded[trial.point, default: []].append(trial) }
    bestOfHistory = history.reduce(nil, better)
    best = bestOfHistory
  }

  var nextID: Int { firstID + asked.count }

  /// How many designs the next request is for.
  var requestCount: Int { min(budget.batchCount, budget.evaluationCount - asked.count) }

  /// Trials that must be told, no more and no fewer, when the next request is made.
  private var threshold: Int { max(0, asked.count + budget.batchCount - window, patience) }

  private var canAsk: Bool { reason == nil && asked.count < budget.evaluationCount }

  var mayAsk: Bool { canAsk && told.count >= threshold }

  /// Why the search is over; `nil` while it is not.
  var ending: SearchResult.Ending? {
    if failuresInARow >= budget.failureCount { return .failures }
    guard told.count == asked.count, !canAsk else { return nil }
    return reason ?? .budget
  }

  /// Asks for nothing more; what is outstanding is still waited for.
  mutating func stop(_ reason: SearchResult.Ending) { self.reason = reason }

  mutating func ask(_ points: [Point], origin: Trial.Origin, context: Context) {
    hasNewTrials = false
    guard !points.isEmpty else {
      if told.count == asked.count { reason = .exhausted } else { patience = asked.count }
      return
    }
    for point in points {
      asked.append(point)
      if let trial = recorded[point]?.popFirst() {
        recordedCount -= 1
        let kept = Trial(
          id: firstID + asked.count - 1, point: point, context: context.id,
          outcome: problem.judging(trial.outcome), origin: trial.origin)
        answers.append(kept)
        isRecorded.append(true)
        finishedCount += 1
        consider(kept)
      } else {
        answers.append(nil)
        isRecorded.append(false)
        waiting.append(asked.count - 1)
      }
    }
  }

  /// The trials up to the next request, or to the end, once all of them are answered.
  ///
  /// Failures in a row end a search without waiting for the rest.
  mutating func takeChunk() -> [Trial]? {
    let end = canAsk ? threshold : asked.count
    guard told.count < end else { return nil }
    var chunk: [Trial] = []
    var failures = failuresInARow
    for place in told.count..<end {
      guard let trial = answers[place] else { return nil }
      chunk.append(trial)
      // Who resumes has mended the evaluator: recorded failures do not count again.
      if case .failed = trial.outcome, !isRecorded[place] { failures += 1 } else { failures = 0 }
      if failures >= budget.failureCount { break }
    }
    failuresInARow = failures
    told += chunk
    hasNewTrials = true
    return chunk
  }

  /// Refuses a record with designs that this search does not propose.
  func checkRecord() throws(SearchError) {
    guard recordedCount > 0, asked.count < budget.evaluationCount else { return }
    let place = answers.firstIndex { $0 == nil } ?? answers.count
    throw .recordDiffers(trial: firstID + place)
  }

  mutating func nextToEvaluate() -> (id: Int, point: Point)? {
    waiting.popFirst().map { (firstID + $0, asked[$0]) }
  }

  mutating func finish(
    _ finished: FinishedEvaluation, origin: Trial.Origin, context: Context
  ) -> Trial {
    let place = finished.id - firstID
    let trial = Trial(
      id: finished.id, point: asked[place], context: context.id,
      outcome: problem.judging(finished.outcome), origin: origin)
    answers[place] = trial
    finishedCount += 1
    consider(trial)
    return trial
  }

  /// Finished trials without an unfinished one before them that are not recorded yet.
  mutating func takeRecordable() -> [Trial] {
    var result: [Trial] = []
    while recordableCount < answers.count, let trial = answers[recordableCount] {
      if !isRecorded[recordableCount] { result.append(trial) }
      recordableCount += 1
    }
    return result
  }

  private mutating func consider(_ trial: Trial) {
    guard problem.cost(of: trial.outcome) != nil else { return }
    feasibleCount += 1
    best = better(best, trial)
  }

  /// The better one by the first objective, the earlier one of equals.
  private func better(_ best: Trial?, _ trial: Trial) -> Trial? {
    guard let cost = problem.cost(of: problem.judging(trial.outcome)) else { return best }
    guard let best, let known = problem.cost(of: problem.judging(best.outcome)) else {
      return trial
    }
    return (cost, trial.id) < (known, best.id) ? trial : best
  }

  /// How far the search is, trials included that ended before earlier ones.
  var progress: SearchProgress {
    SearchProgress(
      evaluationCount: finishedCount, largestCount: budget.evaluationCount,
      feasibleCount: feasibleCount, best: best)
  }

  /// What was found by the trials that are told, which are the same whatever ended first.
  func result(_ ending: SearchResult.Ending) -> SearchResult {
    SearchResult(trials: told, best: told.reduce(bestOfHistory, better), ending: ending)
  }
}
