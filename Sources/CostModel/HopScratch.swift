/// Tables of the hop kernel; grow to the largest fan-out met and are then reused.
///
/// Legend: `n` children of a fan-out.
struct HopScratch {
  private(set) var childCapacity = 0
  private(set) var columnCapacity = 0
  /// Labels below this are looked up in tables.
  var labelCapacity: Int { 4 * childCapacity + 64 }
  /// `n`: label of each child in the order of its linear index; children with equal tiles have equal labels.
  private(set) var label: UnsafeMutablePointer<Int>
  /// `n`: the children, sorted by group, in each group by linear index.
  private(set) var order: UnsafeMutablePointer<Int>
  /// `labelCapacity`: generation of the last use of a label, and its group.
  private(set) var labelStamp: UnsafeMutablePointer<Int>
  private(set) var labelGroup: UnsafeMutablePointer<Int>
  /// `n`: members of each group, where the next member goes in `order`, and doubled hops.
  private(set) var groupSize: UnsafeMutablePointer<Int>
  private(set) var groupNext: UnsafeMutablePointer<Int>
  private(set) var groupHops: UnsafeMutablePointer<Int>
  /// Columns: generation of the last use, and the last (lowest) doubled row seen.
  private(set) var columnStamp: UnsafeMutablePointer<Int>
  private(set) var columnRow: UnsafeMutablePointer<Int>
  /// The current generation.
  var generation = 0
  private var storage: UnsafeMutablePointer<Int>

  init(children: Int = 16, columns: Int = 16) {
    storage = .allocate(capacity: 1)
    (label, order, labelStamp, labelGroup) = (storage, storage, storage, storage)
    (groupSize, groupNext, groupHops) = (storage, storage, storage)
    (columnStamp, columnRow) = (storage, storage)
    grow(children: children, columns: columns)
  }

  /// Makes room for a fan-out; what the tables held is lost when they grow.
  mutating func reserve(children: Int, columns: Int) {
    if children > childCapacity || columns > columnCapacity {
      grow(children: max(children, childCapacity), columns: max(columns, columnCapacity))
    }
  }

  private mutating func grow(children: Int, columns: Int) {
    storage.deallocate()
    childCapacity = children
    columnCapacity = columns
    let total = 5 * children + 2 * labelCapacity + 2 * columns
    storage = .allocate(capacity: total)
    storage.initialize(repeating: 0, count: total)
    generation = 0
    label = storage
    order = label + children
    groupSize = order + children
    groupNext = groupSize + children
    groupHops = groupNext + children
    labelStamp = groupHops + children
    labelGroup = labelStamp + labelCapacity
    columnStamp = labelGroup + labelCapacity
    columnRow = columnStamp + columns
  }

  func deallocate() { storage.deallocate() }
}
