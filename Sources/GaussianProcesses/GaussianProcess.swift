import LinearAlgebra

/// A probability distribution over functions, conditioned on observations; a value.
///
///     let data = try Observations(points: rows, targets: standardized)
///     let process = GaussianProcess.fitted(to: data, kernel: Kernel(design: .init(columnCount: 10)))
///     let prediction = process.prediction(at: candidates)
///
/// Up to `exactLimit` observations the posterior is exact. Beyond, it is the FITC approximation on inducing points
/// chosen among the rows (`InducingPoints`), whose cost grows with the number of rows only linearly.
///
/// The prior mean is 0: for another one, pass the differences to it as targets and add it to predictions.
///
/// - SeeAlso: Rasmussen and Williams 2006, algorithm 2.1; Snelson and Ghahramani 2006, "Sparse Gaussian Processes
///   using Pseudo-inputs", equations 6 to 8.
public struct GaussianProcess: Sendable {
  /// How covariances are approximated when there are many observations.
  public struct Limits: Hashable, Sendable {
    /// Most observations of an exact posterior, O(*n*^3); at 2,000 a factorization takes about 0.1 s.
    public var exactLimit = 2000
    /// Inducing points beyond that.
    public var inducingCount = 512

    /// The default limits.
    public init() {}
  }

  /// The covariance function.
  public let kernel: Kernel
  /// Its length scales and variances.
  public let parameters: KernelParameters
  /// What the process is conditioned on.
  public let observations: Observations
  /// How the parameters were found; `nil` when they were given.
  public internal(set) var fit: FitRecord?

  let covariance: Covariance
  let limits: Limits
  private let kept: KeptState

  /// What predictions are computed from; O(*n*^3) where only the mean was kept.
  var state: PosteriorState {
    switch kept {
    case .everything(let state): state
    case .mean: .exact(ExactState(covariance, observations))
    }
  }

  /// Conditions a process with given parameters on observations.
  ///
  /// Never fails on finite data: when the covariance has no factor in double precision, `1e-10` of its mean diagonal
  /// is added to the noise, then ten times as much, and so on until it has one; see `addedNoise`.
  ///
  /// - Complexity: O(*n*^3) time and O(*n*^2) memory up to `limits.exactLimit`; then O(*n m*^2) for *m* inducing points.
  public init(
    kernel: Kernel, parameters: KernelParameters, observations: Observations,
    limits: Limits = Limits()
  ) {
    precondition(
      observations.points.columnCount == kernel.columnCount, "one column per column of the kernel")
    precondition(limits.inducingCount >= 1, "at least one inducing point is needed")
    let covariance = Covariance(kernel: kernel, parameters: parameters)
    let isExact = observations.count <= limits.exactLimit
    self.init(
      covariance: covariance, observations: observations, limits: limits,
      state: isExact
        ? .exact(ExactState(covariance, observations))
        : .inducing(InducingState(covariance, observations, count: limits.inducingCount)))
  }

  init(
    covariance: Covariance, observations: Observations, limits: Limits, state: PosteriorState
  ) {
    self.init(
      covariance: covariance, observations: observations, limits: limits, kept: .everything(state))
  }

  private init(
    covariance: Covariance, observations: Observations, limits: Limits, kept: KeptState
  ) {
    kernel = covariance.kernel
    parameters = covariance.parameters
    self.covariance = covariance
    self.observations = observations
    self.limits = limits
    self.kept = kept
  }

  /// The process in O(*n*) instead of O(*n*^2) memory: the mean is as quick as before, to the last bit, everything else
  /// factors the covariance of the observations each time it is asked.
  ///
  /// A process on inducing points stays as it is.
  /// - Complexity: O(*n*).
  public func keepingMeanOnly() -> GaussianProcess {
    guard case .everything(.exact(let state)) = kept else { return self }
    var result = GaussianProcess(
      covariance: covariance, observations: observations, limits: limits,
      kept: .mean(PosteriorMean(rows: state.rows, weights: state.weights)))
    result.fit = fit
    return result
  }

  /// What the mean is computed from, where that alone was kept.
  var meanOnly: PosteriorMean? {
    if case .mean(let mean) = kept { mean } else { nil }
  }

  /// What had to be added to the noise variance to factor the covariance, 0 as a rule.
  public var addedNoise: Double {
    switch state {
    case .exact(let state): state.factor.addedJitter
    case .inducing(let state): state.factor.addedJitter
    }
  }

  /// Whether the posterior is exact, not approximated on inducing points.
  public var isExact: Bool {
    switch kept {
    case .everything(.inducing): false
    case .everything(.exact), .mean: true
    }
  }

  /// The logarithm of the marginal likelihood of the targets (of the approximation when it is in use).
  public var logMarginalLikelihood: Double {
    switch state {
    case .exact(let state): state.logMarginalLikelihood(observations.targets)
    case .inducing(let state): state.logMarginalLikelihood
    }
  }

  /// The process conditioned on more observations, with the same parameters.
  ///
  /// - Complexity: O(*n*^2 *k*) for *k* new rows while exact; O(*m*^3 + *m*^2 *k*) with *m* inducing points, which stay;
  ///   everything is built anew when the exact limit is passed.
  public func appending(_ more: Observations) -> GaussianProcess {
    precondition(
      more.points.columnCount == kernel.columnCount, "one column per column of the kernel")
    let all = observations.appending(more)
    let extended: PosteriorState
    switch state {
    case .exact(let state):
      guard all.count <= limits.exactLimit else {
        return GaussianProcess(
          kernel: kernel, parameters: parameters, observations: all, limits: limits)
      }
      extended = .exact(state.appending(more, to: observations, all, covariance))
    case .inducing(let state):
      extended = .inducing(state.appending(more, covariance))
    }
    var result = GaussianProcess(
      covariance: covariance, observations: all, limits: limits, state: extended)
    result.fit = fit
    return result
  }
}

/// What of a posterior is in memory.
private enum KeptState: Sendable {
  case everything(PosteriorState)
  case mean(PosteriorMean)
}

/// What the mean of an exact posterior is computed from.
struct PosteriorMean: Sendable {
  let rows: Covariance.Rows
  /// The inverse covariance times the targets.
  let weights: [Double]
}

/// What predictions are computed from.
enum PosteriorState: Sendable {
  case exact(ExactState)
  case inducing(InducingState)
}

extension Cholesky.Jitter {
  /// Always ends with a factor for finite covariances: at ten times the mean diagonal any rounding is drowned.
  static let untilFactored = Cholesky.Jitter.escalating(from: 1e-10, to: 10)
}
