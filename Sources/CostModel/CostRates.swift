import Accelerator
import Workload

/// What one element costs to move, level by level: the constants that lower bounds of a mapping's cost are made of.
///
/// Legend: `L` levels, `T` operands; tables over both are row-major `L x T`. A vector access moves whole blocks, so energy
/// per element is a lower bound that is reached when tiles fill their blocks.
public struct CostRates: Sendable {
  /// Memory levels.
  public let levelCount: Int
  /// Operands.
  public let operandCount: Int
  /// Position of the result among the operands.
  public let result: Int
  /// Multiply-accumulate operations of the layer.
  public let macCount: Int
  /// `L x T`: pJ to read an element for the next inner level.
  public private(set) var read: [Double]
  /// `L x T`: pJ to write an element that comes from outside.
  public private(set) var fill: [Double]
  /// `L x T`: pJ to write an element that comes from inside.
  public private(set) var update: [Double]
  /// `T`: share of the accesses by the MACs that zero gating leaves.
  public private(set) var activeShare: [Double]
  /// `L`: bits one instance may hold, `Int.max` when unlimited.
  public let usableBits: [Int]
  /// `L x T`: bits of an element.
  public let elementBits: [Int]
  /// `L x T`: words of the level an element takes.
  public let wordsPerElement: [Double]
  /// `L`: words one instance reads a cycle, infinite when unlimited.
  public let readBandwidth: [Double]
  /// `L`: words one instance writes a cycle, infinite when unlimited.
  public let writeBandwidth: [Double]
  /// `L`: words one instance reads and writes a cycle, infinite when unlimited.
  public let sharedBandwidth: [Double]
  /// `L`: whether the network below the level has an energy.
  public private(set) var hasNetwork: [Bool]
  /// `L`: pJ to move a word by one hop of the network below the level; 0 without network energy.
  public private(set) var hop: [Double]
  /// `L`: pJ of a word passing one router of the network below the level; 0 without network energy.
  public private(set) var router: [Double]
  /// `T`: whether the operand's words take energy on the networks.
  public private(set) var travels: [Bool]
  /// Cycles the networks add once.
  public let networkLatency: Int
  /// Energy that no mapping changes, in pJ: multiply-accumulates, and what gating takes off idle energy while they work.
  public let fixedEnergy: Double
  /// Idle energy of the array, in pJ per cycle of latency.
  public let idlePerCycle: Double
  /// `L`: pJ per cycle that one instance leaks.
  public let leakage: [Double]
  /// Whether instances leak that a mapping does not use.
  public let unusedInstancesLeak: Bool
  /// Whether a restart of a sliding window may be credited (rule 3c).
  public let creditsSlidingRestart: Bool

  /// The rates of a model's layer on its architecture, with the model's terms.
  public init(_ model: LoopNestCostModel) {
    let tables = model.plan.tables
    let levelCount = tables.levelCount
    let operandCount = tables.operandCount
    self.levelCount = levelCount
    self.operandCount = operandCount
    result = tables.result
    macCount = tables.macCount
    let blocks = (0..<levelCount * operandCount).map {
      Double(tables.packBlocks[$0]) / Double(tables.packElements[$0])
    }
    let perElement = { (energy: UnsafeMutablePointer<Double>) in
      blocks.indices.map { blocks[$0] * energy[$0 / operandCount] }
    }
    read = perElement(tables.readEnergy)
    fill = perElement(tables.fillEnergy)
    update = perElement(tables.updateEnergy)
    activeShare = (0..<operandCount).map {
      (tables.gatedOperands >> UInt32($0)) & 1 == 1 ? tables.activeShare : 1
    }
    usableBits = (0..<levelCount).map { tables.usableBits[$0] }
    elementBits = blocks.indices.map { tables.elementBits[$0] }
    wordsPerElement = blocks.indices.map { tables.wordsPerElement[$0] }
    readBandwidth = (0..<levelCount).map { tables.readBandwidth[$0] }
    writeBandwidth = (0..<levelCount).map { tables.writeBandwidth[$0] }
    sharedBandwidth = (0..<levelCount).map { tables.sharedBandwidth[$0] }
    hasNetwork = (0..<levelCount).map { tables.networkLevels >> UInt32($0) & 1 == 1 }
    let hasNetwork = self.hasNetwork
    hop = (0..<levelCount).map { hasNetwork[$0] ? tables.hopEnergy[$0] : 0 }
    router = (0..<levelCount).map { hasNetwork[$0] ? tables.routerEnergy[$0] : 0 }
    travels = Array(repeating: true, count: operandCount)
    networkLatency = tables.networkLatency
    let busy = Double(tables.macCount)
    let idles = tables.idleEnergy > 0
    fixedEnergy = busy * tables.computeEnergy + (idles ? busy * tables.gatedIdleEnergy : 0)
    idlePerCycle =
      idles
      ? Double(tables.computeInstances) * (tables.idleEnergy - tables.gatedIdleEnergy) : 0
    leakage = (0..<levelCount).map { tables.leakage[$0] }
    unusedInstancesLeak = tables.unusedInstancesLeak
    creditsSlidingRestart = tables.creditsSlidingRestart
  }

  /// The rates with a price on the traffic of a port: sums of them are energy plus price times cycles of the port.
  ///
  /// - Parameters:
  ///   - price: pJ per cycle of one instance of the level.
  ///   - port: Which traffic.
  public func priced(_ price: Double, at port: TrafficPort) -> CostRates {
    var rates = self
    for (pair, word) in cyclesOfAWord(at: port) {
      if port.direction != .write { rates.read[pair] += price * word }
      if port.direction != .read {
        rates.fill[pair] += price * word
        rates.update[pair] += price * word
      }
    }
    return rates
  }

  /// Rates under which every other operand moves for nothing.
  public func only(operand: Int) -> CostRates {
    var rates = self
    for t in 0..<operandCount where t != operand {
      rates.travels[t] = false
      for level in 0..<levelCount {
        let pair = level * operandCount + t
        rates.read[pair] = 0
        rates.fill[pair] = 0
        rates.update[pair] = 0
      }
    }
    return rates
  }

  /// Rates whose sums are cycles of a port, and no energy.
  public func cycles(of port: TrafficPort) -> CostRates {
    var rates = self
    let none = [Double](repeating: 0, count: levelCount * operandCount)
    (rates.read, rates.fill, rates.update) = (none, none, none)
    rates.activeShare = Array(repeating: 1, count: operandCount)
    rates.hasNetwork = Array(repeating: false, count: levelCount)
    rates.hop = Array(repeating: 0, count: levelCount)
    rates.router = rates.hop
    return rates.priced(1, at: port)
  }

  /// For each pair of the port's level and an operand, cycles an element takes there.
  private func cyclesOfAWord(at port: TrafficPort) -> [(pair: Int, cycles: Double)] {
    let bandwidth =
      switch port.direction {
      case .read: readBandwidth[port.level]
      case .write: writeBandwidth[port.level]
      case .shared: sharedBandwidth[port.level]
      }
    return (0..<operandCount).map { t in
      let pair = port.level * operandCount + t
      return (pair, wordsPerElement[pair] / bandwidth)
    }
  }
}
