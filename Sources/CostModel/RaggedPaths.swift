/// How one dimension arrives at a visit: the flag of the visit, and what is known of the visits before it.
///
/// A visit is told apart by the *cut*: temporal loops outside the cut have any index, the loop at the cut has just
/// advanced (or, for other dimensions, is not theirs), loops inside the cut are at index 0. Two facts about the time
/// since the previous advance decide what must be loaded: did the inside loops of the dimension move (`single` when
/// they did not), and was the dimension last before. Positions of fan-outs are those of one instance all along.
enum RaggedPath {
  typealias State = UInt64
  /// Every loop outside is in its last iteration; loops inside do not move.
  static let last: State = 0
  /// Some loop outside is not; loops inside do not move.
  static let clear: State = 1
  /// Clear, with a loop inside of two iterations, of which this instance may turn out to have no work in the second.
  static let shadow: State = 2
  /// Clear, and loops inside move.
  static let multiple: State = 3
  /// The loop at the cut has just entered its last iteration: last now, clear before.
  static let endLast: State = 4
  /// Likewise, but made clear by a loop or position farther inside.
  static let endClear: State = 5
  /// As `endLast`, and loops inside moved before.
  static let endLastMultiple: State = 6
  /// As `endClear`, and loops inside moved before.
  static let endClearMultiple: State = 7

  /// Where a position of a fan-out lies, relative to the ragged number of positions.
  enum Place: Int {
    /// Before the last ragged position.
    case within
    /// The last position that has work while the dimension is last.
    case edge
    /// Beyond it: no work while the dimension is last.
    case beyond
  }

  /// Whether the dimension is last at the visit.
  static func isLast(_ state: State) -> Bool {
    state == last || state == endLast || state == endLastMultiple
  }

  /// Whether the inside loops of the dimension have not moved since the loop at the cut last advanced.
  static func isSingle(_ state: State) -> Bool { state & 2 == 0 }

  /// The state inside a temporal loop that lies inside the cut, at its index 0.
  static func enter(_ state: State, residual: Int) -> State {
    switch state {
    case last: residual == 1 ? last : residual == 2 ? shadow : multiple
    case clear, shadow, multiple: multiple
    case endLast, endLastMultiple: residual == 1 ? endLastMultiple : endClearMultiple
    default: endClearMultiple
    }
  }

  /// The state inside a fan-out, or `nil` when the position has no work.
  static func cross(_ state: State, _ place: Place) -> State? {
    switch (state, place) {
    case (last, .within): clear
    case (endLast, .within): endClear
    case (endLastMultiple, .within): endClearMultiple
    case (last, .beyond), (endLast, .beyond), (endLastMultiple, .beyond): nil
    // The second iteration that was pending has work here, and is clear.
    case (shadow, .within): multiple
    // It has none here.
    case (shadow, .beyond): clear
    default: state
    }
  }
}

/// Numbers of (instance, visit) pairs by the joint state of the dimensions of one axis, four bits each.
///
/// The states reached are few, so they are kept as a list.
struct RaggedCensus {
  private(set) var entries: [(key: UInt64, count: Int)]
  private var next: [(key: UInt64, count: Int)] = []

  init() { entries = [] }

  /// Starts with one pair, every dimension last.
  mutating func restart() {
    entries.removeAll(keepingCapacity: true)
    entries.append((0, 1))
  }

  /// The state of the dimension in a slot of a key.
  static func state(_ key: UInt64, _ slot: Int) -> RaggedPath.State { key >> UInt64(4 * slot) & 15 }

  static func replacing(_ key: UInt64, _ slot: Int, _ state: RaggedPath.State) -> UInt64 {
    key & ~(15 << UInt64(4 * slot)) | state << UInt64(4 * slot)
  }

  /// Replaces every entry by what `body` emits for it.
  mutating func transform(_ body: (UInt64, (UInt64, Int) -> Void) -> Void) {
    next.removeAll(keepingCapacity: true)
    for entry in entries {
      body(entry.key) { key, count in
        guard count > 0 else { return }
        let pairs = count &* entry.count
        if next.count <= 64, let same = next.firstIndex(where: { $0.key == key }) {
          next[same].count += pairs
        } else {
          next.append((key, pairs))
        }
      }
    }
    if next.count > 64 { merge() }
    swap(&entries, &next)
  }

  /// Adds up entries with equal keys.
  private mutating func merge() {
    next.sort { $0.key < $1.key }
    var kept = 0
    for index in 1..<next.count {
      if next[index].key == next[kept].key {
        next[kept].count += next[index].count
      } else {
        kept += 1
        next[kept] = next[index]
      }
    }
    next.removeSubrange((kept + 1)...)
  }

  /// A temporal loop outside the cut: any index.
  mutating func run(_ loop: RaggedNest.TemporalLoop, slot: Int) {
    transform { key, emit in
      if Self.state(key, slot) == RaggedPath.last {
        emit(Self.replacing(key, slot, RaggedPath.clear), loop.residual - 1)
        emit(key, 1)
      } else {
        emit(key, loop.factor)
      }
    }
  }

  /// The temporal loop at the cut: any advance from one index to the next.
  mutating func advance(_ loop: RaggedNest.TemporalLoop, slot: Int) {
    transform { key, emit in
      if Self.state(key, slot) == RaggedPath.last {
        emit(Self.replacing(key, slot, RaggedPath.clear), loop.residual - 2)
        emit(Self.replacing(key, slot, RaggedPath.endLast), min(loop.residual - 1, 1))
      } else {
        emit(key, loop.factor - 1)
      }
    }
  }

  /// A temporal loop inside the cut: index 0.
  mutating func enter(_ loop: RaggedNest.TemporalLoop, slot: Int) {
    transform { key, emit in
      let state = RaggedPath.enter(Self.state(key, slot), residual: loop.residual)
      emit(Self.replacing(key, slot, state), 1)
    }
  }

  /// A fan-out, with a number of positions per place.
  mutating func cross(slot: Int, within: Int, edge: Int, beyond: Int) {
    transform { key, emit in
      let state = Self.state(key, slot)
      func emitPositions(_ place: RaggedPath.Place, _ count: Int) {
        guard let inside = RaggedPath.cross(state, place) else { return }
        emit(Self.replacing(key, slot, inside), count)
      }
      emitPositions(.within, within)
      emitPositions(.edge, edge)
      emitPositions(.beyond, beyond)
    }
  }
}
