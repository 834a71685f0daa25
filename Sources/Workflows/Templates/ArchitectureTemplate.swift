public import Accelerator
public import DesignSpace
import Execution
public import Foundation
public import Interchange
public import MappingSearch
public import Workload

/// A design space bound to hardware: an architecture file whose numbers are expressions over the parameters of a space.
///
/// The file is an architecture file with three more keys. `space` names the space file, relative to the template. `mapping`
/// is a list of rules about loops, see Configs/README.md. `program: {instructions: "{n}", outside: level}` states how many
/// instructions the control processor stores, which unrolls all loops outside the level. Every text may contain expressions in
/// braces: `capacity: "{glb_words}"`, `mesh: ["{pe_x}", "{pe_y * lanes}"]`.
public struct ArchitectureTemplate: Sendable {
  /// A design as hardware and what its compiler must obey.
  public struct Machine: Sendable {
    /// The hardware.
    public let architecture: Architecture
    /// Instructions the control processor stores and the position of the level outside which loops are unrolled.
    public let program: (capacity: Int, level: Int)?
    let placements: [LoopPlacement]

    /// What the mappings of a layer must obey.
    public func constraints(for layer: Layer) -> MapSpaceConstraints {
      var constraints = MapSpaceConstraints.none
      for placement in placements {
        placement.add(to: &constraints, for: layer, levels: architecture.levels)
      }
      return constraints
    }
  }

  /// Name for reports, the file's `name`.
  public let name: String
  /// Name of the space.
  public let spaceName: String
  /// The designs.
  public let space: SearchSpace
  /// A number that changes with the text of template and space.
  public let fingerprint: UInt64

  private let root: SpecificationNode
  private let texts: TemplateTexts
  private let placements: [LoopPlacement]
  private let program: SpecificationNode?
  private let components: ComponentModel

  /// Reads a template and its space from disk.
  ///
  /// Twenty designs are tried, so that what is wrong in every design is an error here rather than a log of infeasible rows.
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(readingFile path: String, components: ComponentModel = .shipped)
    throws(SpecificationError)
  {
    let bytes = try SpecificationNode.bytes(ofFile: path)
    let whole = try SpecificationNode(parsing: bytes, file: path)
    let named = try whole.required("space", expected: "the path of a space file")
    let spacePath = try named.text(expected: "the path of a space file")
    let folder = (path as NSString).deletingLastPathComponent
    let resolved =
      spacePath.hasPrefix("/") || folder.isEmpty ? spacePath : "\(folder)/\(spacePath)"
    guard FileManager.default.fileExists(atPath: resolved) else {
      throw .wrongValue(
        at: named.place, got: "\"\(shortened(spacePath))\", which does not exist",
        expected: "the path of a space file, relative to the template")
    }
    let spaceBytes = try SpecificationNode.bytes(ofFile: resolved)
    try self.init(
      whole, space: SpaceFile(parsing: spaceBytes, named: resolved), components: components,
      fingerprint: Self.fingerprint(bytes + spaceBytes))
  }

  /// Reads the bytes of a template over a space that is known already.
  ///
  /// - Throws: `SpecificationError` with line and field of the first problem.
  public init(
    parsing bytes: Data, named file: String, space: SpaceFile,
    components: ComponentModel = .shipped
  ) throws(SpecificationError) {
    try self.init(
      SpecificationNode(parsing: bytes, file: file), space: space, components: components,
      fingerprint: Self.fingerprint(bytes))
  }

  private init(
    _ whole: SpecificationNode, space file: SpaceFile, components: ComponentModel,
    fingerprint: UInt64
  ) throws(SpecificationError) {
    let own = ["space", "mapping", "program"]
    guard case .mapping(let entries, let line, let tag) = whole.tree else {
      throw whole.wrong(expected: "a mapping with keys name, space, levels, compute")
    }
    root = SpecificationNode(
      file: whole.file, field: "",
      tree: .mapping(entries.filter { !own.contains($0.key) }, line: line, tag: tag))
    let space = try file.resolve()
    self.space = space
    spaceName = file.name
    self.components = components
    self.fingerprint = fingerprint
    name = try whole.required("name", expected: "a name").text(expected: "a name")
    texts = try TemplateTexts(of: whole, over: space)
    program = whole.optional("program")
    try program?.checkKeys(["instructions", "outside"])
    var placements: [LoopPlacement] = []
    if let list = whole.optional("mapping") {
      for node in try list.items(expected: "a list of rules about loops") {
        placements.append(try LoopPlacement(node, over: space.parameters))
      }
    }
    self.placements = placements
    try check(whole)
  }

  /// Designs of which at least one must be well formed.
  private static let triedDesignCount = 20

  private func check(_ whole: SpecificationNode) throws(SpecificationError) {
    var generator = Seed(0).child("template").generator()
    var first: SpecificationError?
    for _ in 0..<Self.triedDesignCount {
      let point: Point
      do throws(DesignSpaceError) {
        point = try space.sampler.sample(using: &generator)
      } catch {
        throw .rejected(at: whole.nearestPlace(toField: "space"), reason: "\(error)")
      }
      do throws(SpecificationError) {
        let machine = try machine(at: point)
        let levels = machine.architecture.levels.map(\.name)
        for (index, placement) in placements.enumerated() where !levels.contains(placement.level) {
          throw SpecificationError.unknownName(
            at: whole.nearestPlace(toField: "mapping[\(index)].\(placement.side.rawValue)"),
            what: "level", name: placement.level, known: levels)
        }
        guard machine.architecture.clock != nil else {
          throw SpecificationError.missingKey(
            at: whole.place, key: "clockMHz", expected: "MHz; latency in ms needs it")
        }
        return
      } catch {
        // What some design survives is a matter of that design; all others are wrong as written.
        if first == nil { first = error }
      }
    }
    if let first { throw first }
  }

  /// The hardware of a design.
  ///
  /// - Throws: `SpecificationError` where the design cannot be built: a memory no table covers, a number out of range.
  public func machine(at point: Point) throws(SpecificationError) -> Machine {
    let file = try ArchitectureFile(try texts.node(root, at: point))
    let architecture = try file.resolve(using: components).architecture
    var stored: (capacity: Int, level: Int)?
    if let program {
      let node = try texts.node(program, at: point)
      let count = try node.required("instructions", expected: "a number of instructions")
        .integer(in: 1...Architecture.largestNumber, "instructions")
      let level = try node.required("outside", expected: "the name of a level")
      let levelName = try level.text(expected: "the name of a level")
      let names = architecture.levels.map(\.name)
      guard let position = names.firstIndex(of: levelName), position > 0 else {
        throw .unknownName(
          at: level.place, what: "level", name: levelName, known: Array(names.dropFirst()))
      }
      stored = (count, position)
    }
    let active = placements.filter { placement in
      placement.condition.map { $0.value(at: point) == 1 } ?? true
    }
    return Machine(architecture: architecture, program: stored, placements: active)
  }

  /// FNV-1a, 64 bits.
  private static func fingerprint(_ bytes: Data) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
