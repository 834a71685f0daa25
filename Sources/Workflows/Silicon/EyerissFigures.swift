/// How a published figure was checked.
public enum Verification: String, Hashable, Sendable {
  /// Read in a public text.
  case text
  /// Read in a public optical transcription, garbled digits repaired.
  case transcription
  /// Recalled, not found in any searchable text: unverified.
  case recalled
}

/// One convolution layer of AlexNet as published for the Eyeriss chip at 1.0 V and 200 MHz.
///
/// Measurements: Chen et al. 2017 (JSSC), Table V, from the transcription in cucapra/fodlam `data/eyeriss-alexnet.csv`;
/// power, processing latency, MACs and active PEs agree with stanford-mast/nn_dataflow `test_eyeriss_isscc16`
/// (`text`). Mapping: Table III, fodlam `raw/eyeriss-tableIII.txt` (`transcription`).
public struct EyerissLayer: Hashable, Sendable {
  /// What the chip did.
  public struct Measurement: Hashable, Sendable {
    /// Average power, in mW.
    public var powerMilliwatts: Double
    /// Time of the batch, loading included, in ms.
    public var totalMilliseconds: Double
    /// Time of the batch while the array computes, in ms.
    public var processingMilliseconds: Double
    /// PEs with work.
    public var activeUnits: Int
    /// Share of zeros in the input activations, in `0...1`.
    public var zeroShare: Double
    /// Traffic of the global buffer, in 10^6 bytes.
    public var bufferMegabytes: Double
  }

  /// The layer; channels and filters over all groups.
  public struct Shape: Hashable, Sendable {
    /// Filters.
    public var filters: Int
    /// Input channels of one group.
    public var channels: Int
    /// Groups.
    public var groups: Int
    /// Kernel side.
    public var kernel: Int
    /// Stride.
    public var stride: Int
    /// Side of the output.
    public var output: Int
  }

  /// Row-stationary parameters by the letters of the paper.
  public struct RowStationary: Hashable, Sendable {
    /// Filters whose partial sums the global buffer holds.
    public var m: Int
    /// Images processed together.
    public var n: Int
    /// Output rows processed side by side.
    public var e: Int
    /// Filters interleaved in a PE.
    public var p: Int
    /// Channels interleaved in a PE.
    public var q: Int
    /// PE sets that work on different channels.
    public var r: Int
    /// PE sets that work on different filters.
    public var t: Int
  }

  /// Name in the paper.
  public var name: String
  /// The layer.
  public var shape: Shape
  /// How it was mapped.
  public var mapping: RowStationary
  /// What was measured.
  public var measured: Measurement
}

/// Published facts about the Eyeriss chip.
///
/// Source: Chen et al. 2017 (JSSC), Tables III to V and abstract; as transcribed in cucapra/fodlam.
public enum EyerissFigures {
  /// Images in a batch.
  public static let batch = 4
  /// PEs along X and Y; 168 in all.
  public static let array = (x: 14, y: 12)
  /// Clock of the measurements, in MHz.
  public static let megahertz = 200.0
  /// Node in nm and supply in V of the measurements.
  public static let node = (nanometers: 65.0, supply: 1.0)
  /// Average power over the five layers, in mW; not used by the fit.
  public static let averageMilliwatts = 278.0
  /// VGG-16 convolution, batch of 3: frames per second and average power in mW (paper abstract), and 10^9 MACs per
  /// frame; not used by the fit.
  public static let vgg16 = (framesPerSecond: 0.7, averageMilliwatts: 236.0, gigaMACsPerFrame: 15.3)
  /// How the measurements and the mapping were checked.
  public static let verification = (
    measurements: Verification.text, mapping: Verification.transcription
  )

  /// The five convolution layers of AlexNet, in order.
  public static let alexNet: [EyerissLayer] = [
    EyerissLayer(
      name: "CONV1",
      shape: .init(filters: 96, channels: 3, groups: 1, kernel: 11, stride: 4, output: 55),
      mapping: .init(m: 96, n: 1, e: 7, p: 16, q: 1, r: 1, t: 2),
      measured: .init(
        powerMilliwatts: 332, totalMilliseconds: 20.9, processingMilliseconds: 16.5,
        activeUnits: 154, zeroShare: 0.0001, bufferMegabytes: 18.5)),
    EyerissLayer(
      name: "CONV2",
      shape: .init(filters: 256, channels: 48, groups: 2, kernel: 5, stride: 1, output: 27),
      mapping: .init(m: 64, n: 1, e: 27, p: 16, q: 2, r: 1, t: 1),
      measured: .init(
        powerMilliwatts: 288, totalMilliseconds: 41.9, processingMilliseconds: 39.2,
        activeUnits: 135, zeroShare: 0.387, bufferMegabytes: 77.6)),
    EyerissLayer(
      name: "CONV3",
      shape: .init(filters: 384, channels: 256, groups: 1, kernel: 3, stride: 1, output: 13),
      mapping: .init(m: 64, n: 4, e: 13, p: 16, q: 4, r: 1, t: 4),
      measured: .init(
        powerMilliwatts: 266, totalMilliseconds: 23.6, processingMilliseconds: 21.8,
        activeUnits: 156, zeroShare: 0.725, bufferMegabytes: 50.2)),
    EyerissLayer(
      name: "CONV4",
      shape: .init(filters: 384, channels: 192, groups: 2, kernel: 3, stride: 1, output: 13),
      mapping: .init(m: 64, n: 4, e: 13, p: 16, q: 3, r: 2, t: 2),
      measured: .init(
        powerMilliwatts: 235, totalMilliseconds: 18.4, processingMilliseconds: 16.0,
        activeUnits: 156, zeroShare: 0.793, bufferMegabytes: 37.4)),
    EyerissLayer(
      name: "CONV5",
      shape: .init(filters: 256, channels: 192, groups: 2, kernel: 3, stride: 1, output: 13),
      mapping: .init(m: 64, n: 4, e: 13, p: 16, q: 3, r: 2, t: 2),
      measured: .init(
        powerMilliwatts: 236, totalMilliseconds: 10.5, processingMilliseconds: 10.0,
        activeUnits: 156, zeroShare: 0.776, bufferMegabytes: 24.9)),
  ]
}
