import Accelerator
import Workload

/// Rules 5 to 7 for any mapping: reads, fills, updates and partitions, summed over instances and for the busiest one.
struct RaggedTraffic {
  /// Accesses of one tensor at one level.
  struct Accesses: Equatable {
    var reads = 0
    var fills = 0
    var updates = 0
  }

  /// `L x T`: accesses of all instances; zero where bypassed.
  private(set) var total: [Accesses]
  /// `L x T`: accesses of the instance at position 0 of every fan-out.
  private(set) var busiest: [Accesses]
  /// `L x T`: words delivered below all instances of the level, whether or not it keeps the tensor.
  private(set) var delivered: [Int]
  /// `L x T`: words asked of all instances of the level by the loads of their own children.
  private(set) var askedByChildren: [Int]
  /// `L x T`: words asked of all instances, bypassed levels passed through.
  private(set) var asked: [Int]
  /// `L`: result words the instances own, summed.
  private(set) var partitions: [Int]

  init(_ nest: RaggedNest, layer: Layer, nests: [LoopNest]) {
    let counting = RaggedCounting(nest, operands: layer.operands)
    let levels = nest.levelCount
    let operands = layer.operands.count
    total = Array(repeating: Accesses(), count: levels * operands)
    busiest = total
    delivered = Array(repeating: 0, count: levels * operands)
    askedByChildren = delivered
    asked = delivered
    partitions = (0..<levels).map { RaggedTraffic.partition(of: $0, nest, layer) }
    let partition = (0..<levels).map {
      RaggedTraffic.busiestOwned(layer.resultIndex, $0, nest, layer)
    }
    for t in 0..<operands {
      let isResult = t == layer.resultIndex
      /// The level whose children make the requests that reach `level`, and which instances of them.
      let source = { (level: Int, outer: RaggedCounting.Scope) in
        var asking = level
        while asking + 1 < levels, !nests[asking + 1].keeps[t] { asking += 1 }
        let scopes = (0..<asking).map { $0 < level ? outer : RaggedCounting.Scope.representatives }
        return (asking, scopes)
      }
      for level in 0..<levels {
        let pair = level * operands + t
        let words = counting.words(
          of: t, below: level, scopes: Array(repeating: .all, count: level))
        delivered[pair] = words.delivered
        askedByChildren[pair] = words.asked
        let (asking, scopes) = source(level, .all)
        asked[pair] =
          asking == level
          ? words.asked : counting.words(of: t, below: asking, scopes: scopes).asked
      }
      var hasOuterHome = false
      for level in 0..<levels where nests[level].keeps[t] {
        let pair = level * operands + t
        let (asking, scopes) = source(level, .first)
        let askedOfFirst = counting.words(of: t, below: asking, scopes: scopes).asked
        var supplied = 0
        var suppliedToFirst = 0
        if hasOuterHome {
          supplied = delivered[pair - operands]
          suppliedToFirst =
            counting.words(
              of: t, below: level - 1, scopes: Array(repeating: .first, count: level - 1),
              firstChildOnly: true
            ).delivered
        }
        total[pair] = RaggedTraffic.accesses(
          isResult, asked[pair], supplied, partitions[level], hasOuterHome)
        busiest[pair] = RaggedTraffic.accesses(
          isResult, askedOfFirst, suppliedToFirst, partition[level], hasOuterHome)
        hasOuterHome = true
      }
    }
  }

  private static func accesses(
    _ isResult: Bool, _ asked: Int, _ supplied: Int, _ owned: Int, _ hasOuterHome: Bool
  ) -> Accesses {
    guard isResult else { return Accesses(reads: asked, fills: supplied, updates: 0) }
    return Accesses(
      reads: max(asked - owned, 0), fills: hasOuterHome ? max(supplied - owned, 0) : 0,
      updates: asked)
  }

  /// Words of a tensor that the instance of `level` at position 0 of every fan-out ever sees.
  static func busiestOwned(_ operand: Int, _ level: Int, _ nest: RaggedNest, _ layer: Layer) -> Int
  {
    layer.operands[operand].volume(
      extents: layer.dimensions.indices.map { nest.busiestOwned(of: $0, at: level) })
  }

  /// Result words owned by the instances of `level`, summed over those that ever have work.
  ///
  /// Indices of a dimension are shared out exactly, so owned indices add up to the bound, and the extent
  /// `1 + sum c (owned - 1)` of an axis can be summed term by term.
  private static func partition(of level: Int, _ nest: RaggedNest, _ layer: Layer) -> Int {
    let result = layer.operands[layer.resultIndex]
    let positions = layer.dimensions.indices.map { nest.activePositions(of: $0, outside: level) }
    var words = 1
    for axis in result.axes {
      let instances = axis.terms.reduce(1) { $0 * positions[$1.dimension] }
      var sum = instances
      for term in axis.terms {
        let others = instances / positions[term.dimension]
        sum += term.coefficient * (layer.dimensions[term.dimension].bound * others - instances)
      }
      words *= sum
    }
    for d in layer.dimensions.indices where !result.isIndexed(by: d) { words *= positions[d] }
    return words
  }
}
