extension ONNXOperator {
  /// Operators of the standard that are products.
  static let standardLayers: [ONNXOperator] =
    family("Conv ConvInteger", .layer, "one row; over three dimensions named as unsupported") {
      call throws(OperatorFailure) in try call.inferConvolution()
    }
    + family("QLinearConv", .layer, "one row, operands are inputs 0 and 3") {
      call throws(OperatorFailure) in try call.inferConvolution(weights: 3)
    }
    + family("DeformConv", .layer, "counted as a convolution; sampling is not counted") {
      call throws(OperatorFailure) in try call.inferConvolution()
    }
    + family("ConvTranspose", .layer, "one row, counted by the input size") {
      call throws(OperatorFailure) in try call.inferTransposedConvolution()
    }
    + family("MatMul", .layer, "one row: gemm when the second operand has at most 2 dimensions") {
      call throws(OperatorFailure) in try call.inferMatrixProduct()
    }
    + family("MatMulInteger", .layer, "like MatMul") {
      call throws(OperatorFailure) in try call.inferMatrixProduct(type: .int32)
    }
    + family("QLinearMatMul", .layer, "like MatMul, operands are inputs 0 and 3") {
      call throws(OperatorFailure) in try call.inferMatrixProduct(0, 3)
    }
    + family("Gemm", .layer, "one row") {
      call throws(OperatorFailure) in try call.inferGeneralProduct()
    }
    + family(
      "LSTM GRU RNN", .layer, "two rows: inputs and state; count is the number of directions"
    ) {
      call throws(OperatorFailure) in try call.inferRecurrent()
    }
    + family("Einsum", .layer, "a row where two operands are contracted, otherwise the shape") {
      call throws(OperatorFailure) in try call.inferEinsum()
    }
    + family("Attention", .layer, "two rows: scores and context") {
      call throws(OperatorFailure) in try call.inferAttention()
    }

  /// Operators of the standard that move, cut, join or describe tensors.
  static let standardShapes: [ONNXOperator] =
    family("Constant", .folded) { call throws(OperatorFailure) in try call.inferConstant() }
    + family("ConstantOfShape", .folded) {
      call throws(OperatorFailure) in try call.inferConstantOfShape()
    }
    + family("Shape", .folded) { call throws(OperatorFailure) in try call.inferShape() }
    + family("Size", .folded) { call throws(OperatorFailure) in try call.inferSize() }
    + family("Range", .folded) { call throws(OperatorFailure) in try call.inferRange() }
    + family("Reshape", .folded) { call throws(OperatorFailure) in try call.inferReshape() }
    + family("Flatten", .folded) { call throws(OperatorFailure) in try call.inferFlatten() }
    + family("Squeeze", .folded) { call throws(OperatorFailure) in try call.inferSqueeze() }
    + family("Unsqueeze", .folded) { call throws(OperatorFailure) in try call.inferUnsqueeze() }
    + family("Transpose", .folded) { call throws(OperatorFailure) in try call.inferTranspose() }
    + family("Expand", .folded) { call throws(OperatorFailure) in try call.inferExpand() }
    + family("Tile", .folded) { call throws(OperatorFailure) in try call.inferTile() }
    + family("Concat", .folded) { call throws(OperatorFailure) in try call.inferConcat() }
    + family("Split", .folded) { call throws(OperatorFailure) in try call.inferSplit() }
    + family("Slice", .folded) { call throws(OperatorFailure) in try call.inferSlice() }
    + family("Gather", .folded) { call throws(OperatorFailure) in try call.inferGather() }
    + family("GatherElements", .shape) {
      call throws(OperatorFailure) in try call.inferGatherElements()
    }
    + family("GatherND", .shape) { call throws(OperatorFailure) in try call.inferGatherND() }
    + family("Pad", .shape) { call throws(OperatorFailure) in try call.inferPad() }
    + family("DepthToSpace SpaceToDepth", .shape) {
      call throws(OperatorFailure) in try call.inferDepthToSpace()
    }
    + family("Resize Upsample", .shape) {
      call throws(OperatorFailure) in try call.inferResize()
    }
    + family("MaxPool AveragePool LpPool", .shape, "with auto_pad and ceil_mode") {
      call throws(OperatorFailure) in try call.inferPooling()
    }
    + family("GlobalAveragePool GlobalMaxPool GlobalLpPool", .shape) {
      call throws(OperatorFailure) in try call.inferGlobalPooling()
    }
    + family("MaxRoiPool RoiAlign", .shape) {
      call throws(OperatorFailure) in try call.inferRegionPooling()
    }
    + family("GridSample", .shape) { call throws(OperatorFailure) in try call.inferGridSample() }
    + family("AffineGrid", .shape) { call throws(OperatorFailure) in try call.inferAffineGrid() }
    + family("CenterCropPad", .shape) {
      call throws(OperatorFailure) in try call.inferCenterCropPad()
    }
    + family("Col2Im", .shape) {
      call throws(OperatorFailure) in try call.inferColumnsToImage()
    }
    + family("ReduceProd", .folded, "values when all axes are reduced") {
      call throws(OperatorFailure) in try call.inferReduction(Number.multiply)
    }
    + family("ReduceSum", .folded, "values when all axes are reduced") {
      call throws(OperatorFailure) in try call.inferReduction(Number.add)
    }
    + family("ReduceMax", .folded, "values when all axes are reduced") {
      call throws(OperatorFailure) in try call.inferReduction(OperatorCall.larger)
    }
    + family("ReduceMin", .folded, "values when all axes are reduced") {
      call throws(OperatorFailure) in try call.inferReduction(OperatorCall.smaller)
    }
    + family(
      "ReduceMean ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare", .shape
    ) { call throws(OperatorFailure) in try call.inferReduction() }
    + family("ArgMax ArgMin", .shape) {
      call throws(OperatorFailure) in try call.inferArgument()
    }
    + family("TopK", .shape) { call throws(OperatorFailure) in try call.inferTopK() }
    + family("OneHot", .shape) { call throws(OperatorFailure) in try call.inferOneHot() }
    + family("NonZero", .folded, "only of constants; otherwise its size depends on data") {
      call throws(OperatorFailure) in try call.inferNonZero()
    }
    + family("CumSum", .folded) {
      call throws(OperatorFailure) in try call.inferCumulativeSum()
    }
    + family("RandomNormal RandomUniform", .shape) {
      call throws(OperatorFailure) in try call.inferGivenShape()
    }
    + family("SplitToSequence", .shape) {
      call throws(OperatorFailure) in try call.inferSplitToSequence()
    }
    + family("SequenceConstruct", .shape) {
      call throws(OperatorFailure) in try call.inferSequenceConstruct()
    }
    + family("SequenceAt", .shape) { call throws(OperatorFailure) in try call.inferSequenceAt() }
    + family("ConcatFromSequence", .shape) {
      call throws(OperatorFailure) in try call.inferConcatFromSequence()
    }
}
