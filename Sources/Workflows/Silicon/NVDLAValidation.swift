import Technology

/// One configuration of NVDLA with NVIDIA's area estimates.
///
/// Source: nvdla/doc `doc/primer.rst`, read in text; the vendor's estimates, not silicon.
public struct NVDLAConfiguration: Hashable, Sendable {
  /// 8-bit multiply-accumulate units.
  public var macCount: Int
  /// Convolution buffer, in units of 1024 bytes.
  public var bufferKilobytes: Int
  /// Area at 28 nm, in mm^2.
  public var area28: Double
  /// Area at 16 nm, in mm^2.
  public var area16: Double

  /// How the figures were checked.
  public static let verification = Verification.text

  /// All seven published configurations.
  public static let published: [NVDLAConfiguration] = [
    .init(macCount: 2_048, bufferKilobytes: 512, area28: 5.5, area16: 3.3),
    .init(macCount: 1_024, bufferKilobytes: 256, area28: 3.0, area16: 1.8),
    .init(macCount: 512, bufferKilobytes: 256, area28: 2.3, area16: 1.4),
    .init(macCount: 256, bufferKilobytes: 256, area28: 1.7, area16: 1.0),
    .init(macCount: 128, bufferKilobytes: 256, area28: 1.4, area16: 0.84),
    .init(macCount: 64, bufferKilobytes: 128, area28: 0.91, area16: 0.55),
    .init(macCount: 32, bufferKilobytes: 128, area28: 0.85, area16: 0.51),
  ]
}

/// The form of `AreaModel`, fixed area plus units plus bits, fitted to NVDLA's published areas at one node.
///
/// The slopes are of everything that grows with units or bits, so the area per unit is about ten times the bare
/// datapath of `ComponentLibrary`; the area per bit can be compared with its rule.
public struct NVDLAValidation: Sendable {
  /// Node in nm.
  public let nanometers: Double
  /// Area that does not depend on the configuration, in mm^2.
  public let fixedArea: Double
  /// Area per unit, logic around it included, in um^2.
  public let areaPerMAC: Double
  /// Area per bit of the convolution buffer, its control included, in um^2.
  public let areaPerBit: Double
  /// Published areas, in mm^2, by `NVDLAConfiguration.published`.
  public let published: [Double]
  /// Errors of the fit.
  public let fitted: ErrorSummary
  /// Errors with the configuration left out of the fit.
  public let leaveOneOut: ErrorSummary
  /// Errors of the three constants that make the largest error smallest: no three constants do better.
  public let smallestLargest: ErrorSummary
  /// The same with the configuration left out of the fit.
  public let smallestLargestLeaveOneOut: ErrorSummary

  /// Area per bit over the rule `ComponentLibrary.areaPerBitAndNanometer x node`.
  public var densityOverRule: Double {
    areaPerBit / (ComponentLibrary.areaPerBitAndNanometer * nanometers)
  }

  /// Fits the three constants at 28 nm.
  public static func at28Nanometers() throws(SiliconValidationError) -> NVDLAValidation {
    try NVDLAValidation(nanometers: 28, areas: NVDLAConfiguration.published.map(\.area28))
  }

  /// Fits the three constants at 16 nm.
  public static func at16Nanometers() throws(SiliconValidationError) -> NVDLAValidation {
    try NVDLAValidation(nanometers: 16, areas: NVDLAConfiguration.published.map(\.area16))
  }

  private init(nanometers: Double, areas: [Double]) throws(SiliconValidationError) {
    let rows = NVDLAConfiguration.published.map {
      [1, Double($0.macCount) * 1e-6, Double($0.bufferKilobytes * 8_192) * 1e-6]
    }
    let fit = try RelativeFit(rows, targets: areas)
    self.nanometers = nanometers
    fixedArea = fit.coefficients[0]
    areaPerMAC = fit.coefficients[1]
    areaPerBit = fit.coefficients[2]
    published = areas
    fitted = ErrorSummary(errors: fit.errors)
    leaveOneOut = ErrorSummary(errors: fit.leaveOneOutErrors)
    let minimax = try RelativeFit(rows, targets: areas, loss: .largest)
    smallestLargest = ErrorSummary(errors: minimax.errors)
    smallestLargestLeaveOneOut = ErrorSummary(errors: minimax.leaveOneOutErrors)
  }
}
