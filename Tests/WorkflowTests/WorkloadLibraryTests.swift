import Foundation
import Testing
import Workload

@testable import Workflows

/// A workload file of `Configs` with figures that are not computed from it.
struct KnownNetwork: CustomTestStringConvertible, Sendable {
  let name: String
  let macCount: Double
  /// Layers with their repeats.
  let layerCount: Int
  let source: String
  var testDescription: String { "\(name), \(source)" }

  init(_ name: String, macCount: Double, layerCount: Int, source: String) {
    self.name = name
    self.macCount = macCount
    self.layerCount = layerCount
    self.source = source
  }
}

/// The library of networks against figures published, counted by other programs, or written out here.
@Suite struct WorkloadLibraryTests {
  /// "Exported model" is the sum over the matrix and convolution nodes of an ONNX file that PyTorch 2.15 and
  /// torchvision 0.29 wrote; those sums equal torchvision's own figures to the three decimals it gives.
  static let counted = [
    KnownNetwork(
      "resnet18", macCount: 1_814_073_344, layerCount: 21, source: "exported model; 1.814 G"),
    KnownNetwork(
      "resnet50", macCount: 4_089_184_256, layerCount: 54, source: "exported model; 4.089 G"),
    KnownNetwork(
      "mobilenet-v2", macCount: 300_774_272, layerCount: 53, source: "exported model; 0.301 G"),
    KnownNetwork("unet-256", macCount: 48_171_581_440, layerCount: 23, source: "exported model"),
    KnownNetwork(
      "bert-base-layer-128", macCount: 931_135_488, layerCount: 8, source: "exported model"),
    // Two input products, 2 * 25 steps, a classifier; the export has one node for the steps of a layer.
    KnownNetwork("lstm-speech", macCount: 104_550_400, layerCount: 53, source: "exported model"),
    KnownNetwork("gru-speech", macCount: 84_582_400, layerCount: 53, source: "exported model"),
  ]

  /// Products of shapes as the papers give them.
  static let writtenOut = [
    KnownNetwork(
      "dqn", macCount: Double(3_276_800 + 2_654_208 + 1_806_336 + 3_136 * 512 + 512 * 4),
      layerCount: 5,
      source: "32 kernels 8x8x4 on 20x20, 64 of 4x4x32 on 9x9, 64 of 3x3x64 on 7x7"),
    KnownNetwork(
      "dqn-2013", macCount: Double(1_638_400 + 663_552 + 2_592 * 256 + 256 * 4), layerCount: 4,
      source: "16 kernels 8x8x4 on 20x20, 32 of 4x4x16 on 9x9"),
    KnownNetwork(
      "mlp-mnist", macCount: Double(784 * 300 + 300 * 100 + 100 * 10), layerCount: 3,
      source: "784-300-100-10"),
    KnownNetwork(
      "mlp-autoencoder", macCount: Double(2 * 640 * 128 + 6 * 128 * 128 + 2 * 128 * 8),
      layerCount: 10, source: "640-128-128-128-128-8-128-128-128-128-640"),
    KnownNetwork(
      "mlp-recommendation", macCount: Double(2_048 * (170_496 + 2_194_688)), layerCount: 8,
      source: "13-512-256-128 has 170496 weights, 479-1024-1024-512-256-1 has 2194688"),
    KnownNetwork(
      "codesign-standin-resnet", macCount: 4 * 115_605_504, layerCount: 4,
      source: "ResNet-18's 3x3 convolutions"),
    KnownNetwork(
      "codesign-standin-dqn", macCount: 1_638_400 + 663_552, layerCount: 2,
      source: "convolutions of dqn-2013"),
    KnownNetwork(
      "codesign-standin-mlp", macCount: 262_144 + 65_536, layerCount: 2,
      source: "512x512, 64x1024"),
    KnownNetwork(
      "codesign-standin-transformer",
      macCount: 4_194_304 + 1_048_576 + 33_554_432 + 134_217_728, layerCount: 4,
      source: "128 rows of 512x64, 64x128, 512x512, 512x2048"),
    KnownNetwork(
      "depthwise-separable", macCount: 56 * 56 * 128 * (9 + 128), layerCount: 2,
      source: "MobileNets, Section 3.1: a kernel and the output channels for each channel"),
    KnownNetwork(
      "detection-heads",
      // Pixels of P3 to P7: 8525; laterals and pyramid; subnets, classes 720 and boxes 36 of each pixel.
      macCount: 256 * (512 * 6_400 + 1_024 * 1_600 + 2_048 * 400)
        + 2_304 * (256 * 8_400 + 2_048 * 100 + 256 * 25) + 2_304 * 8_525 * (8 * 256 + 756),
      layerCount: 58, source: "RetinaNet, section 4"),
    KnownNetwork(
      "gemm", macCount: 931_135_488, layerCount: 8, source: "exported model of a BERT layer"),
  ]

  @Test(arguments: counted + writtenOut)
  func totalsAreTheKnownOnes(known: KnownNetwork) throws {
    let network = try Configs.network(known.name)
    #expect(network.macCount == known.macCount)
    #expect(network.entries.reduce(0) { $0 + $1.count } == known.layerCount)
  }

  /// Figures with three digits, as papers and model lists print them.
  @Test(arguments: [
    // Sze et al., Proceedings of the IEEE 2017, Table II: 724 M in all. The two-group network of the paper.
    ("alexnet-full", 0.724),
    // torchvision 0.29, VGG16_Weights, "_ops".
    ("vgg16-full", 15.470),
    // torchvision 0.29, MobileNet_V3_Large_Weights, "_ops"; also the list of checkpoints in tensorflow/models.
    // Squeeze-and-excite is in it.
    ("mobilenet-v3-large", 0.217),
  ])
  func totalsAreThePublishedOnes(name: String, billions: Double) throws {
    let total = try Configs.network(name).macCount / 1e9
    #expect((total * 1_000).rounded() == (billions * 1_000).rounded())
  }

  /// The same totals to the last digit, so that a change shows; summed by hand layer by layer.
  @Test func totalsOfFullClassifiersAreExact() throws {
    let fullyConnected = 4_096 * 4_096 + 4_096 * 1_000
    let towers = try Configs.network("alexnet").macCount / 4
    // Chen et al., ISSCC 2016, abstract: 666 million in the convolutions of AlexNet, 15.3 billion in VGG-16's.
    #expect(towers == 665_784_864)
    let alexnet = towers + Double(9_216 * 4_096 + fullyConnected)
    #expect(try Configs.network("alexnet-full").macCount == alexnet)
    #expect(alexnet == 724_406_816)
    let convolutions = try Configs.network("vgg16").macCount
    #expect(convolutions == 15_346_630_656)
    let vgg16 = convolutions + Double(25_088 * 4_096 + fullyConnected)
    #expect(try Configs.network("vgg16-full").macCount == vgg16)
    #expect(vgg16 == 15_470_264_320)
  }

  /// Weights of all layers and their repeats.
  private func weightCount(_ network: Network) throws -> Int {
    try network.entries.reduce(0) {
      let index = try #require($1.layer.operandIndex(named: "Weights"))
      return $0 + $1.count * $1.layer.wordCount(of: index)
    }
  }

  /// Output channels of all convolutions, or columns of all products, and their repeats.
  private func channelCount(_ network: Network, ofConvolutions: Bool) -> Int {
    network.entries.reduce(0) { total, entry in
      let layer = entry.layer
      guard (layer.dimensionIndex(named: "P") != nil) == ofConvolutions else { return total }
      let outputs = layer.dimensions.filter { ["G", "M"].contains($0.name) }.map(\.bound)
      let depthwise = layer.dimensions.first { $0.name == "C" }?.bound ?? 0
      return total + entry.count * (outputs.isEmpty ? depthwise : outputs.reduce(1, *))
    }
  }

  /// Parameters do not depend on image sizes, so they check the channels alone.
  ///
  /// torchvision 0.29, "num_params". A convolution has two numbers of batch normalization for a channel, a
  /// product one bias for a column.
  @Test(arguments: [
    ("resnet18", 11_689_512), ("resnet50", 25_557_032), ("mobilenet-v2", 3_504_872),
    ("mobilenet-v3-large", 5_483_032),
  ])
  func parametersOfNormalizedNetworksAreThePublishedOnes(name: String, parameterCount: Int) throws {
    let network = try Configs.network(name)
    let normalization = 2 * channelCount(network, ofConvolutions: true)
    let biases = channelCount(network, ofConvolutions: false)
    #expect(try weightCount(network) + normalization + biases == parameterCount)
  }

  /// Networks with one bias for every output channel.
  @Test(arguments: [
    // torchvision 0.29, VGG16_Weights, "num_params".
    ("vgg16-full", 138_357_544),
    // The two-group network; torchvision's one-tower network has 61100840.
    ("alexnet-full", 60_965_224),
    // As Keras and PyTorch implementations with 4 actions print it.
    ("dqn", 1_686_180),
    // Han et al., NeurIPS 2015, Table 1: LeNet-300-100 has 267 K.
    ("mlp-mnist", 266_610),
  ])
  func parametersOfBiasedNetworksAreThePublishedOnes(name: String, parameterCount: Int) throws {
    let network = try Configs.network(name)
    let biases =
      channelCount(network, ofConvolutions: true) + channelCount(network, ofConvolutions: false)
    #expect(try weightCount(network) + biases == parameterCount)
  }

  /// Edges of the maps and channels as Figure 1 of Ronneberger and others draws them.
  ///
  /// "In total the network has 23 convolutional layers", Section 2.
  @Test func unetIsTheFigure() throws {
    let network = try Configs.network("unet")
    #expect(network.entries.reduce(0) { $0 + $1.count } == 23)
    // Edge of the outputs, channels in, channels out.
    let down = [
      (570, 1, 64), (568, 64, 64), (282, 64, 128), (280, 128, 128), (138, 128, 256),
      (136, 256, 256), (66, 256, 512), (64, 512, 512), (30, 512, 1_024), (28, 1_024, 1_024),
    ]
    let up = [
      (54, 1_024, 512), (52, 512, 512), (102, 512, 256), (100, 256, 256), (198, 256, 128),
      (196, 128, 128), (390, 128, 64), (388, 64, 64),
    ]
    // Edge of the outputs; every output sees one tap of the 2 x 2 kernel.
    let upConvolutions = [(56, 1_024, 512), (104, 512, 256), (200, 256, 128), (392, 128, 64)]
    let count = { (layers: [(Int, Int, Int)], taps: Int) in
      layers.reduce(0) { $0 + $1.0 * $1.0 * $1.1 * $1.2 * taps }
    }
    let total = count(down + up, 9) + count(upConvolutions, 1) + count([(388, 64, 2)], 1)
    #expect(network.macCount == Double(total))
    // Three channels in instead of one; 31031810 parameters as Keras prints them, 6850 of them biases.
    #expect(try weightCount(Configs.network("unet-256")) == 31_031_810 - 6_850)
    #expect(try weightCount(network) == 31_031_810 - 6_850 - 2 * 9 * 64)
  }

  /// One encoder layer: four projections, two products of the heads, two of the feed-forward part.
  @Test(arguments: [128, 512])
  func bertLayerFollowsTheFormula(length: Int) throws {
    let network = try Configs.network("bert-base-layer-\(length)")
    let weights = 4 * 768 * 768 + 2 * 768 * 3_072
    #expect(network.macCount == Double(length * weights + 2 * length * length * 768))
    // Devlin et al. 2019: 110 M parameters, of which 12 layers have 85054464 with biases and normalization.
    #expect(12 * (weights + 4 * 768 + 3_072 + 768 + 4 * 768) == 85_054_464)
  }

  /// A token costs `12 layers d^2` MACs, and `2 layers d` for each key it attends to.
  ///
  /// Kaplan et al., Scaling laws for neural language models, 2020, Table 1, without its causal mask.
  @Test func decoderFollowsTheFormula() throws {
    let (layers, d, context, vocabulary) = (12, 768, 1_024, 50_257)
    let weights = 12 * layers * d * d
    let attention = 2 * layers * d * context
    let decode = try Configs.network("gpt2-small-decode")
    #expect(decode.macCount == Double(weights + attention + vocabulary * d))
    #expect(decode.macCount == 142_406_400)
    let prefill = try Configs.network("gpt2-small-prefill")
    #expect(prefill.macCount == Double(context * (weights + attention) + vocabulary * d))
    // The released model has 124439808 parameters: these weights, 1024 positions, biases, normalization.
    let biases = layers * (3 * d + d + 4 * d + d)
    let normalization = (2 * layers + 1) * 2 * d
    #expect(weights + vocabulary * d + context * d + biases + normalization == 124_439_808)
    let cache = attention
    #expect(try weightCount(decode) == weights + vocabulary * d + cache)
  }

  /// CTC-3l-250h has 3.8 M weights in Table 1 of Graves and others, 2013.
  @Test func speechNetworkOfTIMITHasItsWeights() throws {
    let (cells, frames) = (250, 300)
    let inputs = 2 * 4 * cells * 123 + 2 * 2 * 4 * cells * (2 * cells)
    let weights = inputs + 3 * 2 * 4 * cells * cells + 2 * cells * 62
    #expect(try Configs.network("lstm-timit").macCount == Double(frames * weights))
    // Biases of gates and outputs, and three peepholes of each cell.
    let others = 3 * 2 * 4 * cells + 62 + 3 * 2 * 3 * cells
    #expect((Double(weights + others) / 1e5).rounded() == 38)
  }

  @Test func everyFileHasATotalInATest() {
    let elsewhere = [
      "alexnet", "vgg16", "vgg16-batch3",
      "alexnet-full", "vgg16-full", "mobilenet-v3-large", "unet", "lstm-timit",
      "bert-base-layer-512", "gpt2-small-decode", "gpt2-small-prefill",
    ]
    let names = Configs.paths("workloads").map {
      URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent
    }
    #expect(names.sorted() == (elsewhere + (Self.counted + Self.writtenOut).map(\.name)).sorted())
  }

  @Test func generatedFilesAreThoseTheScriptWrites() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", Configs.root.deletingLastPathComponent().path + "/Scripts/generate-workloads",
      "--check",
    ]
    try process.run()
    process.waitUntilExit()
    // 127: no Python on this machine.
    #expect([0, 127].contains(process.terminationStatus), "run Scripts/generate-workloads")
  }
}
