import Accelerator
import Workload

/// What a mapping costs as far as its outer levels decide it.
///
/// With levels `0..<boundary` decided and everything inside left open, every number here is final: it is the same in each
/// mapping that starts so. The rest of a mapping only adds to the energy and can only raise the cycles.
public struct PrefixCost: Sendable {
  /// Energy of the accesses and network transfers that are decided, hops left out, in pJ.
  public var energy = 0.0
  /// Cycles the decided traffic needs at the tightest bandwidth, before network latency.
  public var cycles = 0.0
  /// Costs nothing.
  public init() {}
}

/// A limit on what one instance of a level moves in a cycle.
public struct TrafficPort: Hashable, Sendable {
  /// What the limit counts.
  public enum Direction: Hashable, Sendable {
    /// Words read for the levels inside.
    case read
    /// Words written from either side.
    case write
    /// Both.
    case shared
  }

  /// Position of the level, outermost first.
  public var level: Int
  /// What is counted.
  public var direction: Direction

  /// Creates a port.
  public init(level: Int, direction: Direction) {
    self.level = level
    self.direction = direction
  }
}

/// Evaluates the outer part of mappings, for searches that build them from outside inwards; one per thread.
///
/// A record must be complete: whatever is not decided yet stands as temporal loops of the innermost level, which no
/// decided count depends on. The counting is that of `MappingEvaluator`, so sums of prefixes equal its totals.
public final class PrefixEvaluator {
  private let plan: CostPlan
  private let owner: ScratchOwner
  private let kernel: CostKernel

  /// For each operand, how often the next tile inside was asked for by one instance: iterations down to the innermost
  /// loop the operand depends on, 1 when there is none.
  public private(set) var deliveries: [Double]
  /// For each operand that the level inside the boundary bypasses, used instances of its home and distinct tiles asked
  /// of one of them; 0 and 0 otherwise.
  public private(set) var pending: [Double]
  /// Identifies what else the rest of the cost depends on: the loops a sliding window may still be continued along
  /// (rule 3c) and open transfers over networks; 0 when there is nothing.
  public private(set) var signature: UInt64 = 0
  /// Words of the result that one instance inside the boundary ever owns, and one instance of its home.
  public private(set) var partition = (inside: 0.0, home: 0.0)

  /// The limits of bandwidth the machine has, outermost first.
  public let ports: [TrafficPort]
  /// For each port, cycles the decided traffic needs there.
  public private(set) var portCycles: [Double]

  /// For each operand, energy of one hop of all that one group is sent over the network just outside the boundary, in pJ.
  ///
  /// 0 when the network has no energy. The layout of a split does not change it.
  public private(set) var hopWeights: [Double]

  /// Creates an evaluator with its working memory; link transfers are not counted.
  public init(_ model: LoopNestCostModel) {
    plan = model.plan
    owner = ScratchOwner(for: model.plan)
    kernel = CostKernel(plan: model.plan, scratch: owner.address)
    deliveries = Array(repeating: 1, count: plan.operandCount)
    pending = Array(repeating: 0, count: 2 * plan.operandCount)
    hopWeights = Array(repeating: 0, count: plan.operandCount)
    var ports: [TrafficPort] = []
    for level in 0..<plan.levelCount {
      for (direction, limit) in [
        (TrafficPort.Direction.read, plan.tables.readBandwidth[level]),
        (.write, plan.tables.writeBandwidth[level]), (.shared, plan.tables.sharedBandwidth[level]),
      ] where limit < .infinity {
        ports.append(TrafficPort(level: level, direction: direction))
      }
    }
    self.ports = ports
    portCycles = Array(repeating: 0, count: ports.count)
  }

  /// The decided part of a mapping's cost.
  ///
  /// - Parameters:
  ///   - record: A record of a `PackedMappings` batch whose loops inside `boundary` stand at the innermost level.
  ///   - boundary: Number of decided levels, in `1..<levelCount`.
  /// - Complexity: O(loops x operands), no allocation; with routers also O(children of their networks).
  public func evaluate(_ record: UnsafePointer<UInt32>, boundary: Int) -> PrefixCost {
    let tables = kernel.tables
    let operandCount = tables.operandCount
    let s = owner.scratch
    let iterations =
      operandCount == 3
      ? kernel.counting.count(record, ThreeOperands())
      : kernel.counting.count(record, AnyOperands(count: operandCount))
    kernel.countAccesses(record, operandCount)
    var cost = PrefixCost()
    for t in 0..<operandCount {
      var home = -1
      for level in 0...boundary where keeps(record, level, t) {
        let pair = level * operandCount + t
        var energy = 0.0
        if home >= 0 {
          let outer = home * operandCount + t
          energy =
            Double(kernel.vectors(s.reads[outer], outer)) * tables.readEnergy[home]
            + Double(kernel.vectors(s.updates[outer], outer)) * tables.updateEnergy[home]
          cost.energy += Double(s.used[home]) * energy
          cost.energy +=
            Double(s.used[level]) * Double(kernel.vectors(s.fills[pair], pair))
            * tables.fillEnergy[level]
          if tables.networkLevels != 0 {
            cost.energy += routerEnergy(record, home..<level, t)
          }
        }
        home = level
      }
      pending[2 * t] = 0
      pending[2 * t + 1] = 0
      if home >= 0, home != boundary {
        var tiles = 1
        for level in home..<boundary { tiles = tiles &* s.groups[level * operandCount + t] }
        pending[2 * t] = Double(s.used[home])
        pending[2 * t + 1] = Double(tiles)
      }
      if t == tables.result, home >= 0 {
        partition = (Double(s.partition[boundary]), Double(s.partition[home]))
      }
    }
    let outer = boundary - 1
    if (tables.networkLevels &>> UInt32(outer)) & 1 == 1 {
      for t in 0..<operandCount {
        let crosses = kernel.isInsideHome(record, outer, t)
        hopWeights[t] =
          crosses
          ? Double(s.used[outer]) * Double(s.delivered[outer * operandCount + t])
            * tables.hopEnergy[outer] : 0
      }
    }
    cost.cycles = decidedCycles(record, boundary, iterations)
    noteStationarity(record, boundary)
    return cost
  }

  @inline(__always)
  private func keeps(_ record: UnsafePointer<UInt32>, _ level: Int, _ t: Int) -> Bool {
    (record[level] &>> UInt32(truncatingIfNeeded: 24 &+ t)) & 1 == 1
  }

  private func routerEnergy(_ record: UnsafePointer<UInt32>, _ levels: Range<Int>, _ t: Int)
    -> Double
  {
    let tables = kernel.tables
    var total = 0.0
    for level in levels where tables.routerEnergy[level] > 0 {
      guard (tables.networkLevels &>> UInt32(level)) & 1 == 1 else { continue }
      total +=
        Double(owner.scratch.used[level]) * kernel.traffic(record, level, t).wordRouters
        * tables.routerEnergy[level]
    }
    return total
  }

  /// Hops of every operand below a level, for one instance; for comparing layouts of the same split.
  ///
  /// - Parameters:
  ///   - record: As for `evaluate`.
  ///   - level: From the outermost, 0.
  /// - Returns: For each operand the hops of all its groups; and the same by number of members of a group.
  public func hops(_ record: UnsafePointer<UInt32>, below level: Int) -> (
    total: [Double], bySize: [Double]
  ) {
    let tables = kernel.tables
    _ = kernel.counting.count(record, AnyOperands(count: tables.operandCount))
    var bySize: [Double] = []
    let total = (0..<tables.operandCount).map { t in
      let delivered = Double(owner.scratch.delivered[level * tables.operandCount + t])
      var sum = 0.0
      kernel.forEachIngress(record, level, t) {
        bySize.append($0.wordHops / delivered)
        sum += $0.wordHops / delivered
      }
      return sum
    }
    return (total, bySize)
  }

  /// The slowest port by the traffic that is decided.
  private func decidedCycles(_ record: UnsafePointer<UInt32>, _ boundary: Int, _ iterations: Int)
    -> Double
  {
    let tables = kernel.tables
    let s = owner.scratch
    let operandCount = tables.operandCount
    var slowest = 0.0
    for (index, port) in ports.enumerated() {
      let level = port.level
      guard level <= boundary else {
        portCycles[index] = 0
        continue
      }
      var read = 0.0
      var write = 0.0
      for t in 0..<operandCount where keeps(record, level, t) {
        let pair = level * operandCount + t
        let words = tables.wordsPerElement[pair]
        var inner = level + 1
        while inner <= boundary, !keeps(record, inner, t) { inner += 1 }
        if inner <= boundary {
          read += Double(s.reads[pair]) * words
          write += Double(s.updates[pair]) * words
        }
        write += Double(s.fills[pair]) * words
      }
      let cycles =
        switch port.direction {
        case .read: read / tables.readBandwidth[level]
        case .write: write / tables.writeBandwidth[level]
        case .shared: (read + write) / tables.sharedBandwidth[level]
        }
      // The total rounds in its own order, so leave room for the last places.
      portCycles[index] = cycles * (1 - 1e-13)
      slowest = max(slowest, portCycles[index])
    }
    return slowest
  }

  /// Notes deliveries and what a window could still continue.
  private func noteStationarity(_ record: UnsafePointer<UInt32>, _ boundary: Int) {
    let tables = kernel.tables
    let s = owner.scratch
    let loops = record + tables.levelCount
    let end = Int(record[boundary - 1] &>> 16 & 0xff)
    var signature: UInt64 = 0
    for t in 0..<tables.operandCount {
      deliveries[t] = 1
      var chainAxis = -1
      var l = end
      var outerPrefix = 0
      while l > 0 {
        l -= 1
        let d = Int(loops[l] & 0xf)
        guard s.prefix[l] != 0, (tables.relevance[d] &>> UInt32(truncatingIfNeeded: t)) & 1 == 1
        else { continue }
        let factor = Int(loops[l] &>> 4)
        let axis = tables.windowOfDimension[t * 16 + d]
        if chainAxis < 0 {
          deliveries[t] = Double(s.prefix[l] &* factor)
          guard axis >= 0 else { break }
          chainAxis = axis
          signature = mix(signature, UInt64(t + 1))
        } else {
          guard axis == chainAxis else { break }
          signature = mix(signature, UInt64(outerPrefix / (s.prefix[l] &* factor)))
        }
        signature = mix(signature, UInt64(d) | UInt64(factor) << 4)
        signature = mix(signature, UInt64(s.step[l]))
        outerPrefix = s.prefix[l]
        guard tables.creditsSlidingRestart else { break }
      }
    }
    signature = notePendingNetworks(record, boundary, signature)
    self.signature = signature
  }

  /// Adds what an open transfer over a network with routers will cost, which does not grow evenly with its words.
  private func notePendingNetworks(
    _ record: UnsafePointer<UInt32>, _ boundary: Int, _ start: UInt64
  ) -> UInt64 {
    let tables = kernel.tables
    let s = owner.scratch
    guard tables.networkLevels != 0 else { return start }
    var signature = start
    for t in 0..<tables.operandCount where pending[2 * t] > 0 {
      var level = boundary - 1
      while level >= 0 {
        if (tables.networkLevels &>> UInt32(level)) & 1 == 1, tables.routerEnergy[level] > 0 {
          signature = mix(signature, UInt64(t) | UInt64(level) << 8)
          signature = mix(
            signature, UInt64(bitPattern: Int64(s.delivered[level * tables.operandCount + t])))
          signature = mix(signature, UInt64(s.used[level]))
          for l in Int(record[level] & 0xff)..<Int(record[level] >> 16 & 0xff) {
            signature = mix(signature, UInt64(record[tables.levelCount + l]))
            signature = mix(signature, UInt64(s.step[l]))
          }
          signature = mix(signature, UInt64(s.fanX[level]))
        }
        if keeps(record, level, t) { break }
        level -= 1
      }
    }
    let inner = tables.networkLevels & tables.offChipLevels & ~((1 << UInt32(boundary)) - 1)
    if inner != 0 { signature = mix(signature, deliveries[tables.result].bitPattern) }
    return signature
  }

  @inline(__always)
  private func mix(_ state: UInt64, _ value: UInt64) -> UInt64 {
    var z = (state ^ value) &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
