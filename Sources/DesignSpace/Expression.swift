import Foundation

/// A constraint as a flat program over the coordinates of a point.
///
/// Nodes stand after their operands. Every value is a `Double`: truth values are 0 and 1, texts are numbered, and what
/// is undefined (division by zero, the logarithm of a negative number, overflow) is not a number, which every operation
/// hands on unless `and`, `or` or `ifelse` do not look at it.
struct Expression: Hashable, Sendable {
  enum Operation: Hashable, Sendable {
    case constant
    /// A parameter of integers or booleans, or real, or compared by coordinate: `scale * coordinate + constant`.
    case linear
    /// A parameter with a table of values.
    case table
    case negate, add, subtract, multiply, divide, modulo, power, minimum, maximum
    case floor, ceil, magnitude, log2, exp
    case equal, unequal, less, lessOrEqual, divides
    case and, or, not, choose
  }

  struct Node: Hashable, Sendable {
    var operation: Operation
    /// Operands as indices of nodes; for parameters `a` is the index of the parameter.
    var a = 0
    var b = 0
    var c = 0
    var constant = 0.0
    var scale = 1.0
    var table: [Double] = []

    var isParameter: Bool { operation == .linear || operation == .table }
  }

  var nodes: [Node]

  /// The parameters that are read, ascending.
  var scope: [Int] {
    Set(nodes.filter(\.isParameter).map(\.a)).sorted()
  }

  /// The value at coordinates.
  func value(at coordinates: [Double]) -> Double { values(at: coordinates).last ?? .nan }

  /// The values of all nodes.
  func values(at coordinates: [Double]) -> [Double] {
    var values = [Double](repeating: 0, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      values[index] = Self.value(of: node, values, coordinates)
    }
    return values
  }

  /// The value of one node, given those before it; not a number when undefined.
  @inline(__always)
  static func value(of node: Node, _ values: [Double], _ coordinates: [Double]) -> Double {
    switch node.operation {
    case .constant: return node.constant
    case .linear: return node.scale * coordinates[node.a] + node.constant
    case .table: return node.table[Int(coordinates[node.a])]
    case .and: return values[node.a] == 0 ? 0 : values[node.a] == 1 ? values[node.b] : .nan
    case .or: return values[node.a] == 1 ? 1 : values[node.a] == 0 ? values[node.b] : .nan
    case .choose:
      return values[node.a] == 1
        ? values[node.b] : values[node.a] == 0 ? values[node.c] : .nan
    case .negate, .not, .floor, .ceil, .magnitude, .log2, .exp:
      return apply(node.operation, values[node.a])
    default:
      return apply(node.operation, values[node.a], values[node.b])
    }
  }

  static func apply(_ operation: Operation, _ a: Double) -> Double {
    guard !a.isNaN else { return .nan }
    switch operation {
    case .negate: return 0 - a
    case .not: return 1 - a
    case .floor: return a.rounded(.down)
    case .ceil: return a.rounded(.up)
    case .magnitude: return abs(a)
    case .log2: return a > 0 ? Foundation.log2(a) : .nan
    case .exp: return finite(Foundation.exp(a))
    default: preconditionFailure("no operation of one operand")
    }
  }

  static func apply(_ operation: Operation, _ a: Double, _ b: Double) -> Double {
    guard !a.isNaN, !b.isNaN else { return .nan }
    switch operation {
    case .add: return finite(a + b)
    case .subtract: return finite(a - b)
    case .multiply: return finite(a * b)
    case .divide: return b == 0 ? .nan : finite(a / b)
    case .modulo: return remainder(a, b)
    case .power: return finite(pow(a, b))
    case .minimum: return min(a, b)
    case .maximum: return max(a, b)
    case .equal: return a == b ? 1 : 0
    case .unequal: return a != b ? 1 : 0
    case .less: return a < b ? 1 : 0
    case .lessOrEqual: return a <= b ? 1 : 0
    case .divides: return (a == 0 ? b == 0 : remainder(b, a) == 0) ? 1 : 0
    default: preconditionFailure("no operation of two operands")
    }
  }

  private static func finite(_ value: Double) -> Double { value.isFinite ? value : .nan }

  /// The remainder with the sign of the divisor, as in Python.
  private static func remainder(_ a: Double, _ b: Double) -> Double {
    guard b != 0 else { return .nan }
    let rest = a.truncatingRemainder(dividingBy: b)
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
  }
}
