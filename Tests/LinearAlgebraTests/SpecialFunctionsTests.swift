import LinearAlgebra
import Testing

@Suite struct SpecialFunctionsTests {
  struct Content: Decodable {
    struct Normal: Decodable {
      var u: Double
      var logDistribution: Double?
      var logImprovement: Double
      var logDensity: Double
    }
    struct Scaled: Decodable {
      var x: Double
      var value: Double
    }
    struct Quantile: Decodable {
      var p: Double
      var value: Double
    }
    var normal: [Normal]
    var scaledComplementaryError: [Scaled]
    var quantiles: [Quantile]
  }

  @Test func normalFunctionsAgreeWithHighPrecision() throws {
    let content = try reference("special-functions", as: Content.self)
    #expect(content.normal.count == 29)
    for row in content.normal {
      #expect(relativeError(SpecialFunctions.logNormalDensity(row.u), row.logDensity) < 1e-15)
      // Near u = -1 and -25 up to u^2 = 625 units of the last place cancel.
      let improvement = SpecialFunctions.logImprovement(row.u)
      #expect(relativeError(improvement, row.logImprovement) < 2e-14, "u = \(row.u)")
      guard let expected = row.logDistribution else { continue }
      let distribution = SpecialFunctions.logNormalDistribution(row.u)
      // Above 0 the argument of erfc is rounded: u^2 units of the last place of a number below 1e-9.
      #expect(abs(distribution - expected) < 1e-14 * max(1e-3, abs(expected)), "u = \(row.u)")
    }
  }

  @Test func scaledErrorFunctionAgreesWithHighPrecision() throws {
    let content = try reference("special-functions", as: Content.self)
    for row in content.scaledComplementaryError {
      let value = SpecialFunctions.scaledComplementaryError(row.x)
      #expect(relativeError(value, row.value) < 1e-14, "x = \(row.x)")
    }
    #expect(SpecialFunctions.scaledComplementaryError(-30) == .infinity)
  }

  @Test func quantilesAgreeWithHighPrecision() throws {
    let content = try reference("special-functions", as: Content.self)
    for row in content.quantiles {
      let error = abs(SpecialFunctions.normalQuantile(row.p) - row.value)
      #expect(error < 1e-14 * max(1, abs(row.value)), "p = \(row.p)")
    }
    #expect(SpecialFunctions.normalQuantile(0) == -.infinity)
    #expect(SpecialFunctions.normalQuantile(1) == .infinity)
  }

  @Test func logImprovementIsSmoothAndRising() {
    var last = -Double.infinity
    for step in -400...80 {
      let u = Double(step) / 10
      let value = SpecialFunctions.logImprovement(u)
      #expect(value > last)
      last = value
    }
  }
}
