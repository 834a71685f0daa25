import Accelerator
import DesignSpace
import Interchange
import MappingSearch
import Workload

/// A rule of a template about where loops of some dimensions may stand, whatever the layer.
///
/// In a file: `{dimensions: reduction, inside: activation_memory, when: mode == "fast"}`. `inside` a level: neither loops
/// nor fan-outs of levels outside it split the dimensions, so that the level holds them whole. `outside` a level: the
/// level and those inside it have no temporal loops over them.
struct LoopPlacement: Sendable {
  enum Dimensions: Sendable {
    case all
    /// Those that do not index the result.
    case reduction
    case named([String])
  }

  enum Side: String, CaseIterable { case inside, outside }

  var dimensions: Dimensions
  var side: Side
  var level: String
  var condition: NumericExpression?

  init(_ node: SpecificationNode, over parameters: [Parameter]) throws(SpecificationError) {
    try node.checkKeys(["dimensions", "inside", "outside", "when"])
    let expected = "all, reduction or a list of dimensions"
    let list = try node.required("dimensions", expected: expected)
    switch list.tree {
    case .scalar("all", _, _): dimensions = .all
    case .scalar("reduction", _, _): dimensions = .reduction
    case .list: dimensions = .named(try list.names(expected: expected))
    default: throw list.wrong(expected: expected)
    }
    let places = Side.allCases.compactMap { side in node.optional(side.rawValue).map { (side, $0) }
    }
    guard places.count == 1 else {
      throw .wrongValue(
        at: node.place, got: places.isEmpty ? "neither inside nor outside" : "inside and outside",
        expected: "one of them with the name of a level")
    }
    side = places[0].0
    level = try places[0].1.text(expected: "the name of a level")
    if let when = node.optional("when") {
      condition = try TemplateText.expression(
        try when.text(expected: "a condition"), at: when.place, over: parameters)
    }
  }

  /// Whether the rule is about a dimension of a layer.
  func covers(_ dimension: Int, of layer: Layer) -> Bool {
    switch dimensions {
    case .all: true
    case .reduction:
      !layer.operands.contains { $0.role == .result && $0.isIndexed(by: dimension) }
    case .named(let list): list.contains(layer.dimensions[dimension].name)
    }
  }

  /// The rules for a layer, added to others.
  func add(to constraints: inout MapSpaceConstraints, for layer: Layer, levels: [MemoryLevel]) {
    guard let position = levels.firstIndex(where: { $0.name == level }) else { return }
    let rules = layer.dimensions.indices.filter { covers($0, of: layer) }.map {
      MapSpaceConstraints.DimensionRule(layer.dimensions[$0].name, .exactly(1))
    }
    guard !rules.isEmpty else { return }
    for index in side == .inside ? 0..<position : position..<levels.count {
      var level = MapSpaceConstraints.LevelRules(level: .index(index))
      level.temporal = rules
      if side == .inside {
        level.spatialX = rules
        level.spatialY = rules
      }
      constraints.levels.append(level)
    }
  }
}
