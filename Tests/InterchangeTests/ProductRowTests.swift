import Foundation
import Interchange
import Testing
import Workload

/// Rows of every family of operators that are products, each with a count by hand.
@Suite struct ProductRowTests {
  private func rows(_ build: (inout GraphWriter) -> Void) throws -> [String] {
    let network = try load(model(build))
    #expect(network.warnings.map(\.text) == [])
    return short(network)
  }

  @Test func quantizedConvolutions() throws {
    let got = try rows { graph in
      graph.input("x", [1, 8, 10, 10], type: 2)
      graph.weight("w", [16, 8, 3, 3], type: 3)
      for name in ["s", "z"] { graph.weight(name, []) }
      graph.node("QLinearConv", ["x", "s", "z", "w", "s", "z", "s", "z"], ["y"])
      graph.node("ConvInteger", ["x", "w"], ["v"])
    }
    // 16 x 8 x 9 x 64
    #expect(
      got == [
        "QLinearConv conv N1 K16 C8 P8x8 g1 x1 weight 73728",
        "ConvInteger conv N1 K16 C8 P8x8 g1 x1 weight 73728",
      ])
  }

  @Test func quantizedWeightsBehindDequantizeAreWeights() throws {
    let got = try rows { graph in
      graph.input("x", [1, 8, 10, 10])
      graph.weight("w", [16, 8, 1, 1], type: 3)
      for name in ["s", "z"] { graph.weight(name, []) }
      graph.node("QuantizeLinear", ["x", "s", "z"], ["xq"])
      graph.node("DequantizeLinear", ["xq", "s", "z"], ["xd"])
      graph.node("DequantizeLinear", ["w", "s", "z"], ["wd"])
      graph.node("Conv", ["xd", "wd"], ["y"])
    }
    #expect(got == ["Conv pointwise N1 K16 C8 P10x10 g1 x1 weight 12800"])
  }

  @Test func quantizedMatrixProducts() throws {
    let got = try rows { graph in
      graph.input("x", [2, 5, 8])
      graph.weight("w", [8, 3], type: 3)
      graph.weight("packed", [3, 1, 4], type: 2)
      for name in ["s", "z"] { graph.weight(name, []) }
      graph.node("MatMulInteger", ["x", "w"], ["a"])
      graph.node("QLinearMatMul", ["x", "s", "z", "w", "s", "z", "s", "z"], ["b"])
      for name in ["DynamicQuantizeMatMul", "MatMulIntegerToFloat"] {
        graph.node(name, ["x", "w", "s"], [name], domain: "com.microsoft")
      }
      graph.node(
        "MatMulNBits", ["x", "packed", "s"], ["c"], domain: "com.microsoft",
        [("K", .integer(8)), ("N", .integer(3)), ("bits", .integer(4))])
    }
    #expect(
      got
        == [
          "MatMulInteger", "QLinearMatMul", "DynamicQuantizeMatMul", "MatMulIntegerToFloat",
          "MatMulNBits",
        ].map { "\($0) gemm N1 K3 C8 P10x1 g1 x1 weight 240" })
  }

  @Test func fusedMatrixProductsTranspose() throws {
    let got = try rows { graph in
      graph.input("a", [2, 8, 5])
      graph.input("b", [2, 3, 8])
      graph.node(
        "FusedMatMul", ["a", "b"], ["y"], domain: "com.microsoft",
        [("transA", .integer(1)), ("transB", .integer(1))])
    }
    #expect(got == ["FusedMatMul bmm N2 K3 C8 P5x1 g1 x1 activation 240"])
  }

  @Test func attentionOfTheStandardHasTwoRows() throws {
    let network = try load(
      model { graph in
        graph.input("q", [2, 5, 128])
        graph.input("k", [2, 7, 64])
        graph.input("v", [2, 7, 64])
        graph.node(
          "Attention", ["q", "k", "v"], ["y"], name: "att",
          [("q_num_heads", .integer(8)), ("kv_num_heads", .integer(4))])
      })
    // 2 x 8 heads, 5 queries, 7 keys, heads of 16: 16 x 5 x 7 x 16 each
    #expect(
      short(network) == [
        "Attention bmm N16 K7 C16 P5x1 g1 x1 activation 8960",
        "Attention bmm N16 K16 C7 P5x1 g1 x1 activation 8960",
      ])
    let layers = try #require(network.network().network?.entries)
    #expect(layers.map(\.layer.name) == ["att/scores", "att/context"])
    // Keys are shared by two query heads: 2 x 4 x 16 x 7 words, not twice that.
    #expect(layers[0].layer.wordCount(of: 0) == 896)
    #expect(layers[0].layer.macCount == 8960)
  }

  @Test func attentionOfMicrosoftProjectsFirst() throws {
    let got = try rows { graph in
      graph.input("x", [2, 5, 64])
      graph.weight("w", [64, 192])
      graph.node(
        "Attention", ["x", "w"], ["y"], domain: "com.microsoft", [("num_heads", .integer(4))])
      graph.input("q", [1, 1, 64])
      graph.input("k", [1, 1, 32])
      graph.input("past", [1, 2, 9, 16])
      graph.node(
        "GroupQueryAttention", ["q", "k", "k", "past", "past"], ["g"], domain: "com.microsoft",
        [("num_heads", .integer(4)), ("kv_num_heads", .integer(2))])
      graph.node(
        "MultiHeadAttention", ["x", "x", "x"], ["m"], domain: "com.microsoft",
        [("num_heads", .integer(4))])
    }
    #expect(
      got == [
        "Attention gemm N1 K192 C64 P10x1 g1 x1 weight 122880",
        "Attention bmm N8 K5 C16 P5x1 g1 x1 activation 3200",
        "Attention bmm N8 K16 C5 P5x1 g1 x1 activation 3200",
        "GroupQueryAttention bmm N4 K10 C16 P1x1 g1 x1 activation 640",
        "GroupQueryAttention bmm N4 K16 C10 P1x1 g1 x1 activation 640",
        "MultiHeadAttention bmm N8 K5 C16 P5x1 g1 x1 activation 3200",
        "MultiHeadAttention bmm N8 K16 C5 P5x1 g1 x1 activation 3200",
      ])
  }

  @Test func einsumIsAMatrixProductWhereItContracts() throws {
    let got = try rows { graph in
      graph.input("q", [2, 3, 5, 16])
      graph.input("k", [2, 3, 7, 16])
      graph.weight("w", [16, 9])
      graph.node("Einsum", ["q", "k"], ["a"], [("equation", .text("bhid, bhjd -> bhij"))])
      graph.node("Einsum", ["q", "w"], ["b"], [("equation", .text("...d,de->...e"))])
      graph.node("Einsum", ["q"], ["c"], [("equation", .text("bhid->bihd"))])
      graph.node("Einsum", ["q", "q"], ["d"], [("equation", .text("bhid,bhid->bhid"))])
    }
    #expect(
      got == [
        "Einsum bmm N6 K7 C16 P5x1 g1 x1 activation 3360",
        "Einsum gemm N1 K9 C16 P30x1 g1 x1 weight 4320",
      ])
  }

  @Test func recurrentLayersWithBatchFirst() throws {
    let network = try load(
      model { graph in
        graph.input("x", [4, 7, 5])
        graph.weight("w", [2, 12, 5])
        graph.weight("r", [2, 12, 3])
        graph.node(
          "LSTM", ["x", "w", "r"], ["y"], name: "lstm",
          [("layout", .integer(1)), ("hidden_size", .integer(3))])
      })
    #expect(
      short(network) == [
        "LSTM rnn_input N4 K12 C5 P7x1 g1 x2 weight 3360",
        "LSTM rnn_recurrent N4 K12 C3 P7x1 g1 x2 weight 2016",
      ])
    let layers = try #require(network.network().network?.entries)
    #expect(layers.map(\.count) == [2, 14])
    #expect(layers.map(\.layer.macCount) == [1680, 144])
  }

  @Test func transposedConvolutionSlidesOverItsOutput() throws {
    let network = try load(
      model { graph in
        graph.input("x", [1, 4, 5, 6])
        graph.weight("w", [4, 3, 2, 2])
        graph.node("ConvTranspose", ["x", "w"], ["y"], [("strides", .integers([2, 2]))])
      })
    let layer = try #require(network.network().network?.entries.first?.layer)
    // 4 x 3 channels, 2 x 2 taps, 5 x 6 inputs; weights 48, inputs 120, outputs 3 x 10 x 12
    #expect(layer.macCount == 1440)
    #expect(layer.operands.indices.map { layer.wordCount(of: $0) } == [48, 360, 120])
  }

  @Test func channelsLastConvolutions() throws {
    let got = try rows { graph in
      graph.input("x", [1, 10, 12, 8])
      graph.weight("w", [16, 8, 3, 3])
      graph.node(
        "NhwcConv", ["x", "w"], ["y"], domain: "com.microsoft", [("pads", .integers([1, 1, 1, 1]))])
    }
    #expect(got == ["NhwcConv conv N1 K16 C8 P10x12 g1 x1 weight 138240"])
  }
}
