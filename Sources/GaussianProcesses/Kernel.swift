/// Which function of two points says how strongly their values belong together.
///
///     K(x, z; x', z') = (a k(x, x') + v x . x' + c) k_context(z, z') + o [z = z']
///
/// `x` are the coordinates of a design, `z` those of the context it is judged in (a workload); a row of points holds
/// the design's columns first and the context's after them. Without a context block the second factor is 1 and the last
/// term absent. `k` and `k_context` are Matern-5/2 or squared-exponential functions with one length scale per group
/// of columns, so that the one-hot columns of a categorical share one: two categories are `sqrt(2)` apart there.
///
/// - SeeAlso: Rasmussen and Williams 2006, "Gaussian Processes for Machine Learning", section 4.2; Bonilla et al.
///   2008, "Multi-task Gaussian Process Prediction", section 2 (product with a function of the task).
public struct Kernel: Hashable, Sendable {
  /// How correlation falls with the scaled distance `r`.
  public enum Shape: Hashable, Sendable, CaseIterable {
    /// `(1 + s + s^2 / 3) exp(-s)`, `s = sqrt(5) r`: twice differentiable samples.
    case matern52
    /// `exp(-r^2 / 2)`: samples with all derivatives.
    case squaredExponential
  }

  /// Columns that are compared by one stationary function.
  public struct Block: Hashable, Sendable {
    /// For each column, the length-scale group it belongs to, in `0..<groupCount`.
    public let groups: [Int]
    /// How correlation falls with distance.
    public let shape: Shape
    /// The number of length scales.
    public let groupCount: Int

    /// Creates a block; every group from 0 to the largest has a column.
    public init(groups: [Int], shape: Shape = .matern52) {
      let groupCount = (groups.max() ?? -1) + 1
      precondition(groups.allSatisfy { $0 >= 0 }, "groups are numbered from 0")
      precondition(Set(groups).count == groupCount, "every group has a column")
      self.groups = groups
      self.shape = shape
      self.groupCount = groupCount
    }

    /// Creates a block whose columns have a length scale each.
    public init(columnCount: Int, shape: Shape = .matern52) {
      self.init(groups: Array(0..<columnCount), shape: shape)
    }
  }

  /// The first columns of every row.
  public var design: Block
  /// The last columns of every row, if designs are judged in contexts.
  public var context: Block?
  /// Whether the term `c` is there; it takes the place of a fitted mean.
  public var hasConstant: Bool
  /// Whether the term `v x . x'` is there.
  public var hasLinear: Bool
  /// Whether the term `o [z = z']` is there: a level of its own for every distinct context.
  public var hasContextOffset: Bool

  /// Creates a kernel.
  public init(
    design: Block, context: Block? = nil, hasConstant: Bool = true, hasLinear: Bool = false,
    hasContextOffset: Bool = false
  ) {
    precondition(context != nil || !hasContextOffset, "an offset per context needs a context")
    self.design = design
    self.context = context
    self.hasConstant = hasConstant
    self.hasLinear = hasLinear
    self.hasContextOffset = hasContextOffset
  }

  /// The number of columns of a row of points.
  public var columnCount: Int { design.groups.count + (context?.groups.count ?? 0) }

  /// The columns of the design.
  var designColumns: Range<Int> { 0..<design.groups.count }

  /// The columns of the context, none without one.
  var contextColumns: Range<Int> { design.groups.count..<columnCount }
}
