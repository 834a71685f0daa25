public import Foundation
public import Interchange
public import Workload

/// Reads a network in another tool's format, chosen by the file's extension and, for YAML, its sections.
///
/// `.csv` is a SCALE-Sim topology, `.m` a MAESTRO network; YAML is a Timeloop problem if it has a section `problem` and a
/// ZigZag workload if it is a list. What has no counterpart is in the warnings.
///
/// - Returns: `nil` for any other file, which is then one of ours.
/// - Throws: `SpecificationError` with line and field of the first problem.
public func foreignNetwork(path: String) throws(SpecificationError) -> Imported<Network>? {
  try foreignNetwork(parsing: SpecificationNode.bytes(ofFile: path), named: path)
}

/// Reads the bytes of another tool's network file; `foreignNetwork(path:)` says what is known.
///
/// - Parameters:
///   - bytes: The file's bytes, UTF-8.
///   - name: File name, whose extension decides and which messages begin with.
public func foreignNetwork(parsing bytes: Data, named name: String) throws(SpecificationError)
  -> Imported<Network>?
{
  let fileName = name.split(separator: "/").last ?? ""
  let ending = fileName.contains(".") ? fileName.split(separator: ".").last?.lowercased() : nil
  switch ending {
  case "csv": return try network(fromSCALESimTopology: bytes, named: name)
  case "m": return try network(fromMAESTRO: bytes, named: name)
  // A name without an ending is a pipe or the like, whose content decides.
  case "yaml", "yml", nil: break
  case .some(let other):
    throw .unknownName(
      at: SpecificationPlace(file: name, line: 1), what: "file extension", name: other,
      known: ["csv", "m", "onnx", "yaml", "yml"])
  }
  let root = try SpecificationNode(parsing: bytes, file: name, dialect: .foreign)
  if case .list = root.tree { return try network(fromZigZagWorkload: bytes, named: name) }
  guard root.optional("problem") != nil else { return nil }
  return try network(fromTimeloopProblem: bytes, named: name)
}

/// The one layer of a Timeloop problem as a network.
public func network(fromTimeloopProblem bytes: Data, named name: String)
  throws(SpecificationError) -> Imported<Network>
{
  let input = try TimeloopInput(parsing: [(name, bytes)])
  let layer = try input.layer()
  return Imported(
    Network(name: layer.value.name, entries: [.init(layer: layer.value)]),
    warnings: input.warnings + layer.warnings)
}

/// The layers of a SCALE-Sim topology.
public func network(fromSCALESimTopology bytes: Data, named name: String)
  throws(SpecificationError) -> Imported<Network>
{
  try SCALESimTopology.network(parsing: bytes, file: name)
}

/// The layers of a MAESTRO network.
public func network(fromMAESTRO bytes: Data, named name: String) throws(SpecificationError)
  -> Imported<Network>
{
  try MAESTRONetwork.network(parsing: bytes, file: name)
}

/// The layers of a ZigZag workload.
public func network(fromZigZagWorkload bytes: Data, named name: String)
  throws(SpecificationError) -> Imported<Network>
{
  try ZigZagWorkload.network(parsing: bytes, file: name)
}
