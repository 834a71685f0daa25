/// One tensor of a layer: which loop indices address it, and how.
public struct Operand: Hashable, Sendable {
  /// What the layer does with the tensor.
  public enum Role: Hashable, Sendable {
    /// Only read.
    case input
    /// Read, accumulated into and written.
    case result
  }

  /// One summand of an axis index: `coefficient * index(dimension)`.
  public struct Term: Hashable, Sendable {
    /// Position in the layer's dimensions.
    public let dimension: Int
    /// Stride or dilation, at least 1.
    public let coefficient: Int

    /// Creates a term; `Layer.init` checks the values.
    public init(dimension: Int, coefficient: Int = 1) {
      self.dimension = dimension
      self.coefficient = coefficient
    }
  }

  /// One axis of the tensor: an affine function of loop indices.
  public struct Axis: Hashable, Sendable {
    /// The summands, at least one.
    public let terms: [Term]

    /// Creates an axis; `Layer.init` checks the values.
    public init(terms: [Term]) {
      self.terms = terms
    }

    /// Extent of the axis for a tile with the given extent in each dimension: `1 + sum c (extent - 1)`.
    public func extent(of extents: [Int]) -> Int {
      terms.reduce(1) { $0 + $1.coefficient * (extents[$1.dimension] - 1) }
    }
  }

  /// Name, for example `Weights`.
  public let name: String
  /// The axes in declared order.
  public let axes: [Axis]
  /// Whether the tensor is an input or the result.
  public let role: Role
  /// Bits of one element; `nil` means the word of whatever memory holds it.
  public let bits: Int?

  /// Creates an operand; `Layer.init` checks it against the layer's dimensions.
  public init(name: String, axes: [Axis], role: Role, bits: Int? = nil) {
    self.name = name
    self.axes = axes
    self.role = role
    self.bits = bits
  }

  /// Number of words in the box tile with the given extent in each dimension.
  public func volume(extents: [Int]) -> Int {
    axes.reduce(1) { $0 * $1.extent(of: extents) }
  }

  /// Whether the operand's index depends on the dimension.
  public func isIndexed(by dimension: Int) -> Bool {
    axes.contains { axis in axis.terms.contains { $0.dimension == dimension } }
  }

  func check(against dimensions: [LoopDimension]) throws(WorkloadError) {
    if let bits {
      guard (1...1024).contains(bits) else { throw .bitsOutOfRange(operand: name, got: bits) }
    }
    var seen: Set<Int> = []
    for axis in axes {
      guard !axis.terms.isEmpty else { throw .emptyAxis(operand: name) }
      for term in axis.terms {
        guard dimensions.indices.contains(term.dimension) else {
          throw .unknownDimension(operand: name, index: term.dimension)
        }
        let dimension = dimensions[term.dimension].name
        guard term.coefficient >= 1, term.coefficient <= Layer.largestBound else {
          throw .coefficientOutOfRange(
            operand: name, dimension: dimension, got: term.coefficient)
        }
        guard seen.insert(term.dimension).inserted else {
          throw .repeatedDimension(operand: name, dimension: dimension)
        }
      }
    }
  }
}
