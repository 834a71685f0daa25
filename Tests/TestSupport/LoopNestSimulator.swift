public import Accelerator
public import Workload

/// Counts the traffic of a mapping by doing it: every iteration, every instance, every tile.
///
/// The definition of what the cost model counts, for perfect and ragged mappings alike (without rule 3c). Nothing
/// here is derived; it is slow on purpose and is meant for a few thousand iterations at most.
///
/// - Each dimension's loops, outermost first, are the temporal loops of level 0, the fan-out below it (Y loops, then
///   X loops), the temporal loops of level 1 and so on. A loop runs `residual` times while all outer loops of its
///   dimension are in their last iteration, else `factor` times. A position of a spatial loop has work when it is
///   below the trip count of the moment.
/// - Below level *i*, each instance visits its iterations of the temporal loops of levels `0...i` in order, without
///   those in which it has no work. Between two consecutive visits the outermost loop whose index differs advances.
///   If a loop inside it that indexes the tensor was not at 0, the step is a *restart*: every child with work loads
///   its whole tile. Else, if the advancing loop indexes the tensor, every child with work loads its tile without
///   the part it has, where its tile moved along one axis of the tensor. Else nothing is loaded. At the first visit
///   whole tiles are loaded.
/// - Children of an instance that load equal boxes at a visit ask for them once (rule 4).
/// - What an instance asks for a tensor it does not keep is asked of its parent, by the first of the children
///   that have the same job at that visit of the parent (rule 5).
/// - The MACs keep nothing: every one with work takes a word of each tensor in every iteration.
public struct LoopNestSimulator {
  /// Accesses of one tensor at one level.
  public struct Accesses: Equatable, Sendable {
    /// Words read for the inside.
    public var reads = 0
    /// Words that come from outside.
    public var fills = 0
    /// Words that come from inside.
    public var updates = 0

    /// Creates accesses.
    public init(reads: Int = 0, fills: Int = 0, updates: Int = 0) {
      self.reads = reads
      self.fills = fills
      self.updates = updates
    }

    /// The same with first visits never counted below nothing: a result's box may have holes nobody visits.
    var notNegative: Accesses {
      Accesses(reads: max(reads, 0), fills: max(fills, 0), updates: updates)
    }
  }

  /// What was counted.
  public struct Outcome: Sendable {
    /// By level and operand, all instances; `nil` where bypassed.
    public internal(set) var total: [[Accesses?]]
    /// By level and operand, the instance at position 0 of every fan-out; `nil` where bypassed.
    public internal(set) var busiest: [[Accesses?]]
    /// By level and operand: words delivered to all children of all instances.
    public internal(set) var delivered: [[Int]]
    /// By level and operand: words asked of all instances.
    public internal(set) var asked: [[Int]]
    /// Result words owned, by level and instance.
    public internal(set) var partitions: [[Int]]
    /// Iterations of the MAC that works longest.
    public internal(set) var computeCycles = 0
    /// Multiply-accumulates executed.
    public internal(set) var macCount = 0
    /// Whether every point of the iteration space was executed exactly once.
    public internal(set) var coversEveryPointOnce = false
  }

  /// One loop of the whole nest.
  ///
  /// `step` is the full extent of its dimension inside it.
  struct Element {
    var dimension: Int
    var factor: Int
    var residual: Int
    var isSpatial: Bool
    var step: Int
  }

  let layer: Layer
  let keeps: [[Bool]]
  /// The nest, outermost first.
  private(set) var elements: [Element] = []
  /// By level: elements up to its temporal loops, and up to the fan-out below it.
  private(set) var temporalEnd: [Int] = []
  private(set) var spatialEnd: [Int] = []
  /// Instances of each level, the MACs last.
  private(set) var instanceCounts = [1]
  /// Bounds of the dimensions.
  let bounds: [Int]
  /// By operand and dimension: whether the dimension addresses the operand.
  let isIndexed: [[Bool]]
  /// By number of elements outside and dimension: extent inside while the dimension is not last, and while it is.
  private(set) var fullExtent: [[Int]]
  private(set) var raggedExtent: [[Int]]

  /// Creates a simulator of a mapping of a layer.
  public init(_ mapping: Mapping, of layer: Layer) {
    self.layer = layer
    keeps = mapping.nests.map(\.keeps)
    bounds = layer.dimensions.map(\.bound)
    isIndexed = layer.operands.map { operand in
      layer.dimensions.indices.map { operand.isIndexed(by: $0) }
    }
    for nest in mapping.nests {
      let append = { (loops: [Loop], isSpatial: Bool, elements: inout [Element]) in
        for loop in loops {
          elements.append(
            Element(
              dimension: loop.dimension, factor: loop.factor, residual: loop.residual,
              isSpatial: isSpatial, step: 1))
        }
      }
      append(nest.temporal, false, &elements)
      temporalEnd.append(elements.count)
      append(nest.spatialY, true, &elements)
      append(nest.spatialX, true, &elements)
      spatialEnd.append(elements.count)
      instanceCounts.append(elements.reduce(1) { $1.isSpatial ? $0 * $1.factor : $0 })
    }
    var full = layer.dimensions.map { _ in 1 }
    var ragged = full
    fullExtent = [full]
    raggedExtent = [ragged]
    for e in elements.indices.reversed() {
      let d = elements[e].dimension
      elements[e].step = full[d]
      ragged[d] += (elements[e].residual - 1) * full[d]
      full[d] *= elements[e].factor
      fullExtent.insert(full, at: 0)
      raggedExtent.insert(ragged, at: 0)
    }
  }

  /// Runs the nest.
  public func run() -> Outcome {
    let levels = keeps.indices
    let operands = layer.operands.indices
    var tally = Tally(self)
    for level in levels { walk(below: level, &tally) }
    let blank: [[Accesses?]] = levels.map { _ in operands.map { _ in nil } }
    var outcome = Outcome(
      total: blank, busiest: blank,
      delivered: tally.delivered.map { $0.map { $0.reduce(0, +) } },
      asked: tally.asked.map { $0.map { $0.reduce(0, +) } },
      partitions: levels.map { level in
        (0..<instanceCounts[level]).map { tally.partition(of: $0, at: level, layer) }
      })
    outcome.macCount = tally.executions.reduce(0, +)
    outcome.coversEveryPointOnce = tally.executions.allSatisfy { $0 == 1 }
    outcome.computeCycles = tally.iterations.max() ?? 0
    for t in operands {
      var hasOuterHome = false
      for level in levels where keeps[level][t] {
        var total = Accesses()
        for instance in 0..<instanceCounts[level] {
          var one = Accesses()
          let asked = tally.asked[level][t][instance]
          let supplied = hasOuterHome ? tally.delivered[level - 1][t][instance] : 0
          if t == layer.resultIndex {
            let owned = outcome.partitions[level][instance]
            one.updates = asked
            one.reads = asked - owned
            one.fills = hasOuterHome ? supplied - owned : 0
          } else {
            one.reads = asked
            one.fills = supplied
          }
          if instance == 0 { outcome.busiest[level][t] = one.notNegative }
          total.reads += one.reads
          total.fills += one.fills
          total.updates += one.updates
        }
        outcome.total[level][t] = total.notNegative
        hasOuterHome = true
      }
    }
    return outcome
  }
}
