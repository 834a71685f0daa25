import Accelerator
import Foundation

/// The components of a Timeloop architecture, outermost first, with what mappings may call them.
struct TimeloopHierarchy {
  /// One memory or the MAC array.
  struct Component {
    var name: String
    var className: String
    var node: SpecificationNode
    /// Own attributes, and those of the containers around that are not among them.
    var attributes: [(key: String, value: SpecificationNode, isOwn: Bool)]
    var mesh: Mesh
    /// Tensors kept and bypassed by constraints, where there are any.
    var keep: [String]?
    var bypass: [String]?
  }

  /// Memory levels, outermost first.
  var levels: [Component] = []
  /// The MAC array.
  var compute: Component?
  /// What has no counterpart.
  var warnings: [FileWarning] = []

  /// For a name that a spatial directive may have: the level outside the fan-out (-1: none) and its rank among equals.
  private(set) var fanOuts: [String: (level: Int, rank: Int)] = [:]
  /// Positions of the memory levels by name.
  private(set) var levelIndices: [String: Int] = [:]

  private var mesh = (x: 1, y: 1)
  private var inherited: [(key: String, value: SpecificationNode)] = []

  /// Constraints with what they apply to, in the order of the files.
  private(set) var constraintNodes: [(node: SpecificationNode, kind: String, target: String)] = []

  private static let storageKinds = ["bypass", "bypassing", "dataspace", "datatype"]
  private static let storageWords = ["DRAM", "SRAM", "regfile", "smartbuffer", "storage"]
  private static let computeWords = ["mac", "intmac", "fpmac", "compute"]

  // MARK: Walking

  /// Collects the components of any of the three forms.
  mutating func walk(_ root: SpecificationNode) throws(SpecificationError) {
    if let nodes = root.member("nodes") {
      try walkNodes(nodes)
    } else if root.member("subtree") != nil {
      try walkSubtree(root, count: 1)
    } else if let storage = root.member("storage") {
      let arithmetic = try root.required("arithmetic", expected: "the MAC array")
      for node in try storage.items(expected: "a list of memories, innermost first").reversed() {
        try add(node, className: "storage", attributes: node, count: nil)
      }
      try add(arithmetic, className: "compute", attributes: arithmetic, count: nil)
    } else {
      throw .missingKey(
        at: root.place, key: "nodes", expected: "a list of nodes, a subtree or a storage list")
    }
  }

  private mutating func walkNodes(_ list: SpecificationNode) throws(SpecificationError) {
    for node in try list.items(expected: "a list of nodes") {
      switch node.tag {
      case "!Parallel", "!Hierarchical", "!Pipelined":
        if let nodes = node.member("nodes") { try walkNodes(nodes) }
      case "!Nothing": continue
      case "!Container", "!Component":
        if node.member("enabled")?.scalarText?.lowercased() == "false" {
          warn(node, "not enabled, left out")
          continue
        }
        if node.tag == "!Container" {
          try enterContainer(node)
        } else {
          try enterComponent(node)
        }
      case let tag:
        throw .wrongValue(
          at: node.place, got: tag.map { "tag \(shortened($0))" } ?? "a node without a tag",
          expected: "!Container, !Component, !Parallel, !Hierarchical or !Nothing")
      }
    }
  }

  private mutating func enterContainer(_ node: SpecificationNode) throws(SpecificationError) {
    let name = try node.required("name", expected: "a name").text()
    try multiply(node.member("spatial"))
    fanOuts[name] = (levels.count - 1, fanOuts.count)
    fanOuts["inter_\(name)_spatial"] = fanOuts[name]
    for (key, value) in try node.member("attributes")?.pairs(expected: "attributes") ?? [] {
      inherited.removeAll { $0.key == key }
      inherited.append((key.replacingOccurrences(of: "-", with: "_"), value))
    }
    try noteConstraints(node)
    for key in ["networks", "sparse_optimizations"] {
      if let value = node.member(key) { warn(value, "no counterpart, left out") }
    }
  }

  private mutating func enterComponent(_ node: SpecificationNode) throws(SpecificationError) {
    let className = try node.required("class", expected: "a class such as DRAM or intmac").text()
    let name = try node.required("name", expected: "a name").text()
    if let spatial = node.member("spatial") {
      try multiply(spatial)
      fanOuts[name] = (levels.count - 1, fanOuts.count)
      fanOuts["inter_\(name)_spatial"] = fanOuts[name]
    }
    try add(node, className: className, attributes: node.member("attributes"), count: nil)
    try noteConstraints(node)
    if let sparse = node.member("sparse_optimizations") {
      warn(sparse, "sparsity has no counterpart, left out")
    }
  }

  private mutating func multiply(_ spatial: SpecificationNode?) throws(SpecificationError) {
    guard let spatial else { return }
    try spatial.checkKeys(["meshX", "meshY"])
    let x = try spatial.member("meshX")?.count(in: 1...(1 << 20), "instances") ?? 1
    let y = try spatial.member("meshY")?.count(in: 1...(1 << 20), "instances") ?? 1
    guard mesh.x * x <= 1 << 20, mesh.y * y <= 1 << 20 else {
      throw .wrongValue(
        at: spatial.place, got: "\(mesh.x * x) x \(mesh.y * y) instances",
        expected: "at most 1048576 along X and Y")
    }
    mesh = (mesh.x * x, mesh.y * y)
  }

  /// `PE[0..167]` stands for 168 of them.
  static func instanceCount(in name: String) -> Int {
    guard let open = name.firstIndex(of: "["), name.hasSuffix("]") else { return 1 }
    let bounds = name[name.index(after: open)...].dropLast().split(separator: ".")
    guard let first = bounds.first.flatMap({ Int($0) }),
      let last = bounds.last.flatMap({ Int($0) }),
      last >= first, last - first < 1 << 22
    else { return 1 }
    return last - first + 1
  }

  private mutating func walkSubtree(_ node: SpecificationNode, count: Int)
    throws(SpecificationError)
  {
    if let attributes = node.member("attributes") {
      for (key, value) in try attributes.pairs(expected: "attributes") {
        inherited.removeAll { $0.key == key }
        inherited.append((key.replacingOccurrences(of: "-", with: "_"), value))
      }
    }
    for component in try node.member("local")?.items(expected: "a list of components") ?? [] {
      let className = try component.required("class", expected: "a class such as DRAM").text()
      let name = try component.required("name", expected: "a name").text()
      try add(
        component, className: className, attributes: component.member("attributes"),
        count: count * Self.instanceCount(in: name))
    }
    guard let list = node.member("subtree") else { return }
    let subtrees = try list.items(expected: "a list of one subtree")
    guard subtrees.count == 1, let inner = subtrees.first else {
      throw .wrongValue(
        at: list.place, got: "\(subtrees.count) subtrees", expected: "one; Timeloop reads no more")
    }
    let name = inner.member("name")?.scalarText ?? ""
    let (total, overflow) = count.multipliedReportingOverflow(by: Self.instanceCount(in: name))
    guard !overflow, total <= Architecture.largestInstanceCount else {
      throw .wrongValue(
        at: inner.place, got: "more than \(Architecture.largestInstanceCount) instances",
        expected: "fewer")
    }
    try walkSubtree(inner, count: total)
  }

  // MARK: Components

  private mutating func add(
    _ node: SpecificationNode, className: String, attributes: SpecificationNode?, count: Int?
  ) throws(SpecificationError) {
    let written = try node.required("name", expected: "a name").text()
    let name = String(written.prefix { $0 != "[" })
    var own: [(key: String, value: SpecificationNode, isOwn: Bool)] = []
    for (key, value) in try attributes?.pairs(expected: "attributes") ?? [] {
      own.append((key.replacingOccurrences(of: "-", with: "_"), value, true))
    }
    for (key, value) in inherited where !own.contains(where: { $0.key == key }) {
      own.append((key, value, false))
    }
    var component = Component(
      name: name, className: className, node: node, attributes: own,
      mesh: Mesh(x: mesh.x, y: mesh.y))
    let form = attributes.map { $0.field == node.field } ?? false
    try component.setMesh(count: count, isFlat: form || count != nil)
    if className == "dummy_storage" {
      fanOuts[name] = (levels.count - 1, fanOuts.count)
    } else if Self.storageWords.contains(where: className.contains) {
      levelIndices[name] = levels.count
      if fanOuts[name] == nil { fanOuts[name] = (levels.count, fanOuts.count) }
      levels.append(component)
    } else if Self.computeWords.contains(where: className.contains) {
      guard compute == nil else {
        throw .wrongValue(
          at: node.place, got: "a second MAC array \"\(shortened(name))\"", expected: "one")
      }
      compute = component
    } else {
      warn(node, "class \(shortened(className)) is not counted, left out")
    }
  }

  // MARK: Constraints

  /// Constraints inside a v0.4 node; those on tensors of a memory become keep sets, too.
  private mutating func noteConstraints(_ node: SpecificationNode) throws(SpecificationError) {
    guard let constraints = node.member("constraints"), !constraints.isNull else { return }
    let name = try node.required("name", expected: "a name").text()
    for (key, value) in try constraints.pairs(expected: "constraints by kind") {
      if key == "version" || value.isNull || value.isEmptyCollection { continue }
      let kind = key.replacing("-", with: "_")
      constraintNodes.append((value, kind, name))
      let isMemory = node.tag == "!Component" && levels.last?.node.field == node.field
      if isMemory, Self.storageKinds.contains(kind) { try take(value, for: levels.count - 1) }
    }
  }

  /// The older list of constraints, each with its target.
  mutating func attach(constraints: SpecificationNode, areOfArchitecture: Bool)
    throws(SpecificationError)
  {
    if constraints.isNull { return }
    let list = constraints.member("targets") ?? constraints.member("constraints") ?? constraints
    if list.isNull || list.isEmptyCollection { return }
    for item in try list.items(expected: "a list of constraints") {
      let named: SpecificationNode
      if let target = item.member("target") {
        named = target
      } else {
        named = try item.required("name", expected: "a target")
      }
      let target = try named.text()
      // Several constraints of one target may stand in a list of their own.
      var inner = [item]
      if let group = item.member("constraints") {
        inner = try group.items(expected: "a list of constraints")
      }
      for node in inner {
        let kind = try node.required(
          "type", expected: TimeloopConstraintReader.kinds.joined(separator: ", ")
        ).text()
        constraintNodes.append((node, kind, target))
        if areOfArchitecture, Self.storageKinds.contains(kind), let index = levelIndices[target] {
          try take(node.member("attributes") ?? node, for: index)
        }
      }
    }
  }

  /// A level by name or, as in old files, by number from the innermost.
  func level(_ target: String) -> Int? {
    if let index = levelIndices[target] { return index }
    guard let number = Int(target), levels.indices.contains(number) else { return nil }
    return levels.count - 1 - number
  }

  /// The fan-out a spatial directive means: the level outside (-1: none) and its rank among equals.
  func fanOut(_ target: String) -> (level: Int, rank: Int)? {
    fanOuts[target] ?? level(target).map { ($0, 0) }
  }

  private mutating func take(_ node: SpecificationNode, for level: Int) throws(SpecificationError) {
    if let keep = node.member("keep") { levels[level].keep = try keep.names(expected: "tensors") }
    if let bypass = node.member("bypass") {
      levels[level].bypass = try bypass.names(expected: "tensors")
    }
  }

  mutating func warn(_ node: SpecificationNode, _ problem: String) {
    warnings.append(FileWarning(at: node.place, problem))
  }
}

extension TimeloopHierarchy.Component {
  /// Grid and count from `instances`, `meshX` and `meshY`, as Timeloop completes them.
  fileprivate mutating func setMesh(count: Int?, isFlat: Bool) throws(SpecificationError) {
    guard isFlat else { return }
    let range = 1...Architecture.largestInstanceCount
    let x = try attribute("meshX")?.count(in: range, "instances")
    let y = try attribute("meshY")?.count(in: range, "instances")
    let stated = try attribute("instances")?.count(in: range, "instances")
    let total = stated ?? count
    let place = attribute("instances")?.place ?? node.place
    switch (x, y, total) {
    case (let x?, let y?, let total):
      let (product, overflow) = x.multipliedReportingOverflow(by: y)
      if let total, overflow || product != total, stated != nil || total != 1 {
        throw .wrongValue(
          at: place, got: "\(total) instances", expected: "meshX x meshY = \(x) x \(y)")
      }
      mesh = Mesh(x: x, y: y)
    case (let x?, nil, let total?) where total % x == 0: mesh = Mesh(x: x, y: total / x)
    case (nil, let y?, let total?) where total % y == 0: mesh = Mesh(x: total / y, y: y)
    case (nil, nil, let total): mesh = Mesh(x: total ?? 1, y: 1)
    default:
      throw .wrongValue(
        at: place, got: "meshX or meshY that does not divide the instances",
        expected: "instances = meshX x meshY")
    }
  }

  /// The attribute called one of `names`, own ones first.
  func attribute(_ names: String...) -> SpecificationNode? {
    for name in names {
      if let found = attributes.first(where: { $0.key == name && !$0.value.isNull }) {
        return found.value
      }
    }
    return nil
  }
}
