import LinearAlgebra

extension GaussianProcess {
  /// What the process would predict for each observation if it had all others but not that one, parameters unchanged.
  ///
  ///     mean_i = y_i - [K^-1 y]_i / [K^-1]_ii,   variance_i = 1 / [K^-1]_ii
  ///
  /// The variances are those of observations: the noise is in them, so that residuals can be compared with them.
  ///
  /// - Complexity: O(*n*^3), or O(*n m*^2) with *m* inducing points, whose places are kept.
  /// - SeeAlso: Rasmussen and Williams 2006, equations 5.10 to 5.12.
  public func leaveOneOut() -> Prediction {
    let residuals: [Double]
    let precisions: [Double]
    switch state {
    case .exact(let state):
      residuals = state.weights
      precisions = state.factor.inverseLowerTriangle().diagonal
    case .inducing(let state):
      let fitted = state.features.product(with: state.weights)
      let regained = state.factor.whiten(rows: state.features).squaredRowNorms()
      residuals = fitted.indices.map {
        (observations.targets[$0] - fitted[$0]) / state.noises[$0]
      }
      precisions = regained.indices.map {
        (1 - regained[$0] / state.noises[$0]) / state.noises[$0]
      }
    }
    return Prediction(
      mean: residuals.indices.map { observations.targets[$0] - residuals[$0] / precisions[$0] },
      variance: precisions.map { 1 / $0 })
  }
}
