import Accelerator

/// Tables of the hop kernel, sized for the largest fan-out of an architecture.
///
/// Legend: `n` MAC instances, which bound the children of any fan-out; labels are below `labelCapacity`.
struct HopScratch {
  let labelCapacity: Int
  /// `n`: label of each child in the order of its linear index; children with equal tiles have equal labels.
  let label: UnsafeMutablePointer<Int>
  /// `n`: the children, sorted by group, in each group by linear index.
  let order: UnsafeMutablePointer<Int>
  /// `labelCapacity`: generation of the last use of a label, and its group.
  let labelStamp: UnsafeMutablePointer<Int>
  let labelGroup: UnsafeMutablePointer<Int>
  /// `n`: members of each group, where the next member goes in `order`, and doubled hops.
  let groupSize: UnsafeMutablePointer<Int>
  let groupNext: UnsafeMutablePointer<Int>
  let groupHops: UnsafeMutablePointer<Int>
  /// Columns: generation of the last use, and the last (lowest) doubled row seen.
  let columnStamp: UnsafeMutablePointer<Int>
  let columnRow: UnsafeMutablePointer<Int>
  /// One word: the current generation.
  let generation: UnsafeMutablePointer<Int>
  private let storage: UnsafeMutablePointer<Int>

  init(for plan: CostPlan) {
    let mesh = plan.architecture.compute.mesh
    let children = mesh.count
    labelCapacity = 4 * children + 64
    let total = 5 * children + 2 * labelCapacity + 2 * (mesh.x + 1) + 1
    storage = .allocate(capacity: total)
    storage.initialize(repeating: 0, count: total)
    label = storage
    order = label + children
    groupSize = order + children
    groupNext = groupSize + children
    groupHops = groupNext + children
    labelStamp = groupHops + children
    labelGroup = labelStamp + labelCapacity
    columnStamp = labelGroup + labelCapacity
    columnRow = columnStamp + mesh.x + 1
    generation = columnRow + mesh.x + 1
  }

  func deallocate() { storage.deallocate() }
}
