extension ONNXOperator {
  private static func fused(
    _ names: String, _ treatment: Treatment, _ note: String = "", rule: Rule? = nil
  ) -> [ONNXOperator] {
    family(names, treatment, note, domain: "com.microsoft", rule: rule)
  }

  /// Operators into which ONNX Runtime fuses others.
  static let microsoft: [ONNXOperator] =
    microsoftLayers + microsoftShapes
    + fused("MoE QMoE", .reported, "which experts run depends on data")
    + fused(
      "BeamSearch GreedySearch Sampling WhisperBeamSearch", .reported,
      "how often the body runs depends on data")

  private static let microsoftLayers: [ONNXOperator] =
    fused("FusedConv NhwcConv NhwcFusedConv", .layer, "like Conv") {
      call throws(OperatorFailure) in try call.inferConvolution()
    }
    + fused("QLinearConv", .layer, "like Conv, also with channels last") {
      call throws(OperatorFailure) in try call.inferConvolution(weights: 3)
    }
    + fused("FusedMatMul TransposeMatMul", .layer, "like MatMul after transposing") {
      call throws(OperatorFailure) in try call.inferFusedMatrixProduct()
    }
    + fused("FusedGemm GemmFastGelu GemmFloat8", .layer, "like Gemm") {
      call throws(OperatorFailure) in
      if call.node.operation == "GemmFastGelu" {
        try call.inferMatrixProduct()
      } else {
        try call.inferGeneralProduct()
      }
    }
    + fused("QGemm", .layer, "like Gemm, operands are inputs 0 and 3") {
      call throws(OperatorFailure) in try call.inferGeneralProduct(0, 3)
    }
    + fused("QLinearMatMul", .layer, "like MatMul, operands are inputs 0 and 3") {
      call throws(OperatorFailure) in try call.inferMatrixProduct(0, 3)
    }
    + fused("MatMulInteger16", .layer, "like MatMul") {
      call throws(OperatorFailure) in try call.inferMatrixProduct(type: .int32)
    }
    + fused("DynamicQuantizeMatMul MatMulIntegerToFloat", .layer, "like MatMul") {
      call throws(OperatorFailure) in try call.inferMatrixProduct(type: .float)
    }
    + fused("MatMulNBits MatMulBnb4 MatMulFpQ4", .layer, "like MatMul; sizes from attributes") {
      call throws(OperatorFailure) in try call.inferPackedProduct()
    }
    + fused("Attention QAttention", .layer, "three rows: projection, scores, context") {
      call throws(OperatorFailure) in try call.inferProjectedAttention()
    }
    + fused(
      "MultiHeadAttention DecoderMaskedMultiHeadAttention", .layer, "two rows: scores, context"
    ) {
      call throws(OperatorFailure) in try call.inferMultiHeadAttention()
    }
    + fused("GroupQueryAttention", .layer, "two rows: scores, context; keys are shared by heads") {
      call throws(OperatorFailure) in try call.inferGroupQueryAttention()
    }
    + fused("DynamicQuantizeLSTM", .layer, "like LSTM") {
      call throws(OperatorFailure) in try call.inferRecurrent()
    }

  private static let microsoftShapes: [ONNXOperator] =
    fused(
      "BiasGelu FastGelu QuickGelu Gelu BiasSoftmax GroupNorm RotaryEmbedding QLinearLeakyRelu QLinearSigmoid "
        + "QLinearSoftmax Inverse Trilu BiasAdd", .shape, "shape of the input"
    ) { call throws(OperatorFailure) in try call.keepShape() }
    + fused("BiasDropout", .shape) { call throws(OperatorFailure) in try call.keepShapeEverywhere()
    }
    + fused(
      "SkipLayerNormalization SkipSimplifiedLayerNormalization SkipGroupNorm", .shape,
      "shape of the input"
    ) { call throws(OperatorFailure) in try call.inferSkipNormalization() }
    + family("SimplifiedLayerNormalization", .shape, "as exported without a domain") {
      call throws(OperatorFailure) in try call.inferLayerNormalization()
    }
    + fused("LayerNormalization SimplifiedLayerNormalization", .shape) {
      call throws(OperatorFailure) in try call.inferLayerNormalization()
    }
    + fused("EmbedLayerNormalization", .shape) {
      call throws(OperatorFailure) in try call.inferEmbedding()
    }
    + fused("BiasSplitGelu", .shape, "half of the last dimension") {
      call throws(OperatorFailure) in
      var shape = try call.shape(0, rank: 1...ONNXLimits.rank)
      if case .known(let size)? = shape.last { shape[shape.count - 1] = .known(size / 2) }
      try call.give(shape, type: call.type(0))
    }
    + fused("QLinearAdd QLinearMul", .shape, "broadcast, operands are inputs 0 and 3") {
      call throws(OperatorFailure) in try call.inferQuantizedPair()
    }
    + fused("QLinearConcat", .shape) {
      call throws(OperatorFailure) in try call.inferQuantizedConcat()
    }
    + fused("QLinearAveragePool NhwcMaxPool", .shape) {
      call throws(OperatorFailure) in try call.inferPooling()
    }
    + fused("QLinearGlobalAveragePool", .shape) {
      call throws(OperatorFailure) in try call.inferGlobalPooling()
    }
    + fused("QLinearReduceMean", .shape) {
      call throws(OperatorFailure) in
      let inner = OperatorCall(
        node: call.node, version: 13, inputs: Array(call.inputs.prefix(1)))
      var copy = inner
      try copy.inferReduction()
      call.outputs = copy.outputs
    }
    + fused("QLinearWhere", .shape, "broadcast, operands are inputs 0, 1 and 4") {
      call throws(OperatorFailure) in try call.broadcastShapes([0, 1, 4], type: call.type(1))
    }
    + fused("QuantizeLinear", .shape) {
      call throws(OperatorFailure) in
      try call.keepShape(type: call.has(2) ? call.type(2) : .uint8)
    }
    + fused("DequantizeLinear", .shape) {
      call throws(OperatorFailure) in try call.keepShape(type: .float)
    }
    + fused("Pad", .shape) { call throws(OperatorFailure) in try call.inferPad() }
}
