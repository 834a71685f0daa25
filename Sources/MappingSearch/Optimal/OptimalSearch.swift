import Accelerator
import CostModel

/// Branch and bound over levels from outside inwards: all partial mappings of one boundary before the next.
///
/// The cost of the decided levels is exact (`PrefixEvaluator`), that of the rest is bounded (`ObjectiveBounds`). What
/// remains below a limit is kept, one per set of equal completions (`PartialMappings`); the last level is evaluated in full.
final class OptimalSearch {
  /// A way to lay a split out, with the hops of every operand for one instance.
  private struct Layout {
    var loops: SpatialChoices.Arrangement
    var hops: [Double]
  }

  struct Best {
    var value: Double
    var totals: MappingTotals
    var record: [UInt32]
  }

  let plan: SearchPlan
  private let bounds: ObjectiveBounds
  private let prefix: PrefixEvaluator
  private let evaluator: MappingEvaluator
  private let walker: NestedShapes
  private let objective: SearchObjective
  private var orders: [[UInt32: LoopOrders]]
  private var arrangements: [[[Int]: [Layout]]]
  private let loopCapacity = Mapping.largestLoopCount
  private let recordStride: Int
  private let valueCount: Int
  private var record: [UInt32]
  private var values: [Double]
  private let shares: UnsafeMutablePointer<Double>
  /// Sharing at the boundary below the split that is looked at.
  private let sharing: UnsafeMutablePointer<Double>
  private let portCount: Int
  /// Position of the priced port among the ports, or -1.
  private let pricedPort: Int
  private let rules: SpaceRules

  private(set) var best: Best?
  private(set) var counts = OptimalCertificate.Counts()
  /// The least bound of what was given up for lack of budget.
  private(set) var leastAbandoned = Double.infinity
  var stateLimit = 1_000_000
  var nodeLimit = Int.max
  var shouldStop: @Sendable () -> Bool = { false }

  init(_ bounds: ObjectiveBounds, rules: SpaceRules) {
    plan = bounds.plan
    self.bounds = bounds
    objective = bounds.objective
    self.rules = rules
    prefix = PrefixEvaluator(plan.model)
    evaluator = MappingEvaluator(plan.model)
    walker = NestedShapes(plan)
    orders = Array(repeating: [:], count: plan.levelCount)
    arrangements = Array(repeating: [:], count: plan.levelCount)
    recordStride = plan.levelCount + Mapping.largestLoopCount
    portCount = prefix.ports.count
    pricedPort = prefix.ports.firstIndex { $0 == bounds.priced?.port } ?? -1
    valueCount = 5 + 3 * plan.operandCount + portCount
    sharing = .allocate(capacity: bounds.classes.width)
    sharing.initialize(repeating: 1, count: bounds.classes.width)
    shares = .allocate(capacity: plan.operandCount)
    shares.initialize(repeating: 1, count: plan.operandCount)
    record = Array(repeating: 0, count: recordStride)
    values = Array(repeating: 0, count: valueCount)
  }

  deinit {
    shares.deallocate()
    sharing.deallocate()
  }

  /// Starts from a mapping that is known.
  func offer(_ known: Best) { best = known }

  /// A bound no mapping can be below.
  func rootBound() -> Double {
    guard plan.levelCount > 1 else { return 0 }
    for t in 0..<plan.operandCount { walker.outerRun[t] = 1 }
    var least = Double.infinity
    walker.forEach(inside: plan.shapes.whole) { z, _, shares in
      least = min(
        least, bounds.coarse(0, z, shares, ObjectiveBounds.Decided(), limit: -.infinity))
    }
    return least
  }

  /// Looks at every mapping whose cost may be below `limit`; a better one lowers the limit.
  func run(below limit: Double) {
    var limit = limit
    let width = bounds.classes.width
    var frontier = PartialMappings(
      valueCount: valueCount, recordStride: recordStride, width: width)
    for v in 0..<valueCount { values[v] = 0 }
    for t in 0..<plan.operandCount { values[3 + t] = 1 }
    record = Array(repeating: 0, count: recordStride)
    frontier.insert(
      shape: plan.shapes.whole, used: 1, signature: 0, bound: 0, loopCount: 0, hopEnergy: 0,
      sharing: bounds.classes.vector(0, 0), values: values, record: record)
    explore(0, frontier, &limit)
  }

  /// Expands the partial mappings of a boundary, best bound first, and goes on with what they become.
  ///
  /// Of a boundary with more than `stateLimit` partial mappings the best are followed to the end before more are made, so
  /// that memory is bounded; dominance then holds among those made together.
  private func explore(_ level: Int, _ frontier: PartialMappings, _ limit: inout Double) {
    let isLast = level == plan.levelCount - 1
    var next = frontier.emptied()
    for state in frontier.ranked() {
      let settled = limit * (1 - OptimalCertificate.tolerance)
      if frontier.bound[state] >= settled {
        counts.prunedStates += 1
        continue
      }
      if counts.nodes > nodeLimit || shouldStop() {
        leastAbandoned = min(leastAbandoned, frontier.bound[state])
        continue
      }
      counts.states += 1
      if isLast {
        finish(frontier, state, &limit)
        continue
      }
      expand(level, frontier, state, limit, &next)
      if next.aliveCount > stateLimit { follow(level, &next, &limit) }
    }
    if !isLast { follow(level, &next, &limit) }
  }

  /// Goes on with the partial mappings of the next boundary and forgets them.
  private func follow(_ level: Int, _ next: inout PartialMappings, _ limit: inout Double) {
    counts.dominated += next.dominatedCount
    counts.largestFrontier = max(counts.largestFrontier, next.aliveCount)
    explore(level + 1, next, &limit)
    next = next.emptied()
  }

  // MARK: Branching

  private func orders(_ level: Int, _ mask: UInt32) -> LoopOrders {
    if let known = orders[level][mask] { return known }
    let found = LoopOrders(
      mask: mask, relevance: plan.relevance, axis: plan.axis,
      creditsSlidingRestart: plan.rates.creditsSlidingRestart,
      allows: { rules.allowsOrder(level, $0) })
    orders[level][mask] = found
    return found
  }

  private func expand(
    _ level: Int, _ frontier: PartialMappings, _ state: Int, _ limit: Double,
    _ next: inout PartialMappings
  ) {
    let settled = limit * (1 - OptimalCertificate.tolerance)
    let shapes = plan.shapes
    let operandCount = plan.operandCount
    let outer = Int(frontier.shape[state])
    let used = frontier.used[state]
    let base = state * valueCount
    var decided = decided(frontier, state)
    frontier.sharing.withUnsafeBufferPointer { sharing in
      guard let address = sharing.baseAddress else { return }
      decided.sharing = bounds.classes.cover(level, address + state * bounds.classes.width)
    }
    let iterations = plan.operations / shapes.volume[outer] / used
    for t in 0..<operandCount { walker.outerRun[t] = iterations / frontier.values[base + 3 + t] }
    walker.forEach(inside: outer) { z, loops, shares in
      guard rules.allowsLoops(level, outer, z, shapes) else { return }
      counts.nodes += 1
      guard bounds.coarse(level, z, shares, decided, limit: settled) < settled else {
        counts.prunedTiles += 1
        return
      }
      split(level, frontier, state, z, loops, shares, settled, &next)
    }
  }

  /// What a partial mapping has decided; its class of sharing is left open.
  private func decided(_ frontier: PartialMappings, _ state: Int) -> ObjectiveBounds.Decided {
    let base = state * valueCount
    return ObjectiveBounds.Decided(
      energy: frontier.values[base], cycles: frontier.values[base + 1],
      leakage: frontier.values[base + 2],
      traffic: pricedPort < 0 ? 0 : frontier.values[base + valueCount - portCount + pricedPort],
      used: frontier.used[state])
  }

  private func split(
    _ level: Int, _ frontier: PartialMappings, _ state: Int, _ z: Int, _ loops: UInt32,
    _ least: UnsafePointer<Float>, _ settled: Double, _ next: inout PartialMappings
  ) {
    let shapes = plan.shapes
    let boundary = level + 1
    let base = state * valueCount
    let outer = Int(frontier.shape[state])
    var decided = decided(frontier, state)
    decided.leakage = bounds.leakage(
      below: level, decided.leakage, used: frontier.used[state])
    let classes = bounds.classes
    let iterations = plan.operations / shapes.volume[outer] / frontier.used[state]
    let orders = self.orders(level, loops)
    let spatial = plan.spatial[level]
    spatial.forEach(dividing: z, shapes) { choice, child in
      guard plan.fits[boundary][child] else { return }
      let used = frontier.used[state] * spatial.used[choice]
      let inside = Double(bounds.tables.restCycles(inside: boundary, child))
      guard inside < .infinity else { return }
      counts.nodes += 1
      decided.used = used
      frontier.sharing.withUnsafeBufferPointer { outside in
        guard let address = outside.baseAddress else { return }
        let sharing = address + state * classes.width
        classes.advance(level, choice, sharing, self.sharing)
        bounds.prepare(level, z, choice, child, sharing)
      }
      decided.sharing = classes.cover(boundary, sharing)
      let fine = bounds.fine(level, child, least, decided, inside: inside, limit: settled)
      guard fine < settled else {
        counts.prunedSplits += 1
        return
      }
      for (index, order) in orders.all.enumerated() {
        // What each operand is delivered, as a share of all iterations; restarts that are credited may take more off.
        if index >= orders.plainCount, !isCredited(order, outer, z, frontier, state) { continue }
        for t in 0..<plan.operandCount {
          shares[t] = share(of: t, order, outer, z, frontier.values[base + 3 + t], iterations)
        }
        bounds.look(boundary, child, shares, decided)
        let exact = bounds.exact(boundary, shares, decided, inside: inside)
        guard exact < settled else {
          counts.prunedOrders += 1
          continue
        }
        let layouts = arrangements(level, choice, child)
        if plan.rates.router[level] == 0 {
          // Hops add up, so the best layout follows from the deliveries, which do not depend on it.
          add(level, frontier, state, z, child, decided, order, layouts, inside, settled, &next)
        } else {
          for layout in layouts {
            add(
              level, frontier, state, z, child, decided, order, [layout], inside, settled, &next)
          }
        }
      }
    }
  }

  /// Deliveries of an operand over all iterations down to a level, at most 1.
  @inline(__always)
  private func share(
    of t: Int, _ order: LoopOrders.Order, _ outer: Int, _ z: Int, _ deliveries: Double,
    _ iterations: Double
  ) -> Double {
    var inside = 1.0
    for d in order.sequence where order.outside[t] >> UInt32(d) & 1 == 0 {
      inside *= Double(plan.shapes.extent(outer, d) / plan.shapes.extent(z, d))
    }
    return (order.outside[t] == 0 ? deliveries / iterations : 1) / inside
  }

  /// Whether Timeloop may credit a restart of this order (rule 3c).
  private func isCredited(
    _ order: LoopOrders.Order, _ outer: Int, _ z: Int, _ frontier: PartialMappings, _ state: Int
  ) -> Bool {
    for (t, chain) in order.chains.enumerated() where chain.count > 1 {
      let steps = chain.map { plan.coefficient[t][$0] * plan.shapes.extent(z, $0) }
      let shift = steps[0]
      var inner = shift
      for step in steps.dropFirst() {
        if step == inner || step == inner + shift { return true }
        inner += step
      }
      // The loops of outer levels may go on along the axis.
      let relevant = order.sequence.filter { plan.relevance[t][$0] }
      if relevant.count == chain.count, frontier.signature[state] != 0 { return true }
    }
    return false
  }

  /// The layouts of a split that no other one beats in the hops of every operand.
  ///
  /// Which children share a tile along a window depends on the child's extents in the dimensions of the window.
  private func arrangements(_ level: Int, _ choice: Int, _ child: Int) -> [Layout] {
    let spatial = plan.spatial[level]
    guard plan.rates.hasNetwork[level] else {
      return [
        Layout(
          loops: spatial.layouts[choice], hops: Array(repeating: 0, count: plan.operandCount))
      ]
    }
    let n = plan.shapes.n
    var key = [choice]
    for d in 0..<n where spatial.places[choice * n + d] > 0 {
      guard plan.axis.contains(where: { $0[d] >= 0 }) else { continue }
      key.append(Int(plan.shapes.digits[child * n + d]))
    }
    if let known = arrangements[level][key] { return known }
    let limit = rules.fanOut(level)
    let all = spatial.arrangements(
      of: choice, shapes: plan.shapes, x: limit.x, y: limit.y,
      allows: { rules.allowsSplit(level, $0, $1, $2) })
    var kept: [(layout: Layout, bySize: [Double])] = []
    for loops in all {
      let hops = hops(of: loops, level, child)
      if kept.contains(where: { zip($0.bySize, hops.bySize).allSatisfy { $0 <= $1 } }) { continue }
      kept.removeAll { zip($0.bySize, hops.bySize).allSatisfy { $0 >= $1 } }
      kept.append((Layout(loops: loops, hops: hops.total), hops.bySize))
    }
    let found = kept.map(\.layout)
    arrangements[level][key] = found
    return found
  }

  /// Hops of a layout alone: everything outside has one iteration.
  private func hops(of layout: SpatialChoices.Arrangement, _ level: Int, _ child: Int) -> (
    total: [Double], bySize: [Double]
  ) {
    let levelCount = plan.levelCount
    for outer in 0..<level { record[outer] = plan.keepBits[outer] }
    var count = 0
    for loop in layout.y + layout.x {
      record[levelCount + count] =
        UInt32(loop.factor) << 4 | UInt32(plan.shapes.dimensions[loop.dimension])
      count += 1
    }
    record[level] =
      plan.keepBits[level] | UInt32(layout.y.count) << 8 | UInt32(count) << 16
    if level + 1 < levelCount { complete(level + 1, count, child) }
    return record.withUnsafeBufferPointer { words in
      words.baseAddress.map { prefix.hops($0, below: level) } ?? ([], [])
    }
  }

  private func add(
    _ level: Int, _ frontier: PartialMappings, _ state: Int, _ z: Int, _ child: Int,
    _ outside: ObjectiveBounds.Decided, _ order: LoopOrders.Order, _ layouts: [Layout],
    _ inside: Double, _ settled: Double, _ next: inout PartialMappings
  ) {
    var loopCount = write(level, frontier, state, z, order.sequence, layouts[0].loops)
    guard loopCount + plan.bounds.count <= loopCapacity else { return }
    complete(level + 1, loopCount, child)
    counts.evaluations += 1
    let cost = record.withUnsafeBufferPointer { words in
      words.baseAddress.map { prefix.evaluate($0, boundary: level + 1) } ?? PrefixCost()
    }
    let base = state * valueCount
    var hopEnergy = 0.0
    var chosen = 0
    if plan.rates.hasNetwork[level] {
      hopEnergy = .infinity
      for (index, layout) in layouts.enumerated() {
        var sum = 0.0
        for t in 0..<plan.operandCount { sum += prefix.hopWeights[t] * layout.hops[t] }
        if sum < hopEnergy {
          hopEnergy = sum
          chosen = index
        }
      }
    }
    hopEnergy += frontier.hopEnergy[state]
    var decided = outside
    decided.energy = cost.energy + hopEnergy
    decided.cycles = max(cost.cycles, frontier.values[base + 1])
    if pricedPort >= 0 { decided.traffic = prefix.portCycles[pricedPort] }
    let bound = bounds.rest(level + 1, decided, inside: inside)
    guard bound < settled else {
      counts.prunedPartials += 1
      return
    }
    if chosen > 0 {
      loopCount = write(level, frontier, state, z, order.sequence, layouts[chosen].loops)
      guard loopCount + plan.bounds.count <= loopCapacity else { return }
      complete(level + 1, loopCount, child)
    }
    values[0] = decided.energy
    values[1] = decided.cycles
    values[2] = decided.leakage
    for t in 0..<plan.operandCount {
      values[3 + t] = prefix.deliveries[t]
      values[3 + plan.operandCount + 2 * t] = prefix.pending[2 * t]
      values[3 + plan.operandCount + 2 * t + 1] = prefix.pending[2 * t + 1]
    }
    let last = valueCount - portCount
    values[last - 2] = -prefix.partition.inside
    values[last - 1] = -prefix.partition.home
    for port in 0..<portCount { values[last + port] = prefix.portCycles[port] }
    next.insert(
      shape: child, used: decided.used, signature: prefix.signature, bound: bound,
      loopCount: loopCount, hopEnergy: hopEnergy, sharing: sharing, values: values, record: record)
  }

  /// Copies a partial mapping and appends one level.
  private func write(
    _ level: Int, _ frontier: PartialMappings, _ state: Int, _ z: Int, _ sequence: [Int],
    _ layout: SpatialChoices.Arrangement
  ) -> Int {
    let shapes = plan.shapes
    let levelCount = plan.levelCount
    let outer = Int(frontier.shape[state])
    let source = state * recordStride
    var count = Int(frontier.loopCount[state])
    for i in 0..<(levelCount + count) { record[i] = frontier.records[source + i] }
    for d in sequence {
      let factor = shapes.extent(outer, d) / shapes.extent(z, d)
      record[levelCount + count] = UInt32(factor) << 4 | UInt32(shapes.dimensions[d])
      count += 1
    }
    var header = plan.keepBits[level] | UInt32(count)
    for loop in layout.y {
      record[levelCount + count] =
        UInt32(loop.factor) << 4 | UInt32(shapes.dimensions[loop.dimension])
      count += 1
    }
    header |= UInt32(count) << 8
    for loop in layout.x {
      record[levelCount + count] =
        UInt32(loop.factor) << 4 | UInt32(shapes.dimensions[loop.dimension])
      count += 1
    }
    record[level] = header | UInt32(count) << 16
    return count
  }

  /// Puts what is not decided into temporal loops of the innermost level.
  private func complete(_ boundary: Int, _ loopCount: Int, _ shape: Int) {
    let levelCount = plan.levelCount
    let ends = UInt32(loopCount) | UInt32(loopCount) << 8 | UInt32(loopCount) << 16
    for level in boundary..<levelCount { record[level] = plan.keepBits[level] | ends }
    var count = loopCount
    for d in plan.bounds.indices {
      let factor = plan.shapes.extent(shape, d)
      guard factor > 1 else { continue }
      record[levelCount + count] = UInt32(factor) << 4 | UInt32(plan.shapes.dimensions[d])
      count += 1
    }
    record[levelCount - 1] =
      plan.keepBits[levelCount - 1] | UInt32(count) | UInt32(count) << 8 | UInt32(count) << 16
  }

  /// Splits the innermost tile over the MACs and evaluates the mapping.
  private func finish(_ frontier: PartialMappings, _ state: Int, _ limit: inout Double) {
    let level = plan.levelCount - 1
    let shapes = plan.shapes
    let outer = Int(frontier.shape[state])
    guard plan.fits[level][outer] else { return }
    let spatial = plan.spatial[level]
    var limitNow = limit
    spatial.forEach(dividing: outer, shapes) { choice, _ in
      // Loops stand outside the split; their order does not matter here.
      let z = shapes.whole(of: spatial.places + choice * shapes.n)
      guard rules.allowsLoops(level, outer, z, shapes),
        rules.allowsTotal(frontier.used[state] * spatial.used[choice])
      else { return }
      counts.nodes += 1
      let sequence = rules.order(
        level, plan.bounds.indices.filter { shapes.extent(outer, $0) > shapes.extent(z, $0) })
      for layout in arrangements(level, choice, 0) {
        let loopCount = write(level, frontier, state, z, sequence, layout.loops)
        guard loopCount <= loopCapacity else { continue }
        counts.evaluations += 1
        let totals = record.withUnsafeBufferPointer { words in
          words.baseAddress.map { evaluator.totals(of: $0) }
        }
        guard let totals, totals.verdict.isLegal else { continue }
        let value = objective.value(totals.energy, Double(totals.cycles))
        if value < (best?.value ?? .infinity) {
          best = Best(value: value, totals: totals, record: record)
        }
        limitNow = min(limitNow, value)
      }
    }
    limit = limitNow
  }
}
