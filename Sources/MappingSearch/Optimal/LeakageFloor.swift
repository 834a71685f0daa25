import Accelerator
import CostModel

/// The least leakage of the levels inside a boundary, in pJ per cycle.
final class LeakageFloor {
  /// Leakage that no mapping changes, of all levels.
  let fixed: Double
  private let table: UnsafeMutablePointer<Double>

  init(_ plan: SearchPlan, _ classes: BoundaryClasses) {
    let rates = plan.rates
    let meshes = plan.model.architecture.levels.map { Double($0.mesh.count) }
    let isFixed = rates.unusedInstancesLeak
    fixed = isFixed ? zip(rates.leakage, meshes).reduce(0) { $0 + $1.0 * $1.1 } * (1 - 1e-12) : 0
    let stride = BoundaryClasses.largestUnitCount
    table = .allocate(capacity: plan.levelCount * stride)
    table.initialize(repeating: 0, count: plan.levelCount * stride)
    for boundary in 0..<(isFixed ? 0 : plan.levelCount) {
      for (k, units) in classes.fewest[boundary].enumerated() {
        for level in boundary..<plan.levelCount {
          // Units divided by the most below one instance is the fewest instances.
          table[boundary * stride + k] +=
            rates.leakage[level] * max(1, units / classes.edges[level][0]) * (1 - 1e-12)
        }
      }
    }
  }

  deinit { table.deallocate() }

  /// For each class of parallelism, of every instance that is used at the boundary.
  @inline(__always)
  func inside(_ boundary: Int) -> UnsafePointer<Double> {
    UnsafePointer(table + boundary &* BoundaryClasses.largestUnitCount)
  }
}
