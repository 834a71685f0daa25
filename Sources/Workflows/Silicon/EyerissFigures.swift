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
    /// Traffic of the DRAM, compressed as it was, in 10^6 bytes.
    public var offChipMegabytes: Double
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
    /// Rows and columns of zeros added at each edge of the input.
    public var padding: Int

    /// Side of the input with its padding.
    var paddedInput: Int { (output - 1) * stride + kernel }
    /// Share of the padded input that is not padding.
    var interiorShare: Double {
      let ratio = Double(paddedInput - 2 * padding) / Double(paddedInput)
      return ratio * ratio
    }
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
  /// Width in bits (recalled) and highest clock in MHz (Table IV) of the link to the DRAM.
  public static let link = (bits: 64.0, megahertz: 90.0)
  /// Bits that a nonzero activation takes off chip: three pairs of a 5-bit run of zeros and a 16-bit value in 64 bits
  /// (recalled).
  public static let runLengthBits = 64.0 / 3
  /// Node in nm and supply in V of the measurements.
  public static let node = (nanometers: 65.0, supply: 1.0)
  /// Average power over the five layers, in mW; not used by the fit.
  public static let averageMilliwatts = 278.0
  /// VGG-16 convolution, batch of 3: frames per second and average power in mW (paper abstract), and 10^9 MACs per
  /// frame; not used by the fit.
  public static let vgg16 = (framesPerSecond: 0.7, averageMilliwatts: 236.0, gigaMACsPerFrame: 15.3)
  /// DRAM accesses of 16 bits per MAC of VGG-16 (paper abstract), and images in its batch; not used by the fit.
  public static let vgg16OffChip = (accessesPerMAC: 0.0035, batch: 3)
  /// Convolutions of VGG-16: name, input channels, filters, side of the output; 3 x 3, stride 1, padding 1.
  static let vgg16Layers: [(name: String, channels: Int, filters: Int, output: Int)] = [
    ("CONV1_1", 3, 64, 224), ("CONV1_2", 64, 64, 224), ("CONV2_1", 64, 128, 112),
    ("CONV2_2", 128, 128, 112), ("CONV3_1", 128, 256, 56), ("CONV3_2", 256, 256, 56),
    ("CONV3_3", 256, 256, 56), ("CONV4_1", 256, 512, 28), ("CONV4_2", 512, 512, 28),
    ("CONV4_3", 512, 512, 28), ("CONV5_1", 512, 512, 14), ("CONV5_2", 512, 512, 14),
    ("CONV5_3", 512, 512, 14),
  ]
  /// How the measurements and the mapping were checked.
  public static let verification = (
    measurements: Verification.text, mapping: Verification.transcription
  )

  /// The five convolution layers of AlexNet, in order.
  public static let alexNet: [EyerissLayer] = [
    EyerissLayer(
      name: "CONV1",
      shape: .init(
        filters: 96, channels: 3, groups: 1, kernel: 11, stride: 4, output: 55, padding: 0),
      mapping: .init(m: 96, n: 1, e: 7, p: 16, q: 1, r: 1, t: 2),
      measured: .init(
        powerMilliwatts: 332, totalMilliseconds: 20.9, processingMilliseconds: 16.5,
        activeUnits: 154, zeroShare: 0.0001, bufferMegabytes: 18.5, offChipMegabytes: 5.0)),
    EyerissLayer(
      name: "CONV2",
      shape: .init(
        filters: 256, channels: 48, groups: 2, kernel: 5, stride: 1, output: 27, padding: 2),
      mapping: .init(m: 64, n: 1, e: 27, p: 16, q: 2, r: 1, t: 1),
      measured: .init(
        powerMilliwatts: 288, totalMilliseconds: 41.9, processingMilliseconds: 39.2,
        activeUnits: 135, zeroShare: 0.387, bufferMegabytes: 77.6, offChipMegabytes: 4.0)),
    EyerissLayer(
      name: "CONV3",
      shape: .init(
        filters: 384, channels: 256, groups: 1, kernel: 3, stride: 1, output: 13, padding: 1),
      mapping: .init(m: 64, n: 4, e: 13, p: 16, q: 4, r: 1, t: 4),
      measured: .init(
        powerMilliwatts: 266, totalMilliseconds: 23.6, processingMilliseconds: 21.8,
        activeUnits: 156, zeroShare: 0.725, bufferMegabytes: 50.2, offChipMegabytes: 3.0)),
    EyerissLayer(
      name: "CONV4",
      shape: .init(
        filters: 384, channels: 192, groups: 2, kernel: 3, stride: 1, output: 13, padding: 1),
      mapping: .init(m: 64, n: 4, e: 13, p: 16, q: 3, r: 2, t: 2),
      measured: .init(
        powerMilliwatts: 235, totalMilliseconds: 18.4, processingMilliseconds: 16.0,
        activeUnits: 156, zeroShare: 0.793, bufferMegabytes: 37.4, offChipMegabytes: 2.1)),
    EyerissLayer(
      name: "CONV5",
      shape: .init(
        filters: 256, channels: 192, groups: 2, kernel: 3, stride: 1, output: 13, padding: 1),
      mapping: .init(m: 64, n: 4, e: 13, p: 16, q: 3, r: 2, t: 2),
      measured: .init(
        powerMilliwatts: 236, totalMilliseconds: 10.5, processingMilliseconds: 10.0,
        activeUnits: 156, zeroShare: 0.776, bufferMegabytes: 24.9, offChipMegabytes: 1.3)),
  ]
}
