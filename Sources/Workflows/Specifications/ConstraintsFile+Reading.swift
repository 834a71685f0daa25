import Accelerator
import Interchange
import MappingSearch
import Workload

extension ConstraintsFile {
  init(_ root: SpecificationNode) throws(SpecificationError) {
    try root.checkKeys([
      "name", "description", "sources", "freeKeepSets", "minimumUtilization", "levels",
    ])
    self.root = root
    name = try root.required("name", expected: "a name").text(expected: "a name")
    description = try root.optional("description")?.text()
    sources = try root.optional("sources")?.names(expected: "a list of sources") ?? []
    constraints = MapSpaceConstraints()
    if let node = root.optional("freeKeepSets") {
      let word = try node.text(expected: "true or false")
      guard word == "true" || word == "false" else { throw node.wrong(expected: "true or false") }
      constraints.freesKeepSets = word == "true"
    }
    constraints.smallestUtilization = try Self.share(root.optional("minimumUtilization"))
    for node in try root.optional("levels")?.items(expected: "a list of levels") ?? [] {
      constraints.levels.append(try Self.level(node))
    }
  }

  private static func share(_ node: SpecificationNode?) throws(SpecificationError) -> Double? {
    guard let node else { return nil }
    let share = try node.number(in: 0...1, "share")
    guard share > 0 else { throw node.wrong(expected: "a share above 0 and at most 1") }
    return share
  }

  private static func level(_ node: SpecificationNode) throws(SpecificationError)
    -> MapSpaceConstraints.LevelRules
  {
    try node.checkKeys([
      "level", "temporal", "spatialX", "spatialY", "allowedX", "allowedY", "innermost",
      "outermost", "maximumFanOut", "keep", "bypass", "free", "minimumUtilization",
    ])
    let reference = try node.required("level", expected: "the name or position of a memory level")
    let text = try reference.text(expected: "the name or position of a memory level")
    let position = text.utf8.count <= 2 ? Int(text).flatMap { $0 >= 0 ? $0 : nil } : nil
    var rules = MapSpaceConstraints.LevelRules(level: position.map { .index($0) } ?? .name(text))
    rules.temporal = try factors(node.optional("temporal"))
    rules.spatialX = try factors(node.optional("spatialX"))
    rules.spatialY = try factors(node.optional("spatialY"))
    rules.allowedX = try node.optional("allowedX")?.names(expected: "a list of dimensions")
    rules.allowedY = try node.optional("allowedY")?.names(expected: "a list of dimensions")
    rules.innermostLoops =
      try node.optional("innermost")?.names(expected: "a list of dimensions") ?? []
    rules.outermostLoops =
      try node.optional("outermost")?.names(expected: "a list of dimensions") ?? []
    if let limits = node.optional("maximumFanOut") {
      try limits.checkKeys(["x", "y", "total"])
      rules.largestX = try limits.optional("x")?.integer(in: 1...Architecture.largestInstanceCount)
      rules.largestY = try limits.optional("y")?.integer(in: 1...Architecture.largestInstanceCount)
      rules.largestFanOut = try limits.optional("total")?.integer(
        in: 1...Architecture.largestInstanceCount)
    }
    for keeping in MapSpaceConstraints.Keeping.allCases {
      let names = try node.optional(keeping.rawValue)?.names(expected: "a list of tensors") ?? []
      rules.tensors += names.map { MapSpaceConstraints.TensorRule($0, keeping) }
    }
    rules.smallestUtilization = try share(node.optional("minimumUtilization"))
    return rules
  }

  /// Reads `[C=4, M<=8]`.
  private static func factors(_ node: SpecificationNode?) throws(SpecificationError)
    -> [MapSpaceConstraints.DimensionRule]
  {
    var result: [MapSpaceConstraints.DimensionRule] = []
    for item in try node?.items(expected: "a list of factors such as [C=4, M<=8]") ?? [] {
      let expected = "a factor such as C=4 or M<=8"
      let text = try item.text(expected: expected)
      let sides = text.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2 else { throw item.wrong(expected: expected) }
      let isLimit = sides[0].hasSuffix("<")
      let dimension = isLimit ? sides[0].dropLast() : sides[0]
      guard !dimension.isEmpty, !sides[1].isEmpty,
        sides[1].utf8.allSatisfy({ (48...57).contains($0) })
      else { throw item.wrong(expected: expected) }
      guard let value = Int(sides[1]), (1...Layer.largestBound).contains(value) else {
        throw item.wrong(expected: "a factor in 1...\(Layer.largestBound)")
      }
      result.append(.init(String(dimension), isLimit ? .atMost(value) : .exactly(value)))
    }
    return result
  }
}
