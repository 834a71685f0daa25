/// The legal designs of a component one by one, by backtracking with bounds.
///
/// For components whose constraints mix their parameters so well that no two partial designs are alike.
struct Enumeration {
  /// How many legal designs there are.
  private(set) var count = 0
  /// The designs, each as the coordinates of `order`, as long as there are at most `largestListCount`.
  private(set) var rows: [[Double]]? = []
  /// Parameters in the order of the steps.
  let order: [Int]

  private var assignment: PartialAssignment
  private var budget: Int
  private let largestListCount: Int

  /// Enumerates.
  ///
  /// - Parameter largestVisitCount: How many values are tried at most.
  /// - Returns: `nil` when that is not enough, or a parameter is real.
  init?(
    _ component: Component, of space: SearchSpace, largestVisitCount: Int, largestListCount: Int
  ) {
    assignment = PartialAssignment(component, of: space)
    order = assignment.order
    guard order.allSatisfy({ space.parameters[$0].valueCount != nil }) else { return nil }
    budget = largestVisitCount
    self.largestListCount = largestListCount
    guard visit(step: 0) else { return nil }
  }

  private mutating func visit(step: Int) -> Bool {
    guard step < order.count else {
      count += 1
      if count > largestListCount { rows = nil }
      rows?.append(order.map { assignment.coordinates[$0] })
      return true
    }
    let settled = assignment.settled
    let isActive = assignment.isActive(step: step)
    let valueCount = isActive ? assignment.space.parameters[order[step]].valueCount ?? 0 : 1
    guard valueCount <= budget else { return false }
    budget -= valueCount
    for value in 0..<valueCount {
      assignment.settled = settled
      let coordinate = isActive ? Double(value) : Point.inactive
      guard assignment.assign(coordinate, step: step) == .possible else { continue }
      guard visit(step: step + 1) else { return false }
    }
    assignment.settled = settled
    return true
  }
}
