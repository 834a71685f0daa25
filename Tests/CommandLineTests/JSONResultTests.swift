import Foundation
import Testing

/// What `--json` prints, against the tables of the guide.
@Suite struct JSONResultTests {
  /// Field and meaning by section.
  private static func tables() throws -> [String: [(field: String, meaning: String)]] {
    let text = try String(
      contentsOf: DovetailProcess.root.appendingPathComponent(
        "Sources/dovetail/Dovetail.docc/JSONResults.md"), encoding: .utf8)
    var tables: [String: [(field: String, meaning: String)]] = [:]
    for section in text.components(separatedBy: "\n## ").dropFirst() {
      let lines = section.components(separatedBy: "\n")
      tables[lines[0]] = lines.filter { $0.hasPrefix("| `") }.map { line in
        let cells = line.components(separatedBy: " | ")
        return (
          cells[0].replacing("| ", with: "").replacing("`", with: ""), cells[cells.count - 1]
        )
      }
    }
    return tables
  }

  /// Members whose names are the user's.
  private static let named: Set<String> = ["tensors", "metrics", "design", "reasons", "samples[]"]

  /// The fields of a value; of an empty list the list itself.
  private static func fields(_ value: Any, _ path: String, into fields: inout Set<String>) {
    if let object = value as? [String: Any] {
      let last = path.components(separatedBy: ".").last ?? ""
      let isNamed =
        named.contains(last)
        || (last == "parameters" && path.contains("importance"))
      if object.isEmpty { fields.insert(path) }
      for (key, member) in object {
        let name = isNamed ? "*" : key
        self.fields(member, path.isEmpty ? name : "\(path).\(name)", into: &fields)
      }
    } else if let list = value as? [Any] {
      if list.isEmpty { fields.insert("\(path)[]") }
      for member in list { self.fields(member, "\(path)[]", into: &fields) }
    } else {
      fields.insert(path)
    }
  }

  /// Checks that every printed field is in the table, and that every field of it is printed unless it says "only".
  static func check(_ command: String, _ output: String) throws {
    let tables = try tables()
    var printed: Set<String> = []
    for line in output.split(separator: "\n") {
      try fields(JSONSerialization.jsonObject(with: Data(line.utf8)), "", into: &printed)
    }
    #expect(!printed.isEmpty)
    var own = try #require(tables[command], "\(command)")
    // Objects that several commands print have tables of their own.
    for (object, section) in [
      ("results", "Results of a layer"), ("counts", "dovetail log import"),
    ] {
      for place in own where place.field.split(separator: ".").last.map(String.init) == object {
        own += try #require(tables[section]).map { ("\(place.field).\($0.field)", $0.meaning) }
        own.removeAll { $0.field == place.field }
      }
    }
    let known = Set(own.map(\.field))
    for field in printed.sorted() where !known.contains(field) {
      // An object or list that is empty here has its members in the table.
      let isEmpty = known.contains {
        $0.hasPrefix("\(field).") || $0.hasPrefix("\(field)[") || $0.hasPrefix("\(field)]")
      }
      let isInside = known.contains { field.hasPrefix("\($0).") || field.hasPrefix("\($0)[].") }
      #expect(isEmpty || isInside, "\(command) prints \(field), which its table has not")
    }
    for (field, meaning) in own where !meaning.contains("only") {
      let isPrinted = printed.contains {
        $0 == field || $0.hasPrefix("\(field).") || $0.hasPrefix("\(field)[")
      }
      // A list that is empty, or an object that is null.
      let isAbsent = printed.contains {
        field.hasPrefix("\($0).") || field.hasPrefix("\($0)[")
          || $0 == field.replacing("[][]", with: "[]")
      }
      #expect(isPrinted || isAbsent, "\(command) does not print \(field), which its table has")
    }
  }

  private static func run(_ arguments: [String], codes: ClosedRange<Int32> = 0...0) throws -> String
  {
    let result = try DovetailProcess.run(arguments)
    #expect(codes.contains(result.code), "\(arguments.joined(separator: " "))\n\(result.errors)")
    return result.output
  }

  private static let alexnet = [
    "--architecture", "Configs/architectures/eyeriss-168.yaml", "--workload",
    "Configs/workloads/alexnet.yaml", "--mapping", "Configs/mappings/eyeriss-168-alexnet.yaml",
  ]

  @Test func evaluateAndCheck() throws {
    try Self.check(
      "dovetail evaluate",
      Self.run(["evaluate"] + Self.alexnet + ["--json"]))
    try Self.check(
      "dovetail check",
      Self.run(["check"] + Self.alexnet + ["--json"]))
  }

  @Test func mapAndShow() throws {
    try Self.check(
      "dovetail map",
      Self.run([
        "map", "--architecture", "Configs/architectures/simple-3-level.yaml", "--workload",
        "Configs/workloads/mlp-mnist.yaml", "--layer", "fc3", "--json", "--quiet",
      ]))
    try Self.check(
      "dovetail workload show",
      Self.run(["workload", "show", "Configs/workloads/mlp-mnist.yaml", "--json"]))
    try Self.check(
      "dovetail space show",
      Self.run(["space", "show", "Configs/spaces/gemmini-like.yaml", "--json"]))
  }

  @Test func searches() throws {
    let folder = try ExampleFolder(program: DovetailProcess.executable)
    defer { folder.remove() }
    let runs = folder.url.path
    try Self.check(
      "dovetail explore",
      Self.run([
        "explore", "Configs/studies/gemmini-mlp.yaml", "--budget", "6", "--json", "--quiet",
        "--out",
        "\(runs)/explore",
      ]))
    try folder.write(
      """
      name: small
      study: Configs/studies/gemmini-mlp.yaml
      sweep: [{limit: area_mm2, values: [0.2, 2]}]
      budget: 6
      """, to: "sweep.yaml")
    try Self.check(
      "dovetail sweep",
      Self.run(["sweep", "\(runs)/sweep.yaml", "--json", "--quiet", "--out", "\(runs)/sweep"]))
    let configs = DovetailProcess.root.appendingPathComponent("Configs").path
    try folder.write(
      """
      name: small
      template: \(configs)/templates/codesign-168.yaml
      workloads: [\(configs)/workloads/codesign-standin-mlp.yaml]
      budget: {hardware: 4, software: 20, hardwareWarmUp: 2, softwareWarmUp: 8}
      baseline: {pe_mesh_x: 14, pe_mesh_y: 12, input_entries: 12, weight_entries: 192, output_entries: 16, glb_instances: 1, glb_mesh_x: 1, glb_mesh_y: 1, glb_block: 4, glb_cluster: 16, filter_width: whole, filter_height: free}
      baselineConstraints: \(configs)/constraints/row-stationary.yaml
      """, to: "study.yaml")
    try Self.check(
      "dovetail codesign",
      Self.run(["codesign", "\(runs)/study.yaml", "--json", "--quiet", "--out", "\(runs)/codesign"])
    )
    try folder.write(
      """
      name: small
      engine: codesign
      study: study.yaml
      sweep: [{limit: pes, values: [8, 168]}]
      budget: 3
      """, to: "machines.yaml")
    try Self.check(
      "dovetail sweep with engine codesign",
      Self.run(["sweep", "\(runs)/machines.yaml", "--json", "--quiet", "--out", "\(runs)/machines"])
    )
  }

  @Test func logs() throws {
    let folder = try ExampleFolder(program: DovetailProcess.executable)
    defer { folder.remove() }
    let log = "\(folder.url.path)/log.sqlite"
    try Self.check(
      "dovetail log import",
      Self.run(["log", "import", "Logs/gpu-convolution", "--out", log, "--json", "--quiet"]))
    try Self.check("dovetail log show", Self.run(["log", "show", log, "--json"]))
    try Self.check(
      "dovetail log assess",
      Self.run(["log", "assess", log, "--limit", "time_ms<=1.5", "--json", "--quiet"]))
    try Self.check(
      "dovetail log generate",
      Self.run([
        "log", "generate", "--template", "Configs/templates/gemmini-like.yaml", "--workload",
        "Configs/workloads/mlp-mnist.yaml", "--count", "2", "--seed", "1", "--out",
        "\(folder.url.path)/generated.sqlite", "--json", "--quiet",
      ]))
  }

  @Test(.enabled(if: DovetailProcess.optimized != nil, "DOVETAIL_OPTIMIZED names no program"))
  func proposals() throws {
    let folder = try ExampleFolder(program: try #require(DovetailProcess.optimized))
    defer { folder.remove() }
    let (code, errors) = try folder.run(
      "dovetail log import Logs/gpu-convolution --out log.sqlite >import.txt && dovetail offline propose log.sqlite --workload A4000 -k 2 --json --quiet >proposals.json"
    )
    #expect(code == 0, "\(errors)")
    try Self.check(
      "dovetail offline propose",
      String(
        contentsOf: folder.url.appendingPathComponent("proposals.json"), encoding: .utf8))
  }
}
