import Accelerator
import CostModel
import Foundation
import Quantities
import Testing
import Workload

@testable import Workflows

/// What `evaluate` says of VGG-16 on the shipped Eyeriss, in compute time; the prediction is `EyerissPrediction`.
///
/// The mappings are ours (`Scripts/map-vgg16`, fewest cycles) and the shares of zeros are assumed, so this is a sensitivity. Expected
/// values are what the model gives, rounded as shown; the misses are kept so that a change of them is noticed.
@Suite struct EyerissVGG16Tests {
  /// Energies that grow with work and powers that do not, of a batch of three images.
  struct Batch {
    /// Modeled time, in s.
    var seconds: Double
    /// On-chip energy without idle energy and leakage, in mJ.
    var switchingMillijoules: Double
    /// Idle energy and leakage over time, in mW.
    var idleMilliwatts: Double
    /// By layer.
    var utilizations: [Double]
    /// By layer.
    var bounds: [LayerCost.Bound]

    /// Chip power, in mW, if the batch takes `seconds`.
    func milliwatts(in seconds: Double) -> Double {
      idleMilliwatts + switchingMillijoules / seconds
    }
    /// Chip power, in mW, in the modeled time.
    var milliwatts: Double { milliwatts(in: seconds) }
  }

  static let images = 3.0
  static let published = EyerissFigures.vgg16
  static var publishedSeconds: Double { images / published.framesPerSecond }

  /// - Parameter zeroShare: Share of zeros in the inputs of every layer but the first, which sees the picture.
  static func batch(zeroShare: Double) throws -> Batch {
    let chip = try Configs.architecture("eyeriss-168")
    let network = try Configs.network("vgg16-batch3")
    let path = Configs.root.appendingPathComponent("mappings/eyeriss-168-vgg16.yaml").path
    let evaluation = NetworkEvaluation(
      workload: ResolvedWorkload(
        network: network, zeroShares: network.entries.indices.map { $0 == 0 ? 0 : zeroShare }),
      architecture: chip,
      mappings: try MappingFile(readingFile: path).resolve(network: network, architecture: chip),
      terms: .asDescribed)
    try #require(evaluation.isLegal && evaluation.missing.isEmpty)
    let costs = evaluation.layers.compactMap(\.cost)
    let seconds = Double(evaluation.cycles.count) / (EyerissFigures.megahertz * 1e6)
    let idle = costs.reduce(0) { sum, cost in
      sum + cost.idleEnergy.picojoules + cost.levels.reduce(0) { $0 + $1.leakage.picojoules }
    }
    return Batch(
      seconds: seconds,
      switchingMillijoules: (evaluation.onChipEnergy.picojoules - idle) * 1e-9,
      idleMilliwatts: idle * 1e-9 / seconds, utilizations: costs.map(\.utilization),
      bounds: costs.map(\.bound))
  }

  /// Model over published power minus 1, in units of 0.1 %.
  static func error(_ milliwatts: Double) -> Int {
    Int((1_000 * (milliwatts / published.averageMilliwatts - 1)).rounded())
  }

  @Test func ruleFillsTheArrayOnAllLayersButTheFirst() throws {
    let batch = try Self.batch(zeroShare: 0.5)
    #expect(batch.utilizations.dropFirst().allSatisfy { $0 == 1 })
    #expect(batch.bounds.allSatisfy { $0 == .compute })
  }

  /// A known miss: the chip takes three times the modeled time.
  @Test func timeIsThreeTimesTooShort() throws {
    let batch = try Self.batch(zeroShare: 0.5)
    #expect(abs(batch.seconds - 1.3702) <= 0.00005)
    #expect(abs(Self.publishedSeconds / batch.seconds - 3.1277) <= 0.0005)
  }

  /// A known miss: in the modeled time only 70 % of zeros come within 10 % of the published power.
  @Test(arguments: [(0.3, 328), (0.5, 205), (0.7, 83)])
  func powerInModeledTimeIsTooHigh(zeroShare: Double, error: Int) throws {
    let batch = try Self.batch(zeroShare: zeroShare)
    #expect(Self.error(batch.milliwatts) == error)
  }

  /// With the published time put in, the same energies give a power that is too low, within 10 % for 30 and 50 % of zeros.
  @Test(arguments: [(0.3, -44), (0.5, -83), (0.7, -123)])
  func powerInPublishedTimeIsTooLow(zeroShare: Double, error: Int) throws {
    let batch = try Self.batch(zeroShare: zeroShare)
    #expect(Self.error(batch.milliwatts(in: Self.publishedSeconds)) == error)
  }

  /// The straight line in non-zero MACs, fitted to the same five layers, misses by about as much.
  ///
  /// So this network does not single out the model. The first layer, 0.6 % of the MACs, has the same zeros here.
  @Test(arguments: [(0.3, 313, 41), (0.5, 199, 4), (0.7, 84, -33)])
  func straightLineDoesNotMissByMore(zeroShare: Double, modeled: Int, inPublishedTime: Int) throws {
    let line = try #require(try EyerissValidation(timeBasis: .compute).baselines.last).coefficients
    let millijoules = (1 - zeroShare) * Self.published.gigaMACsPerFrame * Self.images * line[0]
    let seconds = try Self.batch(zeroShare: zeroShare).seconds
    #expect(Self.error(line[1] + millijoules / seconds) == modeled)
    #expect(Self.error(line[1] + millijoules / Self.publishedSeconds) == inPublishedTime)
  }
}
