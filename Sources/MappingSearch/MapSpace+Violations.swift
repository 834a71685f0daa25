public import Accelerator
import Workload

extension MapSpace {
  /// Every reason why a mapping is not a member of the space, in words; whether tiles fit is not asked.
  ///
  /// - Precondition: The mapping was made for the space's layer and architecture.
  public func violations(of mapping: Mapping) -> [String] {
    var found: [String] = []
    if !mapping.isPerfect { found.append("got a loop with a residual, expected perfect factors") }
    var factors: [[[Int]]] = []
    for (level, nest) in mapping.nests.enumerated() {
      let lists = [nest.temporal, nest.spatialX, nest.spatialY]
      var products = lists.map { _ in Array(repeating: 1, count: dimensionCount) }
      for (place, list) in lists.enumerated() {
        for loop in list {
          let name = layer.dimensions[loop.dimension].name
          if products[place][loop.dimension] > 1 {
            found.append(
              "level \"\(architecture.levels[level].name)\": got two "
                + "\(["temporal", "X", "Y"][place]) loops over \(name), expected at most one")
          }
          products[place][loop.dimension] *= loop.factor
        }
      }
      factors.append(products)
    }
    for rule in rules {
      if let text = violation(of: rule, mapping, factors) { found.append(text) }
    }
    found += violationsOfMeshes(factors)
    for (level, nest) in mapping.nests.enumerated() {
      let bits = nest.keeps.enumerated().reduce(UInt32(0)) {
        $1.element ? $0 | 1 << UInt32(24 + $1.offset) : $0
      }
      if !keeps[level].contains(bits) {
        let kept = { (bits: UInt32) -> String in
          let names = self.layer.operands.enumerated().filter {
            bits >> UInt32(24 + $0.offset) & 1 == 1
          }
          return "[\(names.map(\.element.name).joined(separator: ", "))]"
        }
        found.append(
          "level \"\(architecture.levels[level].name)\": keeps \(kept(bits)), expected "
            + keeps[level].prefix(8).map(kept).joined(separator: " or "))
      }
    }
    return found
  }

  private func violation(of rule: CompiledRule, _ mapping: Mapping, _ factors: [[[Int]]]) -> String?
  {
    let product = { (list: [Int]) in list.reduce(1, *) }
    let wrong = { (got: String) in "\(rule.name.text): got \(got)" }
    switch rule.effect {
    case .factor(let place, let level, let dimension, let factor):
      let got = factors[level][place.rawValue][dimension]
      switch factor {
      case .exactly(let value): return got == value ? nil : wrong("\(got)")
      case .atMost(let value): return got <= value ? nil : wrong("\(got)")
      }
    case .allowed(let place, let level, let bits):
      let other = (0..<dimensionCount).first {
        factors[level][place.rawValue][$0] > 1 && bits >> UInt32($0) & 1 == 0
      }
      return other.map { wrong(layer.dimensions[$0].name) }
    case .largestX(let level, let limit):
      let got = product(factors[level][1])
      return got <= limit ? nil : wrong("\(got)")
    case .largestY(let level, let limit):
      let got = product(factors[level][2])
      return got <= limit ? nil : wrong("\(got)")
    case .largestTotal(let level, let limit):
      let got = product(factors[level][1]) * product(factors[level][2])
      return got <= limit ? nil : wrong("\(got)")
    case .innermost(let level, let order):
      return orderViolation(mapping.nests[level].temporal.reversed(), order).map(wrong)
    case .outermost(let level, let order):
      return orderViolation(mapping.nests[level].temporal, order).map(wrong)
    case .tensor: return nil
    case .utilization(let level, let units):
      let got = product(factors[level][1]) * product(factors[level][2])
      return got >= units
        ? nil : wrong("\(got) of \(architecture.fanOut(below: level).count) units")
    case .arrayUtilization(let units):
      let got = factors.reduce(1) { $0 * product($1[1]) * product($1[2]) }
      return got >= units ? nil : wrong("\(got) of \(architecture.compute.mesh.count) units")
    }
  }

  /// The loops that stand where those of `order` should, which are named from the end the order is fixed at.
  private func orderViolation(_ loops: [Loop], _ order: [Int]) -> String? {
    let present = order.filter { dimension in loops.contains { $0.dimension == dimension } }
    let got = loops.prefix(present.count).map(\.dimension)
    guard Array(got) != present else { return nil }
    return "[\(got.map { layer.dimensions[$0].name }.joined(separator: ", "))]"
  }

  /// Fan-outs that are split more often than they are wide.
  private func violationsOfMeshes(_ factors: [[[Int]]]) -> [String] {
    var found: [String] = []
    for (level, factors) in factors.enumerated() {
      let fanOut = architecture.fanOut(below: level)
      for (axis, have) in [fanOut.x, fanOut.y].enumerated() {
        let used = factors[axis + 1].reduce(1, *)
        if used > have {
          found.append(
            "fan-out below level \"\(architecture.levels[level].name)\": uses \(used) along "
              + "\(axis == 0 ? "X" : "Y"), there are \(have)")
        }
      }
    }
    return found
  }
}
