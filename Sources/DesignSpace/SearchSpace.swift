import Execution

/// A set of designs: parameters in order, some of them active only under a condition, and known constraints.
///
/// Only a space makes points. Points are cheap and flat; the space knows what their coordinates mean.
public struct SearchSpace: Sendable {
  /// The parameter a condition looks at, and the coordinates that make the condition true.
  struct Gate: Hashable, Sendable {
    var parent: Int
    var coordinates: Set<Double>
  }

  /// The parameters; a point has one coordinate for each, in this order.
  public let parameters: [Parameter]
  /// What legal designs fulfill.
  public let constraints: [Constraint]

  let indices: [String: Int]
  let gates: [Gate?]
  let lazySampler = LazySampler()

  /// Creates a space.
  ///
  /// - Parameters:
  ///   - parameters: In the order of their values in a design.
  ///   - constraints: Expressions that hold for every legal design, such as `pe_x * pe_y <= 256`.
  /// - Throws: `DesignSpaceError` for equal names, conditions on what does not exist or is declared later, and
  ///   expressions that cannot be read.
  public init(parameters: [Parameter], constraints: [String] = []) throws(DesignSpaceError) {
    guard !parameters.isEmpty else { throw .noParameters }
    var indices: [String: Int] = [:]
    var gates: [Gate?] = []
    for (index, parameter) in parameters.enumerated() {
      gates.append(try Self.gate(of: parameter, among: parameters[..<index], indices))
      guard indices.updateValue(index, forKey: parameter.name) == nil else {
        throw .duplicateName(parameter.name)
      }
    }
    self.parameters = parameters
    self.indices = indices
    self.gates = gates
    var compiled: [Constraint] = []
    for text in constraints {
      do {
        compiled.append(try Constraint(text, over: parameters))
      } catch {
        throw .invalidConstraint(error)
      }
    }
    self.constraints = compiled
  }

  private static func gate(
    of parameter: Parameter, among earlier: ArraySlice<Parameter>, _ indices: [String: Int]
  ) throws(DesignSpaceError) -> Gate? {
    guard let condition = parameter.condition else { return nil }
    guard let parent = indices[condition.parameter] else {
      throw .invalidCondition(
        parameter: parameter.name, got: "parameter \"\(condition.parameter)\"",
        expected: "a parameter declared before it")
    }
    guard earlier[parent].valueCount != nil else {
      throw .invalidCondition(
        parameter: parameter.name, got: "the real parameter \"\(condition.parameter)\"",
        expected: "a parameter with countable values")
    }
    guard !condition.values.isEmpty else {
      throw .invalidCondition(
        parameter: parameter.name, got: "no values of \"\(condition.parameter)\"",
        expected: "at least one")
    }
    var coordinates: Set<Double> = []
    for value in condition.values {
      guard let coordinate = earlier[parent].coordinate(of: value) else {
        throw .invalidCondition(
          parameter: parameter.name, got: "value \(value) of \"\(condition.parameter)\"",
          expected: earlier[parent].expectation)
      }
      coordinates.insert(coordinate)
    }
    return Gate(parent: parent, coordinates: coordinates)
  }

  /// The index of the parameter with a name.
  public func index(of name: String) -> Int? { indices[name] }

  /// Whether a parameter is active, given the coordinates of all earlier ones.
  func isActive(_ parameter: Int, in coordinates: [Double]) -> Bool {
    guard let gate = gates[parameter] else { return true }
    return gate.coordinates.contains(coordinates[gate.parent])
  }
}

extension SearchSpace: Hashable {
  /// Whether parameters and constraints are equal.
  public static func == (a: SearchSpace, b: SearchSpace) -> Bool {
    a.parameters == b.parameters
      && a.constraints.map(\.text) == b.constraints.map(\.text)
  }

  /// Hashes parameters and constraints.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(parameters)
    hasher.combine(constraints.map(\.text))
  }
}
