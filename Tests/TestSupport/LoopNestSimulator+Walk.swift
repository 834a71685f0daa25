import Accelerator
import Workload

extension LoopNestSimulator {
  /// What has been counted so far, by level, operand and instance.
  struct Tally {
    /// Words delivered below a level, by child.
    var delivered: [[[Int]]]
    /// Words asked of an instance.
    var asked: [[[Int]]]
    /// Executions of each point of the iteration space.
    var executions: [Int]
    /// Iterations of each MAC.
    var iterations: [Int]
    /// By level, instance and dimension: indices ever worked on.
    var touchedIndices: [[[[Bool]]]]
    /// By level and instance: result words ever worked on; empty if the result has an axis of several terms.
    var touchedWords: [[[Bool]]]

    init(_ nest: LoopNestSimulator) {
      let levels = nest.keeps.indices
      let layer = nest.layer
      delivered = levels.map { level in
        layer.operands.map { _ in Array(repeating: 0, count: nest.instanceCounts[level + 1]) }
      }
      asked = levels.map { level in
        layer.operands.map { _ in Array(repeating: 0, count: nest.instanceCounts[level]) }
      }
      executions = Array(repeating: 0, count: layer.macCount)
      iterations = Array(repeating: 0, count: nest.instanceCounts[levels.count])
      touchedIndices = levels.map { level in
        (0..<nest.instanceCounts[level]).map { _ in
          layer.dimensions.map { Array(repeating: false, count: $0.bound) }
        }
      }
      let words = layer.wordCount(of: layer.resultIndex)
      touchedWords = levels.map { level in
        (0..<nest.instanceCounts[level]).map { _ in Array(repeating: false, count: words) }
      }
    }

    /// Result words an instance owns: those it worked on, or the box of the owned counts if an axis has a window.
    func partition(of instance: Int, at level: Int, _ layer: Layer) -> Int {
      let result = layer.operands[layer.resultIndex]
      guard touchedIndices[level][instance][0].contains(true) else { return 0 }
      if result.axes.allSatisfy({ $0.terms.count == 1 && $0.terms[0].coefficient == 1 }) {
        return touchedWords[level][instance].count { $0 }
      }
      return result.volume(
        extents: touchedIndices[level][instance].map { $0.count { $0 } })
    }
  }

  /// A moment of the walk: the index of every element, and what follows for the elements outside the current one.
  struct Moment {
    var index: [Int]
    /// By dimension: all outer loops in their last iteration.
    var isLast: [Bool]
    /// By dimension: index of the first iteration inside.
    var start: [Int]
    /// Linear index of the instance among all of its level.
    var instance = 0

    init(_ nest: LoopNestSimulator) {
      index = nest.elements.map { _ in 0 }
      isLast = nest.layer.dimensions.map { _ in true }
      start = nest.layer.dimensions.map { _ in 0 }
    }
  }

  /// Calls `body` at every moment of elements `from..<end`, in order.
  ///
  /// Spatial elements below `fixed` keep the index they have, and no moment is reported where that position has no
  /// work; the others take every value.
  func forEachMoment(
    _ moment: inout Moment, from: Int, to end: Int, fixed: Int, _ body: (inout Moment) -> Void
  ) {
    guard from < end else {
      body(&moment)
      return
    }
    let element = elements[from]
    let d = element.dimension
    let before = (moment.isLast[d], moment.start[d], moment.instance)
    let trips = before.0 ? element.residual : element.factor
    let isFixed = element.isSpatial && from < fixed
    for index in isFixed ? moment.index[from]..<moment.index[from] + 1 : 0..<trips
    where index < trips {
      moment.index[from] = index
      moment.isLast[d] = before.0 && index == trips - 1
      moment.start[d] = before.1 + index * element.step
      if element.isSpatial { moment.instance = before.2 * element.factor + index }
      forEachMoment(&moment, from: from + 1, to: end, fixed: fixed, body)
    }
    (moment.isLast[d], moment.start[d], moment.instance) = before
    if !isFixed { moment.index[from] = 0 }
  }

  /// The box of a tensor for a moment: by axis, the first index and the extent, for the elements inside `end`.
  func box(of operand: Int, _ moment: Moment, inside end: Int) -> [Range<Int>] {
    layer.operands[operand].axes.map { axis in
      var start = 0
      var extent = 1
      for term in axis.terms {
        let d = term.dimension
        start += term.coefficient * moment.start[d]
        extent +=
          term.coefficient
          * ((moment.isLast[d] ? raggedExtent[end][d] : fullExtent[end][d]) - 1)
      }
      return start..<start + extent
    }
  }

  /// Every assignment of the spatial elements before `end`, as one moment each with only those indices set.
  private func instances(outside end: Int) -> [Moment] {
    var found = [Moment(self)]
    for e in 0..<end where elements[e].isSpatial {
      found = found.flatMap { moment in
        (0..<elements[e].factor).map { position in
          var child = moment
          child.index[e] = position
          return child
        }
      }
    }
    return found
  }

  /// All visits of all instances of a level.
  func walk(below level: Int, _ tally: inout Tally) {
    let operands = layer.operands.indices
    let end = temporalEnd[level]
    let isInnermost = level == keeps.count - 1
    var memory: [[[Range<Int>]?]] = operands.map { _ in
      Array(repeating: nil, count: instanceCounts[level + 1])
    }
    for var parent in instances(outside: end) {
      var previous: [Int]?
      forEachMoment(&parent, from: 0, to: end, fixed: end) { visit in
        let steps = operands.map { step(for: $0, from: previous, to: visit.index, end) }
        previous = Array(visit.index[..<end])
        var loaded: [[[Range<Int>]]] = operands.map { _ in [] }
        let instance = visit.instance
        forEachMoment(&visit, from: end, to: spatialEnd[level], fixed: end) { child in
          for t in operands {
            if isInnermost {
              loaded[t].append(box(of: t, child, inside: spatialEnd[level]))
              tally.delivered[level][t][child.instance] += 1
            } else if steps[t] != .free {
              let box = box(of: t, child, inside: spatialEnd[level])
              let known = steps[t] == .increment ? memory[t][child.instance] : nil
              let delta = newPart(of: box, after: known)
              memory[t][child.instance] = box
              loaded[t].append(delta)
              tally.delivered[level][t][child.instance] += volume(delta)
            }
          }
          if isInnermost { execute(child, &tally) }
        }
        // Below a level that keeps nothing, the requests come from farther inside (`ask`).
        for t in operands where isInnermost || keeps[level + 1][t] {
          let words = Set(loaded[t]).reduce(0) { $0 + volume($1) }
          ask(words, of: t, visit, instance: instance, at: level, &tally)
        }
      }
    }
  }

  private enum Step { case restart, increment, free }

  /// What the step between two visits means for a tensor.
  private func step(for operand: Int, from previous: [Int]?, to now: [Int], _ end: Int) -> Step {
    guard let previous, let advancing = (0..<end).first(where: { previous[$0] != now[$0] }) else {
      return .restart
    }
    let isRelevant = { (e: Int) in isIndexed[operand][elements[e].dimension] }
    let resets = (advancing + 1..<end).contains { e in
      !elements[e].isSpatial && previous[e] != 0 && isRelevant(e)
    }
    return resets ? .restart : isRelevant(advancing) ? .increment : .free
  }

  /// A box without what overlaps the box before, if the two differ along one axis only.
  private func newPart(of box: [Range<Int>], after before: [Range<Int>]?) -> [Range<Int>] {
    guard let before else { return box }
    let moved = box.indices.filter { box[$0] != before[$0] }
    guard moved.count == 1, box[moved[0]].overlaps(before[moved[0]]) else { return box }
    var part = box
    part[moved[0]] = before[moved[0]].upperBound..<box[moved[0]].upperBound
    return part
  }

  private func volume(_ box: [Range<Int>]) -> Int { box.reduce(1) { $0 * $1.count } }

  /// Books words asked of an instance, and passes them on where it keeps nothing.
  private func ask(
    _ words: Int, of operand: Int, _ visit: Moment, instance: Int, at level: Int,
    _ tally: inout Tally
  ) {
    tally.asked[level][operand][instance] += words
    guard words > 0, level > 0, !keeps[level][operand] else { return }
    guard isFirstOfItsJob(operand, visit, at: level) else { return }
    let siblings = instanceCounts[level] / instanceCounts[level - 1]
    ask(words, of: operand, visit, instance: instance / siblings, at: level - 1, &tally)
  }

  /// Whether no sibling with a lower position has the same job at the parent's visit.
  private func isFirstOfItsJob(_ operand: Int, _ visit: Moment, at level: Int) -> Bool {
    let outer = temporalEnd[level - 1]
    let end = spatialEnd[level - 1]
    var parent = Moment(self)
    parent.index = visit.index
    var jobs: [[Int]] = []
    var own: [Int]?
    // Places the parent first, then each child with work in linear order.
    replay(&parent, to: outer)
    forEachMoment(&parent, from: outer, to: end, fixed: outer) { child in
      guard own == nil else { return }
      var job = box(of: operand, child, inside: end).flatMap { [$0.lowerBound, $0.upperBound] }
      for d in bounds.indices where isIndexed[operand][d] {
        job.append(child.isLast[d] ? raggedExtent[end][d] : fullExtent[end][d])
      }
      if (outer..<end).allSatisfy({ child.index[$0] == visit.index[$0] }) {
        own = job
      } else {
        jobs.append(job)
      }
    }
    return !jobs.contains { $0 == own }
  }

  /// Follows the indices a moment has through the elements before `end`.
  private func replay(_ moment: inout Moment, to end: Int) {
    for e in 0..<end {
      let d = elements[e].dimension
      let trips = moment.isLast[d] ? elements[e].residual : elements[e].factor
      moment.isLast[d] = moment.isLast[d] && moment.index[e] == trips - 1
      moment.start[d] += moment.index[e] * elements[e].step
    }
  }

  /// One multiply-accumulate.
  private func execute(_ moment: Moment, _ tally: inout Tally) {
    var point = 0
    for (d, dimension) in layer.dimensions.enumerated() {
      precondition(moment.start[d] < dimension.bound, "the loops run past the bound")
      point = point * dimension.bound + moment.start[d]
    }
    tally.executions[point] += 1
    tally.iterations[moment.instance] += 1
    let result = layer.operands[layer.resultIndex]
    var word = 0
    for axis in result.axes {
      word *= axis.extent(of: bounds)
      for term in axis.terms { word += term.coefficient * moment.start[term.dimension] }
    }
    for level in keeps.indices {
      let instance = moment.instance / (instanceCounts[keeps.count] / instanceCounts[level])
      for d in layer.dimensions.indices {
        tally.touchedIndices[level][instance][d][moment.start[d]] = true
      }
      tally.touchedWords[level][instance][word] = true
    }
  }
}
