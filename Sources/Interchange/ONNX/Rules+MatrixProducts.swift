extension OperatorCall {
  /// The matrix product of two inputs with batch dimensions in front.
  mutating func inferMatrixProduct(_ first: Int = 0, _ second: Int = 1, type: ONNXType? = nil)
    throws(OperatorFailure)
  {
    try matrixProduct(
      shape(first, rank: 1...ONNXLimits.rank), shape(second, rank: 1...ONNXLimits.rank),
      type: type ?? self.type(first), operand: operand(second))
  }

  /// The product of the last two dimensions; vectors stand for a matrix of one row or one column.
  mutating func matrixProduct(
    _ given: [Extent], _ weights: [Extent], type: ONNXType, operand: LayerRow.SecondOperand
  ) throws(OperatorFailure) {
    let left = given.count == 1 ? [.known(1)] + given : given
    let right = weights.count == 1 ? weights + [.known(1)] : weights
    let inner = left[left.count - 1]
    if let a = inner.size, let b = right[right.count - 2].size, a != b {
      throw .invalid("inner sizes \(a) and \(b) differ")
    }
    let batch = try broadcast([Array(left.dropLast(2)), Array(right.dropLast(2))])
    var result = batch
    if given.count > 1 { result.append(left[left.count - 2]) }
    if weights.count > 1 { result.append(right[right.count - 1]) }
    try give(result, type: type)
    try addProduct(
      given: given, weights: weights, result: result, batch: batch,
      rows: left[left.count - 2], columns: right[right.count - 1],
      inner: inner.size == nil ? right[right.count - 2] : inner,
      isShared: weights.count <= 2, operand: operand)
  }

  /// Adds the row of a product `batch x (rows x inner) (inner x columns)`.
  ///
  /// A shared second matrix makes one product of all rows; otherwise every member of the batch is a product.
  mutating func addProduct(
    given: [Extent], weights: [Extent], result: [Extent], batch: [Extent], rows: Extent,
    columns: Extent, inner: Extent, isShared: Bool, operand: LayerRow.SecondOperand,
    part: String? = nil
  ) throws(OperatorFailure) {
    let sizes = try known([rows, columns, inner])
    let members = try known(batch)
    guard let batchSize = checkedProduct(members), batchSize <= ONNXLimits.extent,
      let allRows = checkedProduct([batchSize, sizes[0]])
    else { throw .overflow(quantity: "number of rows") }
    var row = row(
      isShared ? .matrixProduct : .batchedProduct, outputChannels: sizes[1],
      inputChannels: sizes[2], output: [isShared ? allRows : sizes[0], 1])
    row.batch = isShared ? 1 : batchSize
    row.secondOperand = operand
    row.inputShape = try known(given)
    row.weightShape = try known(weights)
    row.outputShape = try known(result)
    row.part = part
    try row.countOperations([batchSize] + sizes)
    self.rows.append(row)
  }

  mutating func inferGeneralProduct(_ first: Int = 0, _ second: Int = 1) throws(OperatorFailure) {
    let a = try shape(first, rank: 2...2)
    let b = try shape(second, rank: 2...2)
    let left = integer("transA", 0) != 0 ? [a[1], a[0]] : a
    let right = integer("transB", 0) != 0 ? [b[1], b[0]] : b
    if let x = left[1].size, let y = right[0].size, x != y {
      throw .invalid("inner sizes \(x) and \(y) differ")
    }
    let result = [left[0], right[1]]
    try give(result, type: type(first))
    try addProduct(
      given: a, weights: b, result: result, batch: [], rows: left[0], columns: right[1],
      inner: left[1].size == nil ? right[0] : left[1], isShared: true, operand: operand(second))
  }

  /// A product whose operands may be transposed, also between batch and rows.
  mutating func inferFusedMatrixProduct() throws(OperatorFailure) {
    func turned(_ index: Int, _ matrix: String, _ batch: String) throws(OperatorFailure)
      -> [Extent]
    {
      var shape = try shape(index, rank: 1...ONNXLimits.rank)
      let last = shape.count - 1
      if integer(batch, 0) != 0, shape.count > 2 { shape.insert(shape.remove(at: 0), at: last - 1) }
      if integer(matrix, 0) != 0, shape.count > 1 { shape.swapAt(last, last - 1) }
      return shape
    }
    try matrixProduct(
      turned(0, "transA", "transBatchA"), turned(1, "transB", "transBatchB"), type: type(0),
      operand: operand(1))
  }

  /// Weights packed to few bits a block: their shape is in the attributes `K` and `N`.
  mutating func inferPackedProduct() throws(OperatorFailure) {
    let given = try shape(0, rank: 1...ONNXLimits.rank)
    let inner = integer("K", 0)
    let columns = integer("N", 0)
    guard (1...ONNXLimits.extent).contains(inner), (1...ONNXLimits.extent).contains(columns) else {
      throw .invalid("K is \(inner) and N is \(columns)")
    }
    try matrixProduct(
      given, [.known(inner), .known(columns)], type: type(0), operand: operand(1))
  }
}
