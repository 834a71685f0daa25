import Accelerator
import CostModel
import Workload

/// A layer on an architecture with fixed keep sets, prepared for the certified search; immutable after `init`.
///
/// Legend: `L` levels, `T` operands, `n` dimensions with more than one iteration. Boundary `b` is the border between level
/// `b - 1` and level `b`; the shape there is the tile one instance of level `b` works on.
final class SearchPlan {
  let model: LoopNestCostModel
  let rates: CostRates
  let shapes: TileShapes
  let levelCount: Int
  let operandCount: Int
  /// `T x n`.
  let relevance: [[Bool]]
  /// `T x n`: window axis of the operand a dimension moves along, or -1.
  let axis: [[Int]]
  /// `T x n`: stride or dilation on that axis.
  let coefficient: [[Int]]
  /// For each operand and level, whether the level keeps it.
  let keeps: [[Bool]]
  /// Keep sets as header bits, by level.
  let keepBits: [UInt32]
  /// By level.
  let spatial: [SpatialChoices]
  let fanOut: [Mesh]
  let options: StationarityOptions
  /// `L x S`: whether the tiles of a shape fit a level.
  let fits: [UnsafeMutablePointer<Bool>]
  let operations: Double
  /// `T`: elements the layer needs; at least so many go over every boundary on the way to a MAC.
  let distinct: [Double]
  let bounds: [Int]

  init?(
    _ model: LoopNestCostModel, keeps keepBits: [UInt32], rules: SpaceRules, shapeLimit: Int
  ) {
    guard let shapes = TileShapes(model.layer, limit: shapeLimit) else { return nil }
    let layer = model.layer
    self.model = model
    self.shapes = shapes
    self.keepBits = keepBits
    let rates = CostRates(model)
    self.rates = rates
    levelCount = rates.levelCount
    operandCount = rates.operandCount
    operations = Double(layer.macCount)
    distinct = layer.operands.map { SearchPlan.distinctElements($0, layer) }
    bounds = shapes.bounds
    let relevance = layer.operands.map { operand in
      shapes.dimensions.map { operand.isIndexed(by: $0) }
    }
    self.relevance = relevance
    var axis: [[Int]] = []
    var coefficient: [[Int]] = []
    for operand in layer.operands {
      var axes = [Int](repeating: -1, count: shapes.dimensions.count)
      var coefficients = [Int](repeating: 1, count: shapes.dimensions.count)
      for (a, description) in operand.axes.enumerated()
      where description.terms.count > 1 || description.terms[0].coefficient > 1 {
        for term in description.terms {
          guard let d = shapes.dimensions.firstIndex(of: term.dimension) else { continue }
          axes[d] = a
          coefficients[d] = term.coefficient
        }
      }
      axis.append(axes)
      coefficient.append(coefficients)
    }
    self.axis = axis
    self.coefficient = coefficient
    keeps = (0..<rates.operandCount).map { t in keepBits.map { $0 >> UInt32(24 + t) & 1 == 1 } }
    let architecture = model.architecture
    fanOut = architecture.levels.indices.map { architecture.fanOut(below: $0) }
    spatial = fanOut.indices.map { level in
      let limit = rules.fanOut(level)
      return SpatialChoices(
        shapes: shapes, relevance: relevance, axis: axis, coefficient: coefficient, x: limit.x,
        y: limit.y,
        total: limit.total, least: limit.least,
        allows: { rules.allowsSplit(level, $0, $1, $2) })
    }
    options = StationarityOptions(relevance: relevance)
    fits = (0..<rates.levelCount).map { level in
      let row = UnsafeMutablePointer<Bool>.allocate(capacity: shapes.count)
      let usable = rates.usableBits[level]
      for shape in 0..<shapes.count {
        var bits = 0.0
        for t in 0..<rates.operandCount where keepBits[level] >> UInt32(24 + t) & 1 == 1 {
          bits +=
            shapes.tile[t * shapes.count + shape]
            * Double(rates.elementBits[level * rates.operandCount + t])
        }
        row[shape] = usable == .max || bits <= Double(usable)
      }
      return row
    }
  }

  /// Elements an operand is indexed at, those that a stride passes over not among them; a lower bound where a dimension
  /// moves along several axes.
  private static func distinctElements(_ operand: Operand, _ layer: Layer) -> Double {
    var counts: [Double] = []
    var seen: Set<Int> = []
    var isShared = false
    for axis in operand.axes {
      var reached: Set<Int> = [0]
      for term in axis.terms {
        if !seen.insert(term.dimension).inserted { isShared = true }
        var next: Set<Int> = []
        for position in reached {
          for index in 0..<layer.dimensions[term.dimension].bound {
            next.insert(position + index * term.coefficient)
          }
        }
        reached = next
      }
      counts.append(Double(reached.count))
    }
    let product = isShared ? counts.max() ?? 1 : counts.reduce(1, *)
    return product * (1 - 1e-9)
  }

  deinit { for row in fits { row.deallocate() } }

  /// The next level outside `level` that keeps an operand.
  func home(of t: Int, outside level: Int) -> Int? {
    (0..<level).last { keeps[t][$0] }
  }
}
