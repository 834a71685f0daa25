import CostModel

/// The least share of a tile that is new at a delivery, on the average of a run of steps along a window axis.
///
/// One step of a loop over dimension *d* moves the tile by its coefficient times the extent inside the loop, which is at
/// least the extent of the tile with its fan-out. Rule 3c may credit more: Timeloop arrives at a restart from iteration 1
/// of the loops inside, so a loop of *n* iterations still costs `n - 1` increments; hence at least half of an increment each
/// where a restart can be free, and three quarters where only a third loop could be. A run is at most as long as all loops
/// along the axis together, and its first delivery is a whole tile.
struct SlideTable {
  private let first: Int
  private let second: Int?
  /// By places of `first` and `second` with the fan-out, then in one child.
  private let shares: [Double]
  private let firstCount: Int
  private let secondCount: Int

  /// The tables of an operand, one for each window axis.
  static func tables(for t: Int, _ plan: SearchPlan) -> [SlideTable] {
    Set(plan.axis[t]).filter { $0 >= 0 }.sorted().map { SlideTable(t, $0, plan) }
  }

  private init(_ t: Int, _ axis: Int, _ plan: SearchPlan) {
    let members = plan.axis[t].indices.filter { plan.axis[t][$0] == axis }
    let shapes = plan.shapes
    first = members[0]
    second = members.count > 1 ? members[1] : nil
    let a = shapes.divisors[members[0]]
    let b = members.count > 1 ? shapes.divisors[members[1]] : [1]
    firstCount = a.count
    secondCount = b.count
    guard members.count <= 2 else {
      shares = Array(repeating: 0, count: a.count * a.count * b.count * b.count)
      return
    }
    let ca = plan.coefficient[t][members[0]]
    let cb = members.count > 1 ? plan.coefficient[t][members[1]] : 0
    let credits = plan.rates.creditsSlidingRestart
    let boundA = a.last ?? 1
    let boundB = b.last ?? 1
    var table: [Double] = []
    for za in a {
      for zb in b {
        // Steps of loops over each dimension that may stand outside.
        let stepsA = a.filter { $0 % za == 0 && $0 < boundA }.map { ca * $0 }
        let stepsB = b.filter { $0 % zb == 0 && $0 < boundB }.map { cb * $0 }
        for ya in a {
          for yb in b {
            let reach = Double(1 + ca * (ya - 1) + cb * (yb - 1))
            var share = 1.0
            for (steps, others) in [(stepsA, stepsB), (stepsB, stepsA)] {
              for step in steps {
                var kept = min(1, Double(step) / reach)
                if credits {
                  if others.contains(step) {
                    kept *= 0.5
                  } else if !others.isEmpty {
                    kept *= 0.75
                  }
                }
                share = min(share, kept)
              }
            }
            // Whatever else moves ends the run, and the next begins with a whole tile.
            let run = Double(boundA / za) * Double(boundB / zb)
            table.append((1 + (run - 1) * share) / run)
          }
        }
      }
    }
    shares = table
  }

  @inline(__always)
  func share(_ shapes: TileShapes, _ z: Int, _ child: Int) -> Double {
    let n = shapes.dimensions.count
    let za = Int(shapes.digits[z * n + first])
    let ya = Int(shapes.digits[child * n + first])
    var zb = 0
    var yb = 0
    if let second {
      zb = Int(shapes.digits[z * n + second])
      yb = Int(shapes.digits[child * n + second])
    }
    return shares[((za * secondCount + zb) * firstCount + ya) * secondCount + yb]
  }
}
