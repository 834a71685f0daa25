/// When `minimize(_:from:within:options:)` stops.
public struct MinimizerOptions: Hashable, Sendable {
  /// Steps at most.
  public var iterationLimit = 200
  /// Evaluations of the function at most.
  public var evaluationLimit = 1000
  /// Stops when no component of the projected gradient is larger.
  public var gradientTolerance = 1e-6
  /// Stops when a step lowers the value by less than this share of its size (or of 1 if that is smaller).
  public var decreaseTolerance = 1e-10
  /// Earlier steps from which curvature is learned; 10 is the usual choice.
  public var memory = 10

  /// The default options.
  public init() {}
}

/// Where a minimization ended.
public struct Minimum: Hashable, Sendable {
  /// Why it ended.
  public enum Stop: Hashable, Sendable {
    /// The projected gradient is within its tolerance.
    case flat
    /// The last step lowered the value by less than its tolerance.
    case slow
    /// No step along the negative gradient lowers the value: rounding, or a gradient that does not fit the function.
    case noDescent
    /// The limit of steps or evaluations is reached.
    case limit
    /// The value or gradient at the start is not finite; the start is returned.
    case notFiniteAtStart
  }

  /// The best point found, inside its bounds.
  public let point: [Double]
  /// The value there.
  public let value: Double
  /// Why the search ended.
  public let stop: Stop
  /// Steps made.
  public let iterationCount: Int
  /// Evaluations of the function.
  public let evaluationCount: Int
}

/// Looks for a local minimum of a smooth function inside a box, by projected limited-memory BFGS.
///
/// Coordinates at a bound that the gradient pushes outwards are held; the two-loop recursion gives a direction in the
/// others; the step goes along the path projected into the box until the value falls enough (Armijo, with quadratic
/// interpolation) and is doubled while the slope hardly changed (weak Wolfe). Steps to values or gradients that are not
/// finite are cut, so the function may be undefined on parts of the box. No random numbers: equal input gives
/// equal output.
///
/// - Parameters:
///   - function: Returns the value at a point and writes the gradient, of which all elements are overwritten.
///   - start: Moved into the box before anything is evaluated.
///   - bounds: One range per coordinate; infinite ends are allowed.
///   - options: Its settings.
/// - Returns: The best point evaluated; never worse than the start.
/// - Complexity: O(*memory x dimension*) per step besides the function.
/// - SeeAlso: Bertsekas 1982, "Projected Newton methods for optimization problems with simple constraints", section 2;
///   Nocedal and Wright 2006, "Numerical Optimization", algorithm 7.4.
public func minimize(
  _ function: (_ point: [Double], _ gradient: inout [Double]) -> Double, from start: [Double],
  within bounds: [ClosedRange<Double>], options: MinimizerOptions = MinimizerOptions()
) -> Minimum {
  precondition(start.count == bounds.count, "one range per coordinate")
  var search = BoundedSearch(start: start, bounds: bounds, memory: max(1, options.memory))
  search.evaluate(at: search.point, function)
  guard search.accept() else { return search.result(.notFiniteAtStart) }
  while search.iterationCount < options.iterationLimit {
    if search.projectedGradientSize() <= options.gradientTolerance { return search.result(.flat) }
    let before = search.value
    guard search.step(function, evaluationLimit: options.evaluationLimit) else {
      return search.result(search.evaluationCount < options.evaluationLimit ? .noDescent : .limit)
    }
    let scale = max(1, abs(before), abs(search.value))
    if before - search.value <= options.decreaseTolerance * scale { return search.result(.slow) }
    if search.evaluationCount >= options.evaluationLimit { break }
  }
  return search.result(.limit)
}

private struct BoundedSearch {
  typealias Function = (_ point: [Double], _ gradient: inout [Double]) -> Double

  let bounds: [ClosedRange<Double>]
  let memory: Int
  var point: [Double]
  var value = Double.infinity
  var gradient: [Double]
  var iterationCount = 0
  var evaluationCount = 0
  private var steps: [[Double]] = []
  private var changes: [[Double]] = []
  private var trial: (point: [Double], value: Double, gradient: [Double])

  init(start: [Double], bounds: [ClosedRange<Double>], memory: Int) {
    self.bounds = bounds
    self.memory = memory
    gradient = [Double](repeating: 0, count: start.count)
    point = zip(start, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
    trial = (point, .infinity, gradient)
  }

  mutating func evaluate(at candidate: [Double], _ function: Function) {
    trial.point = candidate
    trial.value = function(candidate, &trial.gradient)
    evaluationCount += 1
  }

  private var trialIsFinite: Bool {
    trial.value.isFinite && trial.gradient.allSatisfy(\.isFinite)
  }

  /// Moves to the trial point, if it has a finite value and gradient.
  mutating func accept() -> Bool {
    guard trialIsFinite else { return false }
    (point, value, gradient) = trial
    return true
  }

  func result(_ stop: Minimum.Stop) -> Minimum {
    Minimum(
      point: point, value: value, stop: stop, iterationCount: iterationCount,
      evaluationCount: evaluationCount)
  }

  /// The largest component of the step to `point - gradient` after projection.
  func projectedGradientSize() -> Double {
    var largest = 0.0
    for i in point.indices { largest = max(largest, abs(moved(i, by: -gradient[i]) - point[i])) }
    return largest
  }

  private func moved(_ i: Int, by step: Double) -> Double {
    min(max(point[i] + step, bounds[i].lowerBound), bounds[i].upperBound)
  }

  private func isFree(_ i: Int) -> Bool {
    if point[i] <= bounds[i].lowerBound && gradient[i] >= 0 { return false }
    if point[i] >= bounds[i].upperBound && gradient[i] <= 0 { return false }
    return true
  }

  /// One step; false when none lowers the value.
  mutating func step(_ function: Function, evaluationLimit: Int) -> Bool {
    let free = point.indices.filter { isFree($0) }
    var found = false
    if let direction = curvedDirection(free) {
      found = lineSearch(direction, 1, function, evaluationLimit)
    }
    if !found {
      steps = []
      changes = []
      var direction = [Double](repeating: 0, count: point.count)
      for i in free { direction[i] = -gradient[i] }
      let size = norm(direction)
      found = lineSearch(direction, min(1, 1 / size), function, evaluationLimit)
    }
    guard found else { return false }
    let step = zip(trial.point, point).map { $0 - $1 }
    let change = zip(trial.gradient, gradient).map { $0 - $1 }
    (point, value, gradient) = trial
    steps.append(step)
    changes.append(change)
    if steps.count > memory {
      steps.removeFirst()
      changes.removeFirst()
    }
    iterationCount += 1
    return true
  }

  /// The two-loop recursion over free coordinates; `nil` without usable curvature.
  private func curvedDirection(_ free: [Int]) -> [Double]? {
    var pairs: [(step: [Double], change: [Double], weight: Double)] = []
    for (step, change) in zip(steps, changes) {
      let s = free.map { step[$0] }
      let y = free.map { change[$0] }
      let curvature = dot(s, y)
      if curvature > 1e-12 * norm(s) * norm(y) { pairs.append((s, y, 1 / curvature)) }
    }
    guard let last = pairs.last else { return nil }
    var q = free.map { gradient[$0] }
    let descent = q
    var shares: [Double] = []
    for pair in pairs.reversed() {
      let share = pair.weight * dot(pair.step, q)
      shares.append(share)
      for i in q.indices { q[i] -= share * pair.change[i] }
    }
    let scale = 1 / (last.weight * dot(last.change, last.change))
    for i in q.indices { q[i] *= scale }
    for (pair, share) in zip(pairs, shares.reversed()) {
      let correction = share - pair.weight * dot(pair.change, q)
      for i in q.indices { q[i] += correction * pair.step[i] }
    }
    let slope = dot(q, descent)
    guard slope.isFinite, slope > 1e-10 * norm(q) * norm(descent) else { return nil }
    var direction = [Double](repeating: 0, count: point.count)
    for (place, i) in free.enumerated() { direction[i] = -q[place] }
    return direction
  }

  /// Leaves an acceptable point in `trial`.
  private mutating func lineSearch(
    _ direction: [Double], _ firstLength: Double, _ function: Function, _ evaluationLimit: Int
  ) -> Bool {
    var length = firstLength
    while evaluationCount < evaluationLimit {
      let candidate = point.indices.map { moved($0, by: length * direction[$0]) }
      let predicted = slope(to: candidate)
      guard candidate != point, predicted < 0 else { return false }
      evaluate(at: candidate, function)
      if trialIsFinite && trial.value <= value + 1e-4 * predicted {
        extend(direction, length, function, evaluationLimit)
        return true
      }
      if trialIsFinite {
        // The minimum of the parabola through both values and the slope at the start.
        let share = -predicted / (2 * (trial.value - value - predicted))
        length *= min(0.5, max(0.1, share))
      } else {
        length *= 0.1
      }
    }
    return false
  }

  /// Doubles an accepted step while the slope along it stays above nine tenths of its first size.
  private mutating func extend(
    _ direction: [Double], _ firstLength: Double, _ function: Function, _ evaluationLimit: Int
  ) {
    var length = firstLength
    for _ in 0..<10 {
      let best = trial
      let step = zip(best.point, point).map { $0 - $1 }
      guard dot(best.gradient, step) < 0.9 * dot(gradient, step) else { return }
      length *= 2
      let candidate = point.indices.map { moved($0, by: length * direction[$0]) }
      guard candidate != best.point, evaluationCount < evaluationLimit else { return }
      evaluate(at: candidate, function)
      let isBetter = trialIsFinite && trial.value < best.value
      guard isBetter, trial.value <= value + 1e-4 * slope(to: candidate) else {
        trial = best
        return
      }
    }
  }

  private func slope(to candidate: [Double]) -> Double {
    var sum = 0.0
    for i in point.indices { sum += gradient[i] * (candidate[i] - point[i]) }
    return sum
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }

  private func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
}
