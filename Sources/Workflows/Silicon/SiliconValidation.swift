import Foundation
public import Technology

/// The model against silicon: power of Eyeriss, area of NVDLA.
public struct SiliconValidation: Sendable {
  /// Errors a model of this kind is expected to stay within.
  public enum Target {
    /// Mean absolute error of Eyeriss' layer power.
    public static let eyerissMean = 0.05
    /// Largest absolute error of NVDLA's area.
    public static let nvdlaLargest = 0.08
    /// Largest absolute error of NVDLA's area, configuration left out.
    public static let nvdlaLeaveOneOut = 0.10
  }

  /// Eyeriss, AlexNet, 65 nm.
  public let eyeriss: EyerissValidation
  /// NVDLA at 28 and 16 nm.
  public let nvdla: [NVDLAValidation]

  /// Runs every comparison.
  ///
  /// - Throws: Only when the tables or the published figures are changed.
  public init(library: ComponentLibrary = .shipped) throws {
    eyeriss = try EyerissValidation(library: library)
    nvdla = [try .at28Nanometers(), try .at16Nanometers()]
  }

  /// Published VGG-16 throughput against the bound of active PEs: how many times slower the chip is.
  ///
  /// Uses the two numbers of the paper's abstract and 156 active PEs, the most on any AlexNet layer but none of VGG-16.
  /// No measured layer of VGG-16 entered a fitted constant; DECISIONS 12 says which choices were not blind to them.
  public var vgg16Slowdown: Double {
    let bound =
      Double(EyerissFigures.alexNet.map(\.measured.activeUnits).max() ?? 0)
      * EyerissFigures.megahertz * 1e6
    let published =
      EyerissFigures.vgg16.framesPerSecond * EyerissFigures.vgg16.gigaMACsPerFrame * 1e9
    return bound / published
  }

  /// The comparison as text, at most 100 columns wide.
  public func report() -> String {
    (eyerissLines + [""] + nvdla.flatMap(lines(of:))).joined(separator: "\n") + "\n"
  }

  private var eyerissLines: [String] {
    let rows = eyeriss.layers.map { layer in
      pad(layer.name, 8) + number(layer.publishedMilliwatts, 1, 11)
        + number(layer.modelMilliwatts, 1, 9) + percent(layer.error, 9)
        + percent(layer.leaveOneOutError, 12) + number(layer.milliseconds, 2, 10)
        + number(layer.publishedMilliseconds, 1, 11)
    }
    let summary = { (name: String, fitted: ErrorSummary, left: ErrorSummary, note: String) in
      "  \(name): mean error \(percent(fitted.mean))\(note), left out \(percent(left.mean))"
    }
    return [
      "Eyeriss, AlexNet, 65 nm, 1.0 V, 200 MHz (measurements: "
        + "\(EyerissFigures.verification.measurements), mapping: \(EyerissFigures.verification.mapping))",
      "  fitted: switching x \(formatted(eyeriss.switchingFactor, digits: 3)), idle "
        + "\(formatted(eyeriss.idleEnergyPerCycle, digits: 3)) pJ per PE and cycle",
      "layer    publ. mW  model mW    error    left out  model ms   publ. ms",
    ] + rows + [
      summary(
        "this model", eyeriss.fitted, eyeriss.leaveOneOut,
        verdict(eyeriss.fitted.mean, Target.eyerissMean))
    ] + eyeriss.baselines.map { summary($0.name, $0.fitted, $0.leaveOneOut, "") } + [
      "  average power \(formatted(eyeriss.averageMilliwatts, digits: 1)) mW, published "
        + "\(formatted(EyerissFigures.averageMilliwatts, digits: 0)) mW (not fitted)",
      "  VGG-16: published throughput is \(formatted(vgg16Slowdown, digits: 1)) times below MACs over "
        + "active PEs, unexplained",
    ]
  }

  private func lines(of fit: NVDLAValidation) -> [String] {
    let rows = zip(NVDLAConfiguration.published.indices, NVDLAConfiguration.published).map {
      index, configuration in
      pad("\(configuration.macCount) MAC, \(configuration.bufferKilobytes) KB", 18)
        + number(fit.published[index], 2, 11)
        + number(fit.published[index] * (1 + fit.fitted.errors[index]), 2, 11)
        + percent(fit.fitted.errors[index], 9) + percent(fit.leaveOneOut.errors[index], 12)
    }
    return [
      "NVDLA, \(formatted(fit.nanometers, digits: 0)) nm, vendor's estimates "
        + "(\(NVDLAConfiguration.verification))",
      "  \(formatted(fit.fixedArea, digits: 3)) mm^2 + \(formatted(fit.areaPerMAC, digits: 0)) um^2 per MAC"
        + " + \(formatted(fit.areaPerBit, digits: 4)) um^2 per bit "
        + "(\(formatted(fit.densityOverRule, digits: 2)) of 0.014 x node)",
      "configuration       publ. mm^2 model mm^2    error    left out",
    ] + rows + [
      "  largest error \(percent(fit.fitted.largest))"
        + verdict(fit.fitted.largest, Target.nvdlaLargest)
        + "; left out \(percent(fit.leaveOneOut.largest))"
        + verdict(fit.leaveOneOut.largest, Target.nvdlaLeaveOneOut)
    ]
  }

  private func verdict(_ error: Double, _ target: Double) -> String {
    " (\(error <= target ? "within" : "misses") \(formatted(100 * target, digits: 0)) %)"
  }

  private func percent(_ value: Double, _ width: Int = 0) -> String {
    let text = formatted(100 * value, digits: 1) + " %"
    return String(repeating: " ", count: max(width - text.count, 0)) + text
  }

  private func number(_ value: Double, _ digits: Int, _ width: Int) -> String {
    let text = formatted(value, digits: digits)
    return String(repeating: " ", count: max(width - text.count, 0)) + text
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }
}

/// A number with a fixed count of digits after the point, independent of the locale.
func formatted(_ value: Double, digits: Int) -> String {
  String(format: "%.\(digits)f", value)
}
