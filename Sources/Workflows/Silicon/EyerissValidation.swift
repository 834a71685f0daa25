public import Accelerator
import CostModel
import Quantities
public import Technology

/// Power of Eyeriss on AlexNet from our access counts and component tables, against the published measurements.
///
/// Per layer `power = k S / T + idle x 168 PEs x clock`: *S* is the switching energy that `LoopNestCostModel` counts
/// with energies from `ComponentLibrary`, plus wires; *T* the modeled time. Two numbers are fitted by relative least
/// squares, the switching multiplier *k* and the idle energy of a PE and cycle; they are
/// `SiliconEffects.switchingFactor` and `idleEnergyPerCycle`.
///
/// Zero activations gate the MAC, the filter read and the partial-sum access, as the paper describes for the first two
/// (the third is a choice: without it the mean error is 3.4 instead of 3.0 %).
///
/// Five layers cannot tell this model from a straight line in non-zero MACs, which fits as well; see `baselines`. What
/// the model adds is that its parts follow the design, not that it fits these layers better.
public struct EyerissValidation: Sendable {
  /// One layer.
  public struct LayerResult: Hashable, Sendable {
    /// Name in the paper.
    public var name: String
    /// Published power, in mW.
    public var publishedMilliwatts: Double
    /// Modeled power, in mW.
    public var modelMilliwatts: Double
    /// Modeled over published power minus 1.
    public var error: Double
    /// The same with both constants fitted to the other four layers.
    public var leaveOneOutError: Double
    /// Modeled cycles of the batch.
    public var cycles: Int
    /// Modeled time of the batch, in ms.
    public var milliseconds: Double
    /// Published time while the array computes, in ms.
    public var publishedMilliseconds: Double
    /// Modeled traffic of the global buffer to and from the array, in 10^6 bytes.
    public var bufferMegabytes: Double
    /// Published traffic of the global buffer, in 10^6 bytes.
    public var publishedBufferMegabytes: Double
    /// Switching power before the multiplier, in mW, by `EyerissValidation.partNames`.
    public var switchingMilliwatts: [Double]
  }

  /// A simpler model on the same layers.
  public struct Baseline: Hashable, Sendable {
    /// What it is, with its fitted constants.
    public var name: String
    /// A constant in mW, or pJ per non-zero MAC and a constant in mW.
    public var coefficients: [Double]
    /// Errors of the fit.
    public var fitted: ErrorSummary
    /// Errors with the layer left out of the fit.
    public var leaveOneOut: ErrorSummary
  }

  /// What `LayerResult.switchingMilliwatts` lists.
  public static let partNames = [
    "MAC", "filter spad", "ifmap spad", "psum spad", "GLB", "wires",
  ]

  /// Multiplier of the switching energy.
  public let switchingFactor: Double
  /// Idle energy of a PE, in pJ per cycle.
  public let idleEnergyPerCycle: Double
  /// The layers in order.
  public let layers: [LayerResult]
  /// A constant power, and a straight line in non-zero MACs per second.
  public let baselines: [Baseline]
  /// Modeled power averaged over modeled time, in mW; the chip's published average is 278.
  public let averageMilliwatts: Double

  /// Errors of the fit.
  public var fitted: ErrorSummary { ErrorSummary(errors: layers.map(\.error)) }
  /// Errors with the layer left out of the fit.
  public var leaveOneOut: ErrorSummary { ErrorSummary(errors: layers.map(\.leaveOneOutError)) }

  /// Ports of the global buffer in words per cycle: reads 4 partial sums and 1 activation, accepts 4 partial sums.
  ///
  /// A 64-bit partial-sum bus and a 16-bit activation bus, recalled from Chen et al. 2017, *unverified*. Not the
  /// default, because they change one layer: the published mapping of CONV3 as counted here writes 4.7 words per cycle
  /// (loads included), so the ports would lengthen it by 17 %, from 12 % below the published time to 3 % above. Its
  /// counted traffic is also 37 % above the published one. The other four layers keep their cycles.
  public static let bufferPorts = Bandwidth(read: 5, write: 4)

  /// Evaluates the chip and fits the two constants.
  ///
  /// - Parameter bufferBandwidth: Limits of the global buffer, in words per cycle; none by default, see `bufferPorts`.
  /// - Throws: `SiliconValidationError`, or an error of a lower layer, only when the tables or the figures are changed.
  public init(library: ComponentLibrary = .shipped, bufferBandwidth: Bandwidth = .init()) throws {
    let machine = try EyerissMachine(library: library, bufferBandwidth: bufferBandwidth)
    let runs = try EyerissFigures.alexNet.map { try EyerissRun(of: $0, on: machine) }
    let published = runs.map(\.published.measured.powerMilliwatts)
    let units = Double(EyerissFigures.array.x * EyerissFigures.array.y)
    // One pJ per PE and cycle, in mW.
    let idleUnit = units * EyerissFigures.megahertz * 1e-3
    let fit = try RelativeFit(runs.map { [$0.milliwatts, idleUnit] }, targets: published)
    switchingFactor = fit.coefficients[0]
    idleEnergyPerCycle = fit.coefficients[1]
    layers = runs.indices.map { index in
      let run = runs[index]
      return LayerResult(
        name: run.published.name, publishedMilliwatts: published[index],
        modelMilliwatts: (1 + fit.errors[index]) * published[index], error: fit.errors[index],
        leaveOneOutError: fit.leaveOneOutErrors[index], cycles: run.cycles,
        milliseconds: run.milliseconds,
        publishedMilliseconds: run.published.measured.processingMilliseconds,
        bufferMegabytes: Double(run.bufferWords) * 2e-6,
        publishedBufferMegabytes: run.published.measured.bufferMegabytes,
        switchingMilliwatts: run.picojoules.map { $0 * 1e-6 / run.milliseconds })
    }
    let energy = layers.reduce(0) { $0 + $1.modelMilliwatts * $1.milliseconds }
    averageMilliwatts = energy / layers.reduce(0) { $0 + $1.milliseconds }
    baselines = try Self.baselines(of: runs, published: published)
  }

  private static func baselines(of runs: [EyerissRun], published: [Double]) throws -> [Baseline] {
    let constant = try RelativeFit(published.map { _ in [1] }, targets: published)
    let line = try RelativeFit(
      runs.map { run in
        let active = Double(run.macCount) * (1 - run.published.measured.zeroShare)
        return [active * 1e-6 / run.milliseconds, 1]
      }, targets: published)
    return [
      Baseline(
        name: "constant \(formatted(constant.coefficients[0], digits: 1)) mW",
        coefficients: constant.coefficients,
        fitted: ErrorSummary(errors: constant.errors),
        leaveOneOut: ErrorSummary(errors: constant.leaveOneOutErrors)),
      Baseline(
        name: "\(formatted(line.coefficients[0], digits: 2)) pJ per non-zero MAC"
          + " + \(formatted(line.coefficients[1], digits: 1)) mW",
        coefficients: line.coefficients,
        fitted: ErrorSummary(errors: line.errors),
        leaveOneOut: ErrorSummary(errors: line.leaveOneOutErrors)),
    ]
  }
}
