import Accelerator
import Workload

/// Rules 3 to 5 for any mapping: words delivered and asked, exactly as a walk over every iteration counts them.
///
/// The walk below level *i* visits the temporal loops of the levels down to *i*, per instance and in order, skipping
/// iterations in which the instance has no work. When a loop advances, each child loads its whole tile if a loop
/// inside that is relevant to the tensor had moved (a restart), else what is new of its tile if the loop is relevant
/// (an increment), else nothing. So the loads are sorted by the loop that advances, the *cut*; for each cut, counts
/// are products over the axes of the tensor, and along an axis a small automaton (`RaggedPath`) counts the instances
/// and visits by whether the dimension is last, and whether it had moved inside:
///
///     loads = first + sum over cuts (all advances - advances without a move inside + increments)
///
/// where the increments occur only without a move inside, and only at relevant loops. Nothing is approximated.
struct RaggedCounting {
  /// Which instances of a level are counted.
  enum Scope {
    /// All with work.
    case all
    /// The one at position 0, which always works longest.
    case first
    /// Those that ask on behalf of all with the same job (rule 5).
    case representatives
  }

  /// Numbers of one factor at one cut: lengths over all visits, over those without a move inside, and increments.
  private struct Loads {
    var all: RaggedLengths = [0, 0]
    var single: RaggedLengths = [0, 0]
    var increments: RaggedLengths = [0, 0]
  }

  /// Position of the cut: loops before `outside` have any index, the loop at `advancing` has just advanced.
  private struct Cut {
    var outside: Int
    var advancing: Int?
  }

  let nest: RaggedNest
  let operands: [Operand]
  private let factors: [[RaggedAxis]]

  init(_ nest: RaggedNest, operands: [Operand]) {
    self.nest = nest
    self.operands = operands
    factors = operands.map {
      RaggedAxis.factors(of: $0, dimensionCount: nest.dimensionCount)
    }
  }

  /// Words that cross the fan-out below `level`, in all visits.
  ///
  /// - Parameters:
  ///   - scopes: For each fan-out outside `level`, which of its children are counted.
  ///   - firstChildOnly: Count the child at position 0 of the fan-out below `level` only.
  /// - Returns: Words delivered to the children, and words the parents are asked for (rule 4).
  func words(of operand: Int, below level: Int, scopes: [Scope], firstChildOnly: Bool = false)
    -> (delivered: Int, asked: Int)
  {
    let axes = factors[operand]
    let children = axes.map {
      RaggedChildren(nest, below: level, along: $0, firstOnly: firstChildOnly)
    }
    let end = nest.temporalEnd[level]
    var census = RaggedCensus()
    let loads = { (index: Int, cut: Cut) in
      self.loads(&census, axes[index], children[index], cut, level, scopes)
    }
    if level == nest.levelCount - 1 {
      // The MACs hold nothing: every iteration takes its words.
      let total = axes.indices.reduce(RaggedLengths(1, 1)) {
        $0 &* loads($1, Cut(outside: end)).all
      }
      return (total[0], total[1])
    }
    var current = axes.indices.map { loads($0, Cut(outside: 0)) }
    var total = current.reduce(RaggedLengths(1, 1)) { $0 &* $1.all }
    for k in 0..<end {
      let dimension = nest.temporal[k].dimension
      guard let moving = axes.firstIndex(where: { $0.slot(of: dimension) != nil }) else { continue }
      current[moving] = loads(moving, Cut(outside: k, advancing: k))
      var all = RaggedLengths(1, 1)
      var single = all
      for (axis, load) in zip(axes, current) {
        all = all &* load.all
        single = single &* (axis.isRelevant ? load.single : load.all)
      }
      total = total &+ all &- single
      if axes[moving].isRelevant {
        var increments = current[moving].increments
        for (index, load) in current.enumerated() where index != moving {
          increments = increments &* (axes[index].isRelevant ? load.single : load.all)
        }
        total = total &+ increments
      }
      current[moving] = loads(moving, Cut(outside: k + 1))
    }
    return (total[0], total[1])
  }

  /// The numbers of one factor: runs the automaton along the loops, then weighs its states with the children's lengths.
  private func loads(
    _ census: inout RaggedCensus, _ axis: RaggedAxis, _ children: RaggedChildren, _ cut: Cut,
    _ level: Int, _ scopes: [Scope]
  ) -> Loads {
    census.restart()
    for outer in 0...level {
      for k in nest.temporalLoops(of: outer) {
        let loop = nest.temporal[k]
        guard let slot = axis.slot(of: loop.dimension) else { continue }
        if k == cut.advancing {
          census.advance(loop, slot: slot)
        } else if k < cut.outside {
          census.run(loop, slot: slot)
        } else {
          census.enter(loop, slot: slot)
        }
      }
      if outer < level { cross(&census, axis, outer, scopes[outer]) }
    }
    let advance = cut.advancing.flatMap { k in
      axis.slot(of: nest.temporal[k].dimension).map { (slot: $0, step: nest.temporal[k].step) }
    }
    var loads = Loads()
    for (key, count) in census.entries {
      var flags: UInt64 = 0
      var isSingle = true
      for slot in axis.terms.indices {
        let state = RaggedCensus.state(key, slot)
        if RaggedPath.isLast(state) { flags |= 1 << UInt64(slot) }
        isSingle = isSingle && RaggedPath.isSingle(state)
      }
      let weight = RaggedLengths(repeating: count)
      let full = weight &* children.lengths(flags, advance: nil)
      loads.all = loads.all &+ full
      guard isSingle else { continue }
      loads.single = loads.single &+ full
      if axis.isRelevant, let advance {
        loads.increments = loads.increments &+ weight &* children.lengths(flags, advance: advance)
      }
    }
    return loads
  }

  /// Takes the census through the fan-out below `level`.
  private func cross(
    _ census: inout RaggedCensus, _ axis: RaggedAxis, _ level: Int, _ scope: Scope
  ) {
    let row = level * nest.dimensionCount
    let splitCount = axis.terms.count { nest.splits[row + $0.dimension].isSplit }
    guard splitCount > 0 else { return }
    if scope == .representatives, axis.isRelevant, splitCount > 1 {
      crossRepresentatives(&census, axis, level)
      return
    }
    // Positions of a single split dimension have different jobs; positions that do not matter have the same.
    let isFirst = scope == .first || scope == .representatives && !axis.isRelevant
    for (slot, term) in axis.terms.enumerated() {
      let positions = nest.splits[row + term.dimension]
      guard positions.isSplit else { continue }
      if isFirst {
        let within = min(positions.ragged - 1, 1)
        census.cross(slot: slot, within: within, edge: 1 - within, beyond: 0)
      } else {
        census.cross(
          slot: slot, within: positions.ragged - 1, edge: 1,
          beyond: positions.full - positions.ragged)
      }
    }
  }

  private func crossRepresentatives(_ census: inout RaggedCensus, _ axis: RaggedAxis, _ level: Int)
  {
    let children = RaggedChildren(nest, below: level, along: axis, firstOnly: false)
    var known: [UInt64: [(places: [RaggedPath.Place], count: Int)]] = [:]
    census.transform { key, emit in
      var flags: UInt64 = 0
      for slot in axis.terms.indices where RaggedPath.isLast(RaggedCensus.state(key, slot)) {
        flags |= 1 << UInt64(slot)
      }
      let representatives = known[flags] ?? children.representatives(flags)
      known[flags] = representatives
      for (places, count) in representatives {
        var inside: UInt64? = key
        for (slot, place) in places.enumerated() {
          guard let current = inside else { break }
          inside = RaggedPath.cross(RaggedCensus.state(key, slot), place).map {
            RaggedCensus.replacing(current, slot, $0)
          }
        }
        if let inside { emit(inside, count) }
      }
    }
  }
}
