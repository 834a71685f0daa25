import Testing
import Workload

@Suite struct LayerTests {
  static let weights = Operand(
    name: "W", axes: [Operand.Axis(terms: [Operand.Term(dimension: 0)])], role: .input)
  static let sums = Operand(
    name: "Y", axes: [Operand.Axis(terms: [Operand.Term(dimension: 1)])], role: .result)

  /// The message of the error; `nil` when the layer is accepted.
  static func problem(
    bounds: [(String, Int)] = [("C", 2), ("M", 3)], operands: [Operand] = [weights, sums]
  ) -> String? {
    do throws(WorkloadError) {
      _ = try Layer(
        name: "l", dimensions: bounds.map { LoopDimension(name: $0.0, bound: $0.1) },
        operands: operands)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func goodLayersAreAccepted() {
    #expect(Self.problem() == nil)
    #expect(Self.problem(bounds: [("C", 1 << 27), ("M", 1)]) == nil)
  }

  @Test func dimensionsAreChecked() {
    let largest = 1 << 27
    #expect(
      Self.problem(bounds: [("C", 0), ("M", 3)])
        == "dimension \"C\": got 0, expected a whole number in 1...134217728")
    #expect(
      Self.problem(bounds: [("C", largest + 1), ("M", 3)])
        == "dimension \"C\": got 134217729, expected a whole number in 1...134217728")
    #expect(
      Self.problem(bounds: [("C", 2), ("C", 3)])
        == "dimension \"C\": got it twice, expected distinct names")
    #expect(
      Self.problem(bounds: [("", 2), ("M", 3)]) == "dimension 0: got an empty name, expected a name"
    )
    #expect(
      Self.problem(bounds: [("C", largest), ("M", largest), ("N", 1 << 7)])
        == "layer \"l\": the product of its bounds, strides and dilations is above 2^60, expected less"
    )
    #expect(Self.problem(bounds: []) == "got 0 dimensions, expected 1 to 15")
    #expect(
      Self.problem(bounds: (0..<16).map { ("d\($0)", 1) }) == "got 16 dimensions, expected 1 to 15")
  }

  @Test func operandsAreChecked() {
    func operand(_ terms: [Operand.Term], role: Operand.Role = .input, bits: Int? = nil) -> Operand
    {
      Operand(name: "W", axes: [Operand.Axis(terms: terms)], role: role, bits: bits)
    }
    let term = Operand.Term(dimension: 0)
    #expect(Self.problem(operands: [Self.weights]) == "got 1 operands, expected 2 to 8")
    #expect(
      Self.problem(operands: [Self.weights, Self.weights])
        == "operand \"W\": got it twice, expected distinct names")
    #expect(
      Self.problem(operands: [Self.sums, operand([term], role: .result)])
        == "got 2 operands that are written, expected exactly one result")
    #expect(
      Self.problem(operands: [Self.weights, operand([])]) != nil)
    #expect(
      Self.problem(operands: [operand([]), Self.sums])
        == "operand \"W\": got an axis without a term, expected at least one dimension")
    #expect(
      Self.problem(operands: [operand([term, term]), Self.sums])
        == "operand \"W\": got dimension \"C\" twice, expected it at most once")
    #expect(
      Self.problem(operands: [operand([Operand.Term(dimension: 0, coefficient: 0)]), Self.sums])
        == "operand \"W\": got coefficient 0 of \"C\", expected a whole number in 1...134217728")
    #expect(
      Self.problem(operands: [operand([Operand.Term(dimension: 9)]), Self.sums])
        == "operand \"W\": got dimension number 9, which the layer does not have")
    #expect(
      Self.problem(operands: [operand([term], bits: 0), Self.sums])
        == "operand \"W\": got 0 bits, expected 1 to 1024")
  }

  @Test func convolutionCountsAreThoseOfThePaper() throws {
    // AlexNet CONV1: 96 x 55 x 55 x 3 x 11 x 11 x 4 images.
    var shape = Layer.ConvolutionShape(
      inputChannels: 3, outputChannels: 96, kernel: (11, 11), output: (55, 55))
    shape.batch = 4
    shape.stride = (4, 4)
    let layer = try Layer.convolution(name: "CONV1", shape)
    #expect(layer.macCount == 421_660_800)
    // 227 x 227 inputs, without padding.
    #expect(layer.wordCount(of: 1) == 4 * 3 * 227 * 227)
    #expect(layer.wordCount(of: 0) == 96 * 3 * 11 * 11)
    #expect(layer.wordCount(of: 2) == 4 * 96 * 55 * 55)
  }

  @Test func groupedAndDepthwiseConvolutionsAgree() throws {
    var shape = Layer.ConvolutionShape(
      inputChannels: 1, outputChannels: 1, kernel: (3, 3), output: (14, 14))
    shape.groups = 32
    let grouped = try Layer.convolution(name: "grouped", shape)
    let depthwise = try Layer.depthwiseConvolution(
      name: "depthwise",
      Layer.ConvolutionShape(
        inputChannels: 32, outputChannels: 32, kernel: (3, 3), output: (14, 14)))
    #expect(grouped.macCount == depthwise.macCount)
    for operand in 0..<3 {
      #expect(grouped.wordCount(of: operand) == depthwise.wordCount(of: operand))
    }
  }

  @Test func batchedMatrixProductsIndexEveryOperandByTheBatch() throws {
    let product = try Layer.matrixProduct(name: "p", rows: 5, columns: 7, inner: 11, batch: 3)
    #expect(product.macCount == 3 * 5 * 7 * 11)
    #expect(product.operands.allSatisfy { $0.isIndexed(by: 3) })
  }

  @Test func overflowingStridesAreRefused() {
    var shape = Layer.ConvolutionShape(
      inputChannels: 1 << 20, outputChannels: 1 << 20, kernel: (3, 3), output: (100, 100))
    shape.stride = (1 << 27, 1 << 27)
    #expect(throws: WorkloadError.tooManyOperations(layer: "huge")) {
      try Layer.convolution(name: "huge", shape)
    }
  }
}
