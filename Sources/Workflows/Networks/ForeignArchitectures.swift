import Accelerator
public import Interchange

/// Reads an architecture file: one of ours, or Timeloop YAML, which has a section `architecture`.
///
/// Energies that Timeloop files leave to an ERT file are estimated from the component tables; the warnings say so, name
/// what has no counterpart, and count the mapping constraints, which only a search applies (`TimeloopDemands`).
///
/// - Parameters:
///   - path: Path of the file.
///   - components: Component tables for what the file leaves out.
///   - warnsOfConstraints: Whether to warn that mapping constraints are not applied.
/// - Throws: `SpecificationError` with line and field of the first problem.
public func readArchitecture(
  path: String, using components: ComponentModel, warnsOfConstraints: Bool = true
) throws(SpecificationError) -> Imported<ResolvedArchitecture> {
  let bytes = try SpecificationNode.bytes(ofFile: path)
  let root = try? SpecificationNode(parsing: bytes, file: path, dialect: .foreign)
  guard let root, case .mapping = root.tree,
    root.optional("architecture") != nil || root.optional("arch") != nil
  else {
    return Imported(try ArchitectureFile(readingFile: path).resolve(using: components))
  }
  let input = try TimeloopInput(parsing: [(path, bytes)])
  let machine = try input.architecture(estimates: ForeignEstimates(components))
  let constraints = try input.constraints()
  var warnings = input.warnings + machine.warnings + constraints.warnings
  let asked = constraints.value
  let count =
    asked.loops.count + asked.overbooking.count + (asked.minimumParallelism == nil ? 0 : 1)
  if warnsOfConstraints, count > 0 {
    warnings.append(
      FileWarning(
        at: SpecificationPlace(file: path, line: 1),
        "\(count) mapping constraints on loops are read, but not applied"))
  }
  return Imported(
    ResolvedArchitecture(
      architecture: machine.value, description: nil, sources: [], provenance: []),
    warnings: warnings)
}
