public import Accelerator
import CostModel
import Quantities
public import Technology

/// What counts as the time of a layer.
///
/// - `compute`: our cycles, a bound: the array never waits. The published time while it computes is the measurement.
/// - `computeAndTransfers`: our cycles plus the DRAM traffic over the link's highest rate, `EyerissFigures.link`, as if
///   none of it overlapped; no constant is fitted. The published total time is the measurement.
public enum EyerissTimeBasis: String, CaseIterable, Hashable, Sendable {
  case compute = "compute cycles"
  case computeAndTransfers = "compute cycles + DRAM transfers"
}

/// Power of Eyeriss on AlexNet from our access counts and component tables, against the published measurements.
///
/// Per layer `power = k S / T + idle x 168 PEs x clock`: *S* is the switching energy that `LoopNestCostModel` counts
/// with energies from `ComponentLibrary`, plus wires; *T* the modeled time, see `EyerissTimeBasis`. Two numbers are fitted by relative least
/// squares, the switching multiplier *k* and the idle energy of a PE and cycle; they are
/// `SiliconEffects.switchingFactor` and `idleEnergyPerCycle`.
///
/// Zero activations gate the MAC, the filter read and the partial-sum access, as the paper describes for the first two
/// (the third is a choice, made on these layers).
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
    /// Published time that the basis compares with, in ms.
    public var publishedMilliseconds: Double
    /// Modeled DRAM traffic, in 10^6 bytes.
    public var offChipMegabytes: Double
    /// Published DRAM traffic, in 10^6 bytes.
    public var publishedOffChipMegabytes: Double
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

  /// What counts as time.
  public let timeBasis: EyerissTimeBasis
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
  /// Errors of the time; no constant in it is fitted.
  public var time: ErrorSummary {
    ErrorSummary(errors: layers.map { $0.milliseconds / $0.publishedMilliseconds - 1 })
  }

  /// Ports of the global buffer in words per cycle: reads 4 partial sums and 1 activation, accepts 4 partial sums.
  ///
  /// A 64-bit partial-sum bus and a 16-bit activation bus, recalled from Chen et al. 2017, *unverified*. Not the
  /// default: they change one layer of AlexNet, CONV3, and its published buffer traffic, 50.2 MB, says that the chip did
  /// not run it as Table III lists (69.2 MB with every partial sum read and written). With CONV4's q = 3, r = t = 2
  /// it is 50.2 MB, and the ports bind nowhere.
  public static let bufferPorts = Bandwidth(read: 5, write: 4)

  /// Evaluates the chip and fits the two constants.
  ///
  /// - Parameters:
  ///   - library: Component tables.
  ///   - timeBasis: What counts as time.
  ///   - bufferBandwidth: Limits of the global buffer, in words per cycle; none by default, see `bufferPorts`.
  /// - Throws: `SiliconValidationError`, or an error of a lower layer, only when the tables or the figures are changed.
  public init(
    library: ComponentLibrary = .shipped, timeBasis: EyerissTimeBasis = .computeAndTransfers,
    bufferBandwidth: Bandwidth = .init()
  ) throws {
    let machine = try EyerissMachine(library: library, bufferBandwidth: bufferBandwidth)
    let measured = EyerissFigures.alexNet.map(\.measured)
    let runs = try EyerissWork.alexNet.map { try EyerissRun(of: $0, on: machine) }
    let published = measured.map(\.powerMilliwatts)
    let milliseconds = runs.map { $0.milliseconds(timeBasis) }
    let switching = zip(runs, milliseconds).map { run, time in
      run.picojoules.map { $0 * 1e-6 / time }
    }
    let fit = try RelativeFit(
      switching.map { [$0.reduce(0, +), Self.idleUnit] }, targets: published)
    self.timeBasis = timeBasis
    switchingFactor = fit.coefficients[0]
    idleEnergyPerCycle = fit.coefficients[1]
    layers = runs.indices.map { index in
      let run = runs[index]
      let time = measured[index]
      return LayerResult(
        name: run.work.name, publishedMilliwatts: published[index],
        modelMilliwatts: (1 + fit.errors[index]) * published[index], error: fit.errors[index],
        leaveOneOutError: fit.leaveOneOutErrors[index], cycles: run.cycles,
        milliseconds: milliseconds[index],
        publishedMilliseconds: timeBasis == .compute
          ? time.processingMilliseconds : time.totalMilliseconds,
        offChipMegabytes: run.offChipMegabytes, publishedOffChipMegabytes: time.offChipMegabytes,
        bufferMegabytes: Double(run.bufferWords) * 2e-6,
        publishedBufferMegabytes: time.bufferMegabytes, switchingMilliwatts: switching[index])
    }
    let energy = layers.reduce(0) { $0 + $1.modelMilliwatts * $1.milliseconds }
    averageMilliwatts = energy / layers.reduce(0) { $0 + $1.milliseconds }
    baselines = try Self.baselines(of: runs, milliseconds: milliseconds, published: published)
  }

  /// One pJ per PE and cycle, in mW.
  static var idleUnit: Double {
    Double(EyerissFigures.array.x * EyerissFigures.array.y) * EyerissFigures.megahertz * 1e-3
  }

  private static func baselines(
    of runs: [EyerissRun], milliseconds: [Double], published: [Double]
  ) throws -> [Baseline] {
    let constant = try RelativeFit(published.map { _ in [1] }, targets: published)
    let line = try RelativeFit(
      zip(runs, milliseconds).map { run, time in
        [Double(run.macCount) * (1 - run.work.zeros.inputs) * 1e-6 / time, 1]
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
