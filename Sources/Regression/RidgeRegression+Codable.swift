import LinearAlgebra

extension RidgeRegression: Codable {
  private enum CodingKeys: String, CodingKey {
    case penalty, leaveOneOutError, degree, intercept
    case means, factors, featureMeans, featureFactors, coefficients
  }

  /// Reads a polynomial, without the leave-one-out predictions of its training rows.
  ///
  /// - Throws: `DecodingError` for lists whose lengths do not belong together.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func list(_ key: CodingKeys) throws -> [Double] {
      try container.decode(PackedNumbers.self, forKey: key).values
    }
    penalty = try container.decode(Double.self, forKey: .penalty)
    leaveOneOutError = try container.decode(Double.self, forKey: .leaveOneOutError)
    leaveOneOutPredictions = []
    degree = try container.decode(Int.self, forKey: .degree)
    intercept = try container.decode(Double.self, forKey: .intercept)
    columns = ColumnScaling(means: try list(.means), factors: try list(.factors))
    features = ColumnScaling(means: try list(.featureMeans), factors: try list(.featureFactors))
    coefficients = try list(.coefficients)
    let width = columns.means.count
    let featureCount = degree == 2 ? width * (width + 3) / 2 : width
    guard (1...2).contains(degree), columns.factors.count == width,
      features.means.count == featureCount, features.factors.count == featureCount,
      coefficients.count == featureCount
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .coefficients, in: container,
        debugDescription: "\(coefficients.count) coefficients for \(width) columns")
    }
  }

  /// Writes the polynomial.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(penalty, forKey: .penalty)
    try container.encode(leaveOneOutError, forKey: .leaveOneOutError)
    try container.encode(degree, forKey: .degree)
    try container.encode(intercept, forKey: .intercept)
    try container.encode(PackedNumbers(columns.means), forKey: .means)
    try container.encode(PackedNumbers(columns.factors), forKey: .factors)
    try container.encode(PackedNumbers(features.means), forKey: .featureMeans)
    try container.encode(PackedNumbers(features.factors), forKey: .featureFactors)
    try container.encode(PackedNumbers(coefficients), forKey: .coefficients)
  }

  /// Columns that points have.
  public var columnCount: Int { columns.means.count }
}
