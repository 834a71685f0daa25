import LinearAlgebra

extension GaussianProcess {
  /// The log marginal likelihood and its gradient by the logarithms of the parameters.
  ///
  /// In the order design lengths, context lengths, `a`, then those of `v`, `c` and `o` that the kernel has, noise.
  /// All observations are used, whatever the exact limit. The value is `-inf` when the covariance has no factor.
  ///
  /// - Complexity: O(*n*^3).
  public func marginalLikelihoodGradient() -> (value: Double, gradient: [Double]) {
    let problem = MarginalLikelihood(
      kernel: kernel, priors: KernelPriors(), observations: observations)
    var gradient = [Double](repeating: 0, count: parameters.logarithms(for: kernel).count)
    let value = problem.value(parameters.logarithms(for: kernel), gradient: &gradient)
    return (value, gradient)
  }
}
