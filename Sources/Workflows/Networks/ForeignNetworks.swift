public import Foundation
public import Interchange
public import Workload

/// Reads a network in any of the formats we know, chosen by the file's extension and, for YAML, its sections.
///
/// `.csv` is a SCALE-Sim topology, `.m` a MAESTRO network; YAML is a Timeloop problem, a ZigZag workload or our own.
/// What has no counterpart is in the warnings.
///
/// - Throws: `SpecificationError` with line and field of the first problem.
public func importNetwork(path: String) throws(SpecificationError) -> Imported<Network> {
  try importNetwork(parsing: SpecificationNode.bytes(ofFile: path), named: path)
}

/// Reads the bytes of a network file; `importNetwork(path:)` says what is known.
///
/// - Parameter name: File name, whose extension decides and which messages begin with.
public func importNetwork(parsing bytes: Data, named name: String) throws(SpecificationError)
  -> Imported<Network>
{
  switch name.split(separator: ".").last?.lowercased() ?? "" {
  case "csv": return try network(fromSCALESimTopology: bytes, named: name)
  case "m": return try network(fromMAESTRO: bytes, named: name)
  case "yaml", "yml": break
  case let other:
    throw .unknownName(
      at: SpecificationPlace(file: name, line: 1), what: "file extension", name: other,
      known: ["csv", "m", "yaml", "yml"])
  }
  let root = try SpecificationNode(parsing: bytes, file: name, dialect: .foreign)
  if case .list = root.tree { return try network(fromZigZagWorkload: bytes, named: name) }
  if root.optional("problem") != nil {
    return try network(fromTimeloopProblem: bytes, named: name)
  }
  return Imported(try WorkloadFile(parsing: bytes, named: name).resolve().network)
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
