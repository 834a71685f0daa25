import DesignSpace
import Foundation
import Interchange
import SimulationLog
import Study
import Testing
import Workflows

/// A folder with tables and the logs made of them.
struct LogFolder {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("dovetail-import-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  @discardableResult
  func write(_ text: String, _ name: String = "t.csv") throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }
}

/// Roles for columns `a`, `b` of the design and `y` to minimize.
func plainRoles(_ change: (inout LogRoles) -> Void = { _ in }) -> LogRoles {
  var roles = LogRoles()
  roles.parameters = ["a", "b"]
  roles.objectives = [Objective(.minimize, "y")]
  change(&roles)
  return roles
}

/// Imports a text; gives the summary and the rows.
func imported(_ text: String, _ roles: LogRoles = plainRoles(), name: String = "t.csv") throws -> (
  ImportSummary, [LoggedTrial], LogCatalog
) {
  let folder = try LogFolder()
  defer { folder.remove() }
  try folder.write(text, name)
  let summary = try LogImport(inputs: [folder.path(name)], roles: roles).run(
    out: folder.path("l.sqlite"))
  let log = try TrialLog.open(file: folder.path("l.sqlite"))
  var rows: [LoggedTrial] = []
  try log.forEachTrial {
    rows.append($0)
    return true
  }
  #expect(summary.rowCount == summary.importedCount + summary.droppedCount)
  #expect(rows.count == summary.importedCount)
  #expect(try FileManager.default.contentsOfDirectory(atPath: folder.folder.path).count == 2)
  return (summary, rows, try log.catalog())
}

struct LogImportTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  @Test func kindsAreFoundWithReasons() throws {
    var text = "i,l,r,g,w,m,t,o,k,y\n"
    for index in 0..<200 {
      let order = ["KCP", "CPK", "PKC"][index % 3]
      text +=
        "\(2 * index),\(index % 3),\(Double(index) / 8),\(pow(10, Double(index) / 40)),"
        + "w\(index % 4),\(index % 5 == 0 ? "auto" : "\(index % 5)"),\(index % 2 == 0),\(order),7,1\n"
    }
    var roles = LogRoles()
    roles.parametersExcept = []
    roles.objectives = [Objective(.minimize, "y")]
    let (summary, rows, _) = try imported(text, roles)
    #expect(rows.count == 200)
    #expect(
      summary.columns.map(\.kind) == [
        "integer", "levels", "real", "real", "categorical", "categorical", "boolean",
        "permutation", "levels",
      ])
    #expect(
      summary.columns.map(\.explanation) == [
        "whole numbers 0 to 398 in steps of 2", "3 different whole numbers, 0 to 2",
        "numbers 0 to 24.875",
        "numbers 1 to 94406.08762859226, three decades or more: log scale", "4 different words",
        "5 different words: numbers and words such as \"auto\" (line 2)", "false or true",
        "3 different orders of the same items", "always 7",
      ])
  }

  @Test func statedKindsWin() throws {
    let roles = plainRoles { roles in
      roles.declared = [
        .init(name: "a", kind: "categorical"), .init(name: "b", kind: "integer"),
      ]
    }
    let (summary, _, catalog) = try imported("a,b,y\n01,2,1\n1,4,2\n", roles)
    #expect(summary.columns.map(\.kind) == ["categorical", "integer"])
    #expect(catalog.spaces[0].space.parameters[0].valueCount == 2)
  }

  @Test func dirtIsDroppedCountedAndToldWithLines() throws {
    let text = """
      \u{FEFF}a,b,y\r
      1,x,1\r
      2,y,inf\r
      2,y,\r
      2,y,oops\r
      ,x,1\r
      a,b,y\r
      1,x\r
      1,x,1,9\r
      "3","x","2"\r
      1,x,1\r
      1,x,5\r
      2,y
      """
    let (summary, rows, _) = try imported(text)
    #expect(rows.map(\.line) == [2, 10, 11, 12])
    let dropped = summary.files[0].dropped
    #expect(
      dropped.map(\.reason) == [
        "objective \"y\" is infinite", "objective \"y\" is missing", "metric \"y\" is no number",
        "parameter \"a\" is missing", "the header again",
        "another number of cells than the header's 3", "the file ends within the row",
      ])
    #expect(dropped.map(\.count) == [1, 1, 1, 1, 1, 2, 1])
    #expect(dropped.map(\.lines) == [[3], [4], [5], [6], [7], [8, 9], [13]])
    #expect(
      dropped[0].hint == "pass --infeasible-value inf to read such rows as infeasible designs")
    #expect(
      summary.text.contains("  dropped 2: another number of cells than the header's 3 (line 8, 9)"))
  }

  @Test func infeasibleRowsOfEveryKind() throws {
    let text =
      "a,b,y,area,ok,why\n1,1,5,1,yes,\n1,2,N/A,1,no,crashed\n2,1,3,9,yes,\n2,2,7,1,maybe,\n1,2,inf,2,yes,\n2,1,4,1,no,\n"
    let roles = plainRoles { roles in
      roles.feasible = "ok"
      roles.reason = "why"
      roles.limits = [MetricLimit("area", .atMost, 4)]
      roles.infeasibleValues = ["inf"]
    }
    let (summary, rows, _) = try imported(text, roles)
    #expect(
      rows.map(\.verdict) == [
        .feasible, .infeasible(.hidden("crashed")), .infeasible(.limit("area <= 4")),
        .infeasible(.hidden("")), .infeasible(.hidden("")),
      ])
    #expect(
      summary.files[0].dropped.map(\.reason)
        == ["column \"ok\" is neither 1/0, true/false nor yes/no"])
    let conditional = plainRoles { $0.infeasibleWhen = "y > 6 or ok == no and a < 2" }
    let (_, others, _) = try imported(
      "a,b,y,ok\n1,1,5,yes\n1,1,5,no\n2,1,5,no\n1,1,7,yes\n", conditional)
    #expect(others.map(\.isFeasible) == [true, false, true, false])
  }

  @Test func workloadsWithFeatures() throws {
    let roles = plainRoles { roles in
      roles.workload = "net"
      roles.contextFeatures = ["macs"]
      roles.designID = "id"
      roles.split = "part"
    }
    let (summary, rows, catalog) = try imported(
      "id,net,macs,part,a,b,y\nd1,r,10,x,1,1,1\nd2,s,20,y,1,2,2\nd3,r,10,x,2,2,3\nd4,r,11,x,2,2,3\n",
      roles)
    #expect(
      catalog.contexts == [
        LogContext(name: "r", features: [10]), LogContext(name: "s", features: [20]),
      ])
    #expect(rows.map(\.context) == [0, 1, 0])
    #expect(rows.map(\.label) == ["d1", "d2", "d3"])
    #expect(rows.map(\.split) == ["x", "y", "x"])
    #expect(
      summary.files[0].dropped.map(\.reason)
        == ["the workload's features differ from those of its first row"])
  }

  @Test func unitsInHeadersMayBeLeftOutOfRoles() throws {
    let roles = plainRoles { roles in
      roles.parameters = ["block size [KB]", "b"]
      roles.objectives = [Objective(.minimize, "latency")]
    }
    let (_, _, catalog) = try imported("block size [KB];b;latency(ms)\n1;2;3\n2;2;4\n", roles)
    #expect(catalog.metrics == [Metric("latency", unit: "ms")])
    #expect(catalog.spaces[0].space.parameters[0].name == "block_size")
    #expect(catalog.spaces[0].titles == ["block size", "b"])
    #expect(catalog.spaces[0].units == ["KB", ""])
  }

  @Test func unitsMayBeStatedByRoles() throws {
    let stated = plainRoles { $0.units = [Metric("y", unit: "mJ")] }
    let (_, _, catalog) = try imported("a,b,y [J]\n1,2,3\n2,2,4\n", stated)
    #expect(catalog.metrics == [Metric("y", unit: "mJ")])
    let wrong = plainRoles { $0.units = [Metric("z", unit: "mJ")] }
    let error = #expect(throws: LogError.self) { try imported("a,b,y\n1,2,3\n", wrong) }
    #expect(
      error?.description.hasSuffix("t.csv: units: unknown column \"z\"\nhint: known: y") ?? false)
    #expect(try LogRoles.unit("a=b=ms", at: "--unit") == Metric("a=b", unit: "ms"))
    let bare = #expect(throws: LogError.self) { try LogRoles.unit("y", at: "--unit") }
    #expect(
      bare?.description == "--unit: got \"y\", expected a metric and its unit, such as latency=ms")
  }

  @Test func jsonLinesImport() throws {
    let roles = plainRoles { roles in
      roles.parameters = ["design.a", "design.b"]
      roles.objectives = [Objective(.maximize, "result.speed")]
    }
    let (_, rows, catalog) = try imported(
      "{\"design\":{\"a\":1,\"b\":\"x\"},\"result\":{\"speed\":2.5}}\n"
        + "{\"result\":{\"speed\":3},\"design\":{\"b\":\"y\",\"a\":2}}\n", roles, name: "t.jsonl")
    #expect(rows.map { $0.metrics[0] } == [2.5, 3])
    #expect(catalog.spaces[0].space.parameters.map(\.name) == ["design_a", "design_b"])
  }

  @Test(arguments: [
    ("", "t.csv", "got an empty file, expected a header and rows"),
    ("a,b,y\n", "t.csv", "got a header and no row, expected a header and rows"),
    (
      "a,b,z\n1,1,1\n", "t.csv",
      "metric: unknown column \"y\"\nhint: known: a, b, z"
    ),
    (
      "a,c,y\n1,1,1\n", "t.csv",
      "--params: unknown column \"b\"\nhint: known: a, c, y"
    ),
    (
      "a;b;y\n1,5;2;3\n2,5;2;3\n", "t.csv",
      "column \"a\": got \"2,5\", expected numbers with a decimal point\n"
        + "hint: decimal commas are not read, they cannot be told from lists; rewrite the file with points"
    ),
    (
      "a,b,y\n1,,3\n2,,4\n", "t.csv",
      "column \"b\": got no value in any row, expected values of a parameter\n"
        + "hint: leave it out: --params-except 'b'"
    ),
    (
      "a,b,y\n1,1,x\n", "t.csv",
      "got no row that can be used, expected at least one\n"
        + "hint: 1 rows: metric \"y\" is no number"
    ),
    (
      "a;b;y\n1;1;2,5\n", "t.csv",
      "got no row that can be used, expected at least one\n"
        + "hint: 1 rows: metric \"y\" has a decimal comma"
    ),
  ])
  func badFilesSayWhyAndLeaveNothing(_ text: String, _ name: String, _ message: String) throws {
    let folder = try LogFolder()
    defer { folder.remove() }
    try folder.write(text, name)
    var said = ""
    do {
      _ = try LogImport(inputs: [folder.path(name)], roles: plainRoles()).run(
        out: folder.path("l.sqlite"))
    } catch { said = "\(error)" }
    #expect(said == "\(folder.path(name)): \(message)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.folder.path) == [name])
  }

  @Test func badRolesSayWhy() throws {
    let folder = try LogFolder()
    defer { folder.remove() }
    let file = try folder.write("a,b,y\n1,2,3\n")
    func message(_ roles: LogRoles) -> String {
      do {
        _ = try LogImport(inputs: [file], roles: roles).run(out: folder.path("l.sqlite"))
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(LogRoles())
        == "\(file): got no --minimize or --maximize, expected at least one column\n"
        + "hint: columns: a, b, y")
    #expect(
      message(plainRoles { $0.parameters = nil })
        == "\(file): got no --params, expected at least one column\n"
        + "hint: name the columns of a design, or the columns that are none with --params-except; "
        + "columns: a, b, y")
    #expect(
      message(plainRoles { $0.parameters = ["a", "y"] })
        == "\(file): column \"y\" is a parameter and has another role")
    #expect(
      message(plainRoles { $0.parameters = ["a", "a"] })
        == "\(file): column \"a\" is twice among the parameters")
    #expect(
      message(plainRoles { $0.infeasibleWhen = "a ~ 3" })
        == "--infeasible-when: got \"~\", expected one of == != <= >= < >\n"
        + "hint: for example 'status != ok' or 'latency > 1e9 or area == inf'")
    #expect(
      message(plainRoles { $0.separator = "dot" })
        == "--separator: got \"dot\", expected one of comma, semicolon, tab, bar")
    try folder.write("x", "l.sqlite")
    #expect(message(plainRoles()).hasPrefix("\(folder.path("l.sqlite")): got a file that exists"))
  }

  @Test func rolesFilesReadBack() throws {
    let folder = try LogFolder()
    defer { folder.remove() }
    var roles = plainRoles { roles in
      roles.limits = [MetricLimit("area", .atMost, 2.5)]
      roles.metrics = ["power"]
      roles.workload = "net work"
      roles.contextFeatures = ["macs"]
      roles.feasible = "ok"
      roles.infeasibleValues = ["N/A", "inf"]
      roles.infeasibleWhen = "status != 'ok'"
      roles.separator = "tab"
    }
    var declared = LogRoles.DeclaredParameter(name: "a", kind: "integer")
    declared.range = (1, 9, 2)
    roles.declared = [.init(name: "b", kind: "categorical", values: ["x", "y: z"]), declared]
    let file = try folder.write(roles.yaml, "r.yaml")
    let read = try LogRoles(readingFile: file)
    #expect(Set(read.declared) == Set(roles.declared))
    #expect(read.yaml.split(separator: "\n").sorted() == roles.yaml.split(separator: "\n").sorted())
    let bad = try folder.write("parms: [a]\n", "bad.yaml")
    let error = #expect(throws: SpecificationError.self) { try LogRoles(readingFile: bad) }
    #expect(
      error?.description.contains("unknown key \"parms\"\nhint: did you mean \"params\"?") ?? false)
  }

  @Test(arguments: ["csv", "csv.gz", "jsonl", "jsonl.gz"])
  func exportsReadBackEqual(_ ending: String) throws {
    let folder = try LogFolder()
    defer { folder.remove() }
    var text = "id,net,macs,a [KB],b,r,t,o,y,area,ok,why\n"
    for index in 0..<150 {
      let word = ["plain", "\"with, \"\"quotes\"\"\"", "\"two\nlines\""][index % 3]
      let isOK = index % 5 != 0
      text +=
        "d\(index),n\(index % 3),\(1000 * (index % 3) + 1),\(1 << (index % 4)),\(word),"
        + "\(Double(index) * 0.1 + 0.1),\(index % 2 == 0),\(["KC P", "P KC"][index % 2]),"
        + "\(isOK ? "\(1.0 / Double(index + 1))" : ""),\(index % 7),\(isOK ? 1 : 0),\(isOK ? "" : "no, \"\"")\n"
    }
    try folder.write(text.replacing("no, \"\"", with: "none"), "t.csv")
    var roles = LogRoles()
    roles.parametersExcept = ["id"]
    roles.objectives = [Objective(.minimize, "y")]
    roles.limits = [MetricLimit("area", .atMost, 5)]
    roles.workload = "net"
    roles.contextFeatures = ["macs"]
    roles.feasible = "ok"
    roles.reason = "why"
    roles.designID = "id"
    roles.declared = [.init(name: "o", kind: "permutation")]
    roles.units = [Metric("y", unit: "ms"), Metric("area", unit: "mm^2")]
    _ = try LogImport(inputs: [folder.path("t.csv")], roles: roles).run(
      out: folder.path("1.sqlite"))
    let first = try TrialLog.open(file: folder.path("1.sqlite"))
    let out = folder.path("out.\(ending)")
    #expect(try LogExport(of: first, question: LogQuestion()).run(out: out) == 150)
    _ = try LogImport(inputs: [out], roles: LogRoles()).run(out: folder.path("2.sqlite"))
    let second = try TrialLog.open(file: folder.path("2.sqlite"))
    let catalogs = (try first.catalog(), try second.catalog())
    #expect(catalogs.0.spaces.map(\.space) == catalogs.1.spaces.map(\.space))
    #expect(catalogs.0.contexts == catalogs.1.contexts)
    #expect(catalogs.0.limits == catalogs.1.limits)
    #expect(catalogs.0.objectives == catalogs.1.objectives)
    #expect(catalogs.0.metrics == catalogs.1.metrics)
    #expect(catalogs.0.metrics.first { $0.name == "area" }?.unit == "mm^2")
    func rows(_ log: TrialLog) throws -> [[String]] {
      var rows: [[String]] = []
      try log.forEachTrial { trial in
        rows.append([
          "\(trial.coordinates)", "\(trial.metrics)", "\(trial.verdict)", trial.label ?? "",
          "\(trial.context ?? -1)",
        ])
        return true
      }
      return rows
    }
    #expect(try rows(first) == rows(second))
  }

  /// Counts of the published rows by Python 3.11's csv and gzip modules, `sum(r["feasible"] == "1" for r in rows)`.
  @Test(arguments: [
    ("gpu-convolution", 7_008, 6_848, 4), ("dosa-gemmini", 23_697, 11_176, 56),
  ])
  func shippedLogsImportWithOneCommand(
    _ name: String, _ rows: Int, _ feasible: Int, _ workloads: Int
  ) throws {
    let folder = try LogFolder()
    defer { folder.remove() }
    let summary = try LogImport(inputs: ["\(Self.root)/Logs/\(name)"], roles: LogRoles()).run(
      out: folder.path("l.sqlite"))
    #expect(summary.rowCount == rows && summary.importedCount == rows)
    #expect(summary.feasibleCount == feasible && summary.contextCount == workloads)
    #expect(summary.droppedCount == 0)
  }

  @Test func oneFolderPerTaskMakesASpaceATask() throws {
    let folder = try LogFolder()
    defer { folder.remove() }
    for name in ["k1", "k2", "k3"] {
      try FileManager.default.createDirectory(
        atPath: folder.path("d/\(name)"), withIntermediateDirectories: true)
    }
    try folder.write(
      """
      {"name": "d", "layout": "one-folder-per-task", "id_column": "id",
       "objectives": [{"name": "y", "direction": "minimize", "primary": true, "unit": "cycles"}],
       "feasible_column": "ok", "failure_column": null,
       "tasks": [{"task": "k1", "parameters": [{"name": "a", "type": "ordinal", "values": [1, 2, 4]}]},
                 {"task": "k2", "parameters": [{"name": "b", "type": "categorical", "values": ["none", "x"]}]},
                 {"task": "k3", "parameters": [{"name": "a", "type": "ordinal", "values": [1]}]}]}
      """, "d/dataset.json")
    try folder.write("id,a,y,ok\nd1,1,5,1\nd2,4,,0\nd3,3,1,1\n", "d/k1/visible.csv")
    try folder.write("id,b,y,ok\ne1,none,5,1\n", "d/k2/visible.csv")
    try folder.write("id,b\ne2,x\n", "d/k2/candidates.csv")
    try folder.write("id,a,y,ok\n", "d/k3/visible.csv")
    let summary = try LogImport(inputs: [folder.path("d")], roles: LogRoles()).run(
      out: folder.path("l.sqlite"))
    #expect(summary.importedCount == 3 && summary.feasibleCount == 2)
    #expect(
      summary.files.map { $0.dropped.map(\.reason) }
        == [["parameter \"a\" has a value outside its levels"], []])
    #expect(
      summary.notes.dropFirst() == [
        "\(folder.path("d/k2/candidates.csv")): no column \"y\": designs without results, not imported",
        "\(folder.path("d/k3/visible.csv")): a header and no row; passed over",
      ])
    let log = try TrialLog.open(file: folder.path("l.sqlite"))
    #expect(try log.catalog().spaces.map(\.name) == ["k1", "k2"])
    #expect(try log.catalog().contexts.map(\.name) == ["k1", "k2"])
    let error = #expect(throws: LogError.self) { try LogExport(of: log, question: LogQuestion()) }
    #expect(
      error?.description
        == "\(folder.path("l.sqlite")): got 2 spaces, expected a choice of one: their parameters differ\n"
        + "hint: add --space, for example --space k1; known: k1, k2")
  }
}
