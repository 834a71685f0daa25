import Foundation
import LinearAlgebra

/// What a cheap model says of one quantity, as numbers of mean 0 and deviation 1 over the designs that were measured.
struct CheapScale: Hashable, Sendable {
  /// Readings are taken as logarithms, as far as they are positive.
  let isLogarithmic: Bool
  private let center: Double
  private let deviation: Double
  /// Stands for readings that are missing: the largest known.
  private let missing: Double

  /// - Returns: `nil` for fewer than three readings, and for equal ones.
  init?(_ readings: [Double?]) {
    let known = readings.compactMap { $0 }
    guard known.count >= 3 else { return nil }
    isLogarithmic = known.allSatisfy { $0 > 0 }
    let numbers = isLogarithmic ? known.map { log($0) } : known
    let mean = numbers.reduce(0) { $0 + $1 / Double(numbers.count) }
    let variance = numbers.reduce(0) {
      $0 + ($1 - mean) * ($1 - mean) / Double(numbers.count)
    }
    guard variance > 0, variance.isFinite else { return nil }
    center = mean
    deviation = variance.squareRoot()
    missing = ((numbers.max() ?? mean) - mean) / deviation
  }

  /// A reading on the scale.
  func scaled(_ reading: Double?) -> Double {
    guard let reading, !isLogarithmic || reading > 0 else { return missing }
    return ((isLogarithmic ? log(reading) : reading) - center) / deviation
  }

  func scaled(_ readings: [Double?]) -> [Double] { readings.map { scaled($0) } }
}

/// How a process uses a cheap model: as its mean, and maybe as a column of its designs, too.
///
/// - SeeAlso: Kennedy and O'Hagan 2000, "Predicting the Output from a Complex Computer Code When Fast Approximations Are
///   Available", equation 1: the expensive output is a multiple of the cheap one plus an independent process. Differs from the
///   paper: the cheap output is known at every design, so it is no process itself; the multiple is that of least squares, shrunk
///   towards 0; and the process may see the cheap output as an input (Perdikaris et al. 2017, "Nonlinear Information Fusion
///   Algorithms for Data-Efficient Multi-Fidelity Modelling", section 2).
struct CheapTrend: Sendable {
  let scale: CheapScale
  /// What the target changes by when the cheap output changes by a deviation, above 0.
  let slope: Double
  /// Whether the cheap output is the last column of the process's designs.
  let isColumn: Bool

  /// What makes of readings on the scale a column about as wide as those of parameters.
  static let columnShare = 0.25

  func mean(_ readings: [Double?]) -> [Double] { readings.map { slope * scale.scaled($0) } }

  func extended(_ rows: Matrix, _ readings: [Double?]) -> Matrix {
    guard isColumn else { return rows }
    return Self.extended(rows, scale.scaled(readings))
  }

  static func extended(_ rows: Matrix, _ scaled: [Double]) -> Matrix {
    rows.appending(
      columns: Matrix(
        rowCount: rows.rowCount, columnCount: 1, values: scaled.map { columnShare * $0 }))
  }
}
