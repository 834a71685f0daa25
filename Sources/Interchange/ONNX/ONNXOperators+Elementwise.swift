extension ONNXOperator {
  /// Operators of the standard that keep or broadcast shapes.
  static let standardElementwise: [ONNXOperator] =
    family("Identity", .folded) { call throws(OperatorFailure) in try call.pass() }
    + family("Dropout", .folded) { call throws(OperatorFailure) in try call.inferDropout() }
    + family("Cast CastLike", .folded) { call throws(OperatorFailure) in try call.inferCast() }
    + family("Neg", .folded) { call throws(OperatorFailure) in try call.inferNegation() }
    + family("Abs", .folded) { call throws(OperatorFailure) in try call.inferAbsolute() }
    + family("Floor", .folded) {
      call throws(OperatorFailure) in try call.inferReal { $0.rounded(.down) }
    }
    + family("Ceil", .folded) {
      call throws(OperatorFailure) in try call.inferReal { $0.rounded(.up) }
    }
    + family("Round", .folded) {
      call throws(OperatorFailure) in try call.inferReal { $0.rounded(.toNearestOrEven) }
    }
    + family("Sqrt", .folded) {
      call throws(OperatorFailure) in try call.inferReal { $0.squareRoot() }
    }
    + family("Reciprocal", .folded) {
      call throws(OperatorFailure) in try call.inferReal { 1 / $0 }
    }
    + family("Not", .folded) { call throws(OperatorFailure) in try call.inferNot() }
    + family("Clip", .folded) { call throws(OperatorFailure) in try call.inferClip() }
    + family("Add Sum", .folded) {
      call throws(OperatorFailure) in try call.combine(Number.add)
    }
    + family("Sub", .folded) { call throws(OperatorFailure) in try call.combine(Number.subtract) }
    + family("Mul", .folded) { call throws(OperatorFailure) in try call.combine(Number.multiply) }
    + family("Div", .folded) { call throws(OperatorFailure) in try call.inferDivision() }
    + family("Mod", .folded) { call throws(OperatorFailure) in try call.inferModulo() }
    + family("Pow", .folded) { call throws(OperatorFailure) in try call.inferPower() }
    + family("Max", .folded) {
      call throws(OperatorFailure) in try call.combine(OperatorCall.larger)
    }
    + family("Min", .folded) {
      call throws(OperatorFailure) in try call.combine(OperatorCall.smaller)
    }
    + family("Equal", .folded) {
      call throws(OperatorFailure) in try call.inferComparison(==, ==)
    }
    + family("Greater", .folded) {
      call throws(OperatorFailure) in try call.inferComparison(>, >)
    }
    + family("GreaterOrEqual", .folded) {
      call throws(OperatorFailure) in try call.inferComparison(>=, >=)
    }
    + family("Less", .folded) { call throws(OperatorFailure) in try call.inferComparison(<, <) }
    + family("LessOrEqual", .folded) {
      call throws(OperatorFailure) in try call.inferComparison(<=, <=)
    }
    + family("And", .folded) {
      call throws(OperatorFailure) in try call.inferLogic { $0 && $1 }
    }
    + family("Or", .folded) { call throws(OperatorFailure) in try call.inferLogic { $0 || $1 } }
    + family("Xor", .folded) { call throws(OperatorFailure) in try call.inferLogic { $0 != $1 } }
    + family("Where", .folded) { call throws(OperatorFailure) in try call.inferWhere() }
    + family("Mean BitShift BitwiseAnd BitwiseOr BitwiseXor PRelu", .shape, "broadcast") {
      call throws(OperatorFailure) in try call.broadcastAll()
    }
    + family(
      "Acos Acosh Asin Asinh Atan Atanh BitwiseNot Celu Cos Cosh Elu Erf Exp Gelu HardSigmoid HardSwish Hardmax "
        + "LeakyRelu Log LogSoftmax Mish Relu Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Swish "
        + "Tan Tanh ThresholdedRelu", .shape, "shape of the input"
    ) { call throws(OperatorFailure) in try call.keepShape() }
    + family(
      "InstanceNormalization GroupNormalization LpNormalization LRN MeanVarianceNormalization RMSNormalization "
        + "RotaryEmbedding", .shape, "shape of the input"
    ) { call throws(OperatorFailure) in try call.keepShape() }
    + family(
      "EyeLike RandomNormalLike RandomUniformLike Bernoulli ReverseSequence Trilu Scatter ScatterElements ScatterND "
        + "TensorScatter CumProd", .shape, "shape of the input"
    ) { call throws(OperatorFailure) in try call.keepShape() }
    + family("IsInf IsNaN", .shape, "shape of the input") {
      call throws(OperatorFailure) in try call.keepShape(type: .bool)
    }
    + family("LayerNormalization", .shape) {
      call throws(OperatorFailure) in try call.inferLayerNormalization()
    }
    + family("BatchNormalization", .shape) {
      call throws(OperatorFailure) in try call.inferBatchNormalization()
    }
    + family("QuantizeLinear", .shape, "a quantized constant stays a weight") {
      call throws(OperatorFailure) in
      try call.keepShape(type: call.has(2) ? call.type(2) : .uint8)
    }
    + family("DequantizeLinear", .shape, "a quantized constant stays a weight") {
      call throws(OperatorFailure) in try call.keepShape(type: .float)
    }
    + family("DynamicQuantizeLinear", .shape) {
      call throws(OperatorFailure) in
      try call.keepShape(type: .uint8)
      try call.give([], type: .float)
      try call.give([], type: .uint8)
    }

  /// Operators of the standard without a rule, with the reason.
  static let standardReported: [ONNXOperator] =
    family("If", .body, "the branch taken when the condition is constant; otherwise reported")
    + family("Loop Scan SequenceMap", .reported, "how often the body runs depends on data")
    + family(
      "Compress NonMaxSuppression Unique", .reported, "the shape of the result depends on data"
    ) { call throws(OperatorFailure) in try call.dependOnData() }
    + family(
      "BlackmanWindow HammingWindow HannWindow DFT STFT MelWeightMatrix", .reported,
      "signal processing")
    + family(
      "Det Multinomial MaxUnpool ImageDecoder BitCast", .reported, "not in exported networks")
    + family("NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss", .reported, "training")
    + family(
      "Optional OptionalGetElement OptionalHasElement SequenceEmpty SequenceErase SequenceInsert SequenceLength",
      .reported, "sequences and optionals beyond split and concatenation")
    + family(
      "RegexFullMatch StringConcat StringNormalizer StringSplit TfIdfVectorizer", .reported, "text")
    + family(
      "CausalConvWithState LinearAttention SwiGLU", .reported, "after version 24")
}
