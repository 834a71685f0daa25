public import Execution
import Foundation
public import LinearAlgebra

/// How kernel parameters are searched.
public struct FitOptions: Sendable {
  /// What is believed before any observation.
  public var priors = KernelPriors()
  /// Most rows that parameters are fitted to, drawn by the seed; all rows are used for the posterior.
  public var rowLimit = 500
  /// Most of those rows that several starts are compared on, before the best is refined on all of them.
  public var screeningRowLimit = 200
  /// Searches from different starts, of which the best counts, when no start is given: the mode of the priors, their
  /// medians, then draws around the mode.
  ///
  /// Three found the best of thirteen starts on most random functions of 6 and 10 coordinates; one missed it on every
  /// other function that wiggles, at a great loss.
  public var startCount = 3
  /// Searches when a start is given: from it, then from those above.
  public var warmStartCount = 1
  /// Steps and tolerances of each search.
  public var minimizer: MinimizerOptions
  /// When the posterior is approximated.
  public var limits = GaussianProcess.Limits()

  /// The default options: 60 steps, and an end when a step gains less than `1e-6` of the log density.
  public init() {
    minimizer = MinimizerOptions()
    minimizer.iterationLimit = 60
    minimizer.evaluationLimit = 120
    minimizer.gradientTolerance = 1e-3
    minimizer.decreaseTolerance = 1e-6
  }
}

/// How a fit went.
public struct FitRecord: Hashable, Sendable {
  /// The log posterior density of the parameters on the rows used, without the priors' constants.
  public let logDensity: Double
  /// Rows the parameters were fitted to.
  public let rowCount: Int
  /// Evaluations of density and gradient, over all starts.
  public let evaluationCount: Int
  /// Why the best search ended.
  public let stop: Minimum.Stop
}

extension GaussianProcess {
  /// Finds the kernel parameters of highest posterior density and conditions the process on all observations.
  ///
  /// - Parameters:
  ///   - observations: Targets of mean 0 and variance 1 suit the priors; see `OutputWarping`.
  ///   - kernel: The covariance to begin with.
  ///   - warmStart: Parameters to start from, as a rule those of the last fit.
  ///   - options: Its settings.
  ///   - seed: Of the rows drawn above the row limit and of further starts.
  /// - Returns: A process, always; without observations its parameters are the mode of the priors.
  /// - Complexity: O(*r*^3) per step for *r* rows in use, then the cost of `init`.
  public static func fitted(
    to observations: Observations, kernel: Kernel, warmStart: KernelParameters? = nil,
    options: FitOptions = FitOptions(), seed: Seed = Seed(0)
  ) -> GaussianProcess {
    let startCount = warmStart == nil ? options.startCount : options.warmStartCount
    precondition(startCount >= 1, "at least one search is needed")
    precondition(warmStart?.fit(kernel) ?? true, "one length scale per group of the kernel")
    let rows = chooseRows(options.rowLimit, of: observations.count, seed)
    let fitPriors = options.priors
    let priors = fitPriors.list(for: kernel)
    var evaluationCount = 0
    func search(
      _ rows: ArraySlice<Int>, from start: [Double], _ options: MinimizerOptions
    ) -> Minimum {
      let problem = MarginalLikelihood(
        kernel: kernel, priors: fitPriors, observations: observations.rows(rows.sorted()))
      let minimum = minimize(
        { logarithms, gradient in
          let likelihood = problem.value(logarithms, gradient: &gradient)
          let sum = likelihood + problem.logPrior(logarithms, adding: &gradient)
          for index in gradient.indices { gradient[index] = -gradient[index] }
          return -sum
        }, from: start, within: priors.map(\.range), options: options)
      evaluationCount += minimum.evaluationCount
      return minimum
    }
    // Several starts are compared roughly, and the best of them is refined; one start needs no comparison.
    let isCompared = startCount > 1
    let screened = isCompared ? rows.prefix(options.screeningRowLimit) : rows[...]
    var rough = options.minimizer
    if isCompared { rough.decreaseTolerance = max(rough.decreaseTolerance, 1e-4) }
    var best: Minimum?
    for number in 0..<startCount {
      let start = start(number, warmStart?.logarithms(for: kernel), priors, seed)
      let minimum = search(screened, from: start, rough)
      if best.map({ minimum.value < $0.value }) ?? true { best = minimum }
    }
    if isCompared, let start = best?.point {
      best = search(rows[...], from: start, options.minimizer)
    }
    let logarithms = best?.point ?? priors.map(\.prior.modeLogarithm)
    var process = GaussianProcess(
      kernel: kernel, parameters: KernelParameters(logarithms: logarithms, kernel: kernel),
      observations: observations, limits: options.limits)
    process.fit = best.map {
      FitRecord(
        logDensity: -$0.value, rowCount: rows.count, evaluationCount: evaluationCount,
        stop: $0.stop)
    }
    return process
  }

  private static func start(
    _ number: Int, _ warmStart: [Double]?,
    _ priors: [(prior: LogNormalPrior, range: ClosedRange<Double>)], _ seed: Seed
  ) -> [Double] {
    if let warmStart {
      return number == 0 ? warmStart : start(number - 1, nil, priors, seed)
    }
    if number == 0 { return priors.map(\.prior.modeLogarithm) }
    if number == 1 { return priors.map(\.prior.location) }
    var generator = seed.child("start", number).generator()
    return priors.map { $0.prior.modeLogarithm + min($0.prior.scale, 1.2) * generator.normal() }
  }

  /// Row numbers: as many as the limit allows, in the order they are drawn.
  private static func chooseRows(_ limit: Int, of count: Int, _ seed: Seed) -> [Int] {
    var generator = seed.child("rows").generator()
    var rows = Array(0..<count)
    for place in 0..<min(limit, count) {
      rows.swapAt(place, place + generator.index(below: count - place))
    }
    return Array(rows.prefix(limit))
  }
}
