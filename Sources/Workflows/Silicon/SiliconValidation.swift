import Foundation
public import Technology

/// The model against silicon: power of Eyeriss, area of NVDLA.
public struct SiliconValidation: Sendable {
  /// Errors a model of this kind is expected to stay within.
  public enum Target {
    /// Mean absolute error of Eyeriss' layer power.
    public static let eyerissMean = 0.05
    /// Absolute error of Eyeriss' power on a network that no constant has seen.
    public static let eyerissOtherNetwork = 0.10
    /// Largest absolute error of NVDLA's area.
    public static let nvdlaLargest = 0.08
    /// Largest absolute error of NVDLA's area, configuration left out.
    public static let nvdlaLeaveOneOut = 0.10
  }

  /// Eyeriss, AlexNet, 65 nm, with the time of compute and DRAM transfers.
  public let eyeriss: EyerissValidation
  /// The same with the time of the cycles alone, the basis of `evaluate` and of `eyeriss-168.yaml`.
  public let eyerissInComputeTime: EyerissValidation
  /// Eyeriss on VGG-16, unseen, on both bases.
  public let vgg16: [EyerissPrediction]
  /// NVDLA at 28 and 16 nm.
  public let nvdla: [NVDLAValidation]

  /// Runs every comparison.
  ///
  /// - Throws: Only when the tables or the published figures are changed.
  public init(library: ComponentLibrary = .shipped) throws {
    eyeriss = try EyerissValidation(library: library)
    eyerissInComputeTime = try EyerissValidation(library: library, timeBasis: .compute)
    vgg16 = [
      try EyerissPrediction(fit: eyeriss, library: library),
      try EyerissPrediction(fit: eyerissInComputeTime, library: library),
    ]
    nvdla = [try .at28Nanometers(), try .at16Nanometers()]
  }

  /// The comparison as text, at most 100 columns wide.
  public func report() -> String {
    let head =
      "Eyeriss, AlexNet, 65 nm, 1.0 V, 200 MHz (measurements: "
      + "\(EyerissFigures.verification.measurements), mapping: \(EyerissFigures.verification.mapping))"
    let parts =
      [[head] + lines(of: eyeriss), lines(of: eyerissInComputeTime), predictionLines]
      + nvdla.map(lines(of:))
    return parts.joined(separator: [""]).joined(separator: "\n") + "\n"
  }

  private func lines(of eyeriss: EyerissValidation) -> [String] {
    let rows = eyeriss.layers.map { layer in
      pad(layer.name, 8) + number(layer.publishedMilliwatts, 1, 8)
        + number(layer.modelMilliwatts, 1, 10) + percent(layer.error, 9)
        + percent(layer.leaveOneOutError, 10) + number(layer.publishedMilliseconds, 1, 11)
        + number(layer.milliseconds, 2, 10) + number(layer.publishedOffChipMegabytes, 1, 10)
        + number(layer.offChipMegabytes, 2, 10)
    }
    let summary = { (name: String, fitted: ErrorSummary, left: ErrorSummary, note: String) in
      "  \(name): mean error \(percent(fitted.mean))\(note), left out \(percent(left.mean))"
    }
    let compared = eyeriss.timeBasis == .compute ? "while the array computes" : "in total"
    return [
      "  time: \(eyeriss.timeBasis.rawValue), against the published time \(compared)",
      "  fitted: switching x \(formatted(eyeriss.switchingFactor, digits: 3)), idle "
        + "\(formatted(eyeriss.idleEnergyPerCycle, digits: 3)) pJ per PE and cycle",
      "layer   publ. mW  model mW    error  left out   publ. ms  model ms  DRAM publ. model MB",
    ] + rows + [
      summary(
        "power", eyeriss.fitted, eyeriss.leaveOneOut,
        verdict(eyeriss.fitted.mean, Target.eyerissMean))
    ] + eyeriss.baselines.map { summary($0.name, $0.fitted, $0.leaveOneOut, "") } + [
      "  time: mean error \(percent(eyeriss.time.mean)), nothing fitted",
      "  average power \(formatted(eyeriss.averageMilliwatts, digits: 1)) mW, published "
        + "\(formatted(EyerissFigures.averageMilliwatts, digits: 0)) mW (not fitted)",
    ]
  }

  private var predictionLines: [String] {
    let head = [
      "Eyeriss, VGG-16, batch of \(EyerissFigures.vgg16OffChip.batch), from AlexNet alone: published "
        + "\(formatted(EyerissPrediction.publishedSeconds, digits: 2)) s, "
        + "\(formatted(EyerissFigures.vgg16.averageMilliwatts, digits: 0)) mW, "
        + "\(formatted(Self.vgg16PublishedOffChipMegabytes, digits: 0)) MB DRAM"
    ]
    let rows = vgg16.flatMap { prediction in
      [
        "  time: \(prediction.timeBasis.rawValue)",
        "zeros       model s    error  model mW    error   in publ. time    error   DRAM MB",
      ] + prediction.results.map(line(of:))
    }
    let worst = ErrorSummary(errors: vgg16[0].results.map(\.powerError)).largest
    let given = ErrorSummary(errors: vgg16[0].results.map(\.powerErrorInPublishedTime)).largest
    return head + rows + [
      "  largest error of power \(percent(worst))" + verdict(worst, Target.eyerissOtherNetwork)
        + ", in the published time \(percent(given))"
        + verdict(given, Target.eyerissOtherNetwork)
    ]
  }

  private func line(of result: EyerissPrediction.Result) -> String {
    var line = pad(name(of: result.zeros), 12)
    line += number(result.seconds, 2, 7) + percent(result.timeError, 9)
    line += number(result.milliwatts, 1, 10) + percent(result.powerError, 9)
    line += number(result.milliwattsInPublishedTime, 1, 16)
    line += percent(result.powerErrorInPublishedTime, 9)
    return line + number(result.offChipMegabytes, 0, 10)
  }

  /// DRAM traffic of the VGG-16 batch by the paper's abstract, in 10^6 bytes.
  static let vgg16PublishedOffChipMegabytes =
    2 * EyerissFigures.vgg16OffChip.accessesPerMAC * EyerissFigures.vgg16.gigaMACsPerFrame * 1e3
    * Double(EyerissFigures.vgg16OffChip.batch)

  private func name(of zeros: EyerissPrediction.Zeros) -> String {
    switch zeros {
    case .asAlexNetByDepth: "as AlexNet"
    case .uniform(let share): "\(formatted(100 * share, digits: 0)) %"
    }
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
      summary("largest error", fit.fitted, fit.leaveOneOut),
      summary(
        "fitted to the largest error instead", fit.smallestLargest, fit.smallestLargestLeaveOneOut),
    ]
  }

  private func summary(_ name: String, _ fitted: ErrorSummary, _ left: ErrorSummary) -> String {
    "  \(name): \(percent(fitted.largest))" + verdict(fitted.largest, Target.nvdlaLargest)
      + "; left out \(percent(left.largest))" + verdict(left.largest, Target.nvdlaLeaveOneOut)
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
