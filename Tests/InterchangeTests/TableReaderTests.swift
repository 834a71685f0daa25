import Foundation
import Interchange
import Testing

/// Rows of a text as the readers see them: cells, or the problem.
struct ReadTable {
  var columns: [String] = []
  var rows: [[String]] = []
  var problems: [Int: TableRow.Problem] = [:]
  var notes: [String] = []

  init(_ bytes: [UInt8], name: String = "t.csv", separator: UInt8? = nil) throws {
    let file = try temporaryFile(bytes, name: name)
    defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
    let reader: any TableReader =
      name.contains("json")
      ? try JSONLinesReader(file: file.path)
      : try DelimitedReader(file: file.path, separator: separator)
    while let row = try reader.next() {
      if let problem = row.problem {
        problems[row.line] = problem
      } else {
        rows.append((0..<row.cellCount).map(row.text))
      }
    }
    columns = reader.columns.map(\.name)
    notes = reader.notes.messages
  }

  init(_ text: String, name: String = "t.csv") throws {
    try self.init(Array(text.utf8), name: name)
  }
}

/// A file of its own in a folder of its own.
func temporaryFile(_ bytes: [UInt8], name: String) throws -> URL {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("dovetail-table-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  let file = folder.appendingPathComponent(name)
  try Data(bytes).write(to: file)
  return file
}

/// Compresses with the program of that name, an implementation other than ours.
func gzipped(_ text: String) throws -> [UInt8] {
  let file = try temporaryFile(Array(text.utf8), name: "t")
  defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["gzip", "-n", file.path]
  try process.run()
  process.waitUntilExit()
  return Array(try Data(contentsOf: file.appendingPathExtension("gz")))
}

struct TableReaderTests {
  @Test(arguments: [
    "a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "\u{FEFF}a,b\n1,2\n\n3,4\n",
    "a;b\n1;2\n3;4\n", "a\tb\n1\t2\n3\t4\n", "a|b\n1|2\n3|4\n", " a , b \n 1 ,2 \n3\t, 4\n",
    "\"a\",\"b\"\n\"1\",2\n3,\"4\" \n", "a,b\n1,2,\n3,4,,\n",
  ])
  func manyWritingsOfOneTable(_ text: String) throws {
    let table = try ReadTable(text)
    #expect(table.columns == ["a", "b"])
    #expect(table.rows == [["1", "2"], ["3", "4"]])
    #expect(table.problems.isEmpty)
  }

  @Test func quotesHoldSeparatorsQuotesAndNewlines() throws {
    let table = try ReadTable("a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\nz,\"\"\n")
    #expect(table.rows == [["x, \"y\"", "two\nlines"], ["z", ""]])
  }

  @Test func linesAreCountedThroughQuotedNewlines() throws {
    let table = try ReadTable("a,b\n\"1\n1\",2\n3\n4,5\n")
    #expect(table.problems == [4: .ragged(got: 1, expected: 2)])
    #expect(table.rows.count == 2)
  }

  @Test func unitsLeaveTheNames() {
    func parts(_ title: String) -> [String?] {
      let column = TableColumn(title: title)
      return [column.name, column.unit]
    }
    #expect(parts("area [mm^2]") == ["area", "mm^2"])
    #expect(parts("latency(ms)") == ["latency", "ms"])
    #expect(parts("[x]") == ["[x]", nil])
    #expect(parts("plain") == ["plain", nil])
  }

  @Test func repeatedHeadersRaggedRowsAndCutLines() throws {
    let table = try ReadTable("a,b\n1,2\na,b\n1\n1,2,3\n5,6\n7")
    #expect(table.rows == [["1", "2"], ["5", "6"]])
    #expect(
      table.problems == [
        3: .repeatedHeader, 4: .ragged(got: 1, expected: 2), 5: .ragged(got: 3, expected: 2),
        7: .cutShort,
      ])
  }

  @Test func lastLineWithoutNewlineIsReadWithANote() throws {
    let table = try ReadTable("a,b\n1,2\n3,4")
    #expect(table.rows.count == 2)
    #expect(
      table.notes == ["line 3, the last, has no newline; it was read, but its last cell may be cut"]
    )
  }

  @Test func duplicateAndEmptyNames() throws {
    let table = try ReadTable("a,a,,b\n1,2,3,4\n")
    #expect(table.columns == ["a", "a.2", "column3", "b"])
    #expect(table.notes == ["column \"a\" is there again as number 2; it is called \"a.2\""])
  }

  @Test func bytesThatAreNoTextAreTold() throws {
    let table = try ReadTable(Array("a,b\n1,2\n".utf8) + [0x63, 0xe9, 0x2c, 0x31, 0x0a])
    #expect(table.problems == [3: .encoding])
    #expect(throws: TableError.self) { try ReadTable([0xe9, 0x2c, 0x62, 0x0a, 0x31, 0x0a]) }
  }

  @Test func thousandsOfColumnsAndHugeCells() throws {
    let names = (0..<5_000).map { "c\($0)" }.joined(separator: ",")
    let cells = (0..<5_000).map(String.init).joined(separator: ",")
    let wide = try ReadTable("\(names)\n\(cells)\n")
    #expect(wide.columns.count == 5_000)
    #expect(wide.rows[0][4_999] == "4999")
    let huge = String(repeating: "x", count: 700_000)
    let table = try ReadTable("a,b\n\"\(huge)\",1\n2,3\n")
    #expect(table.rows[0][0].utf8.count == 700_000)
    #expect(table.rows[1] == ["2", "3"])
  }

  @Test(
    arguments: [
      ([], "got an empty file, expected a header and rows"),
      (Array("\n\n".utf8), "got blank lines, expected a header and rows"),
      (
        [0xff, 0xfe, 0x61, 0x00],
        "got UTF-16, expected UTF-8\nhint: convert it: iconv -f utf-16 -t utf-8"
      ),
      (
        Array("a,b\n\"x,1\n2,3\n".utf8),
        "a quote opened in this record is never closed\nhint: double a quote that belongs to the text"
      ),
      (
        Array("a\u{0}b".utf8),
        "got zero bytes, expected UTF-8\n"
          + "hint: this is no text; give CSV or JSON lines, plain or gzip"
      ),
    ] as [([UInt8], String)])
  func unreadableTablesSayWhy(_ bytes: [UInt8], _ message: String) throws {
    let error = #expect(throws: TableError.self) { try ReadTable(bytes) }
    #expect(error.map { "\($0)".hasSuffix(message) } ?? false, "\(error.map { "\($0)" } ?? "")")
  }

  @Test func absentFilesAndFoldersSayWhy() throws {
    let error = #expect(throws: TableError.self) { try DelimitedReader(file: "/nowhere/t.csv") }
    #expect(error?.description == "/nowhere/t.csv: cannot be read: No such file or directory")
    let folder = #expect(throws: TableError.self) { try DelimitedReader(file: "/tmp") }
    #expect(folder?.description == "/tmp: cannot be read: it is a folder")
  }

  @Test func gzipReadsAsPlain() throws {
    let text = "a,b\n" + (0..<2_000).map { "\($0),\($0 * $0)\n" }.joined()
    let bytes = try gzipped(text)
    let table = try ReadTable(bytes, name: "t.csv.gz")
    #expect(table.rows.count == 2_000)
    #expect(table.rows[1_999] == ["1999", "3996001"])
    // Members one after another, as `cat a.gz b.gz` makes.
    let twice = try ReadTable(bytes + (try gzipped("7,8\n")), name: "t.csv.gz")
    #expect(twice.rows.count == 2_001)
  }

  @Test func truncatedGzipKeepsWholeRows() throws {
    var generator = SplitMix(state: 5)
    let text = "a,b\n" + (0..<20_000).map { _ in "\(generator.next() % 100_000),1\n" }.joined()
    let bytes = try gzipped(text)
    let table = try ReadTable(Array(bytes.prefix(bytes.count / 2)), name: "t.csv.gz")
    #expect(table.rows.count > 5_000 && table.rows.count < 15_000)
    #expect(table.notes.contains { $0.hasPrefix("the gzip data end early: rows after line") })
  }

  @Test func damagedGzipIsRefused() throws {
    var bytes = try gzipped("a,b\n" + String(repeating: "1,2\n", count: 1_000))
    bytes[bytes.count - 6] ^= 0xff
    let error = #expect(throws: TableError.self) { try ReadTable(bytes, name: "t.csv.gz") }
    #expect(
      error.map { "\($0)".contains("the gzip data are damaged: incorrect data check") } ?? false)
  }

  @Test func writtenGzipIsReadByGzip() throws {
    let folder = try temporaryFile([], name: "x").deletingLastPathComponent()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("o.gz").path
    let output = try OutputBytes(file: path)
    let text = (0..<50_000).map { "\($0)\n" }.joined()
    try output.write(Array(text.utf8))
    try output.finish()
    let input = try InputBytes(file: path)
    var read: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 10_000)
    while true {
      let got = try block.withUnsafeMutableBytes { try input.read(into: $0) }
      if got == 0 { break }
      read += block[..<got]
    }
    #expect(read == Array(text.utf8))
    let check = Process()
    check.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    check.arguments = ["gzip", "-t", path]
    try check.run()
    check.waitUntilExit()
    #expect(check.terminationStatus == 0)
  }

  @Test func jsonLinesFlatten() throws {
    let table = try ReadTable(
      """
      {"a": 1, "b": {"c": "x\\u00e9\\n", "d": [2, 3]}, "e": null, "f": true}
      {"b": {"c": "y"}, "a": -1.5e3, "g": NaN}
      """ + "\n", name: "t.jsonl")
    #expect(table.columns == ["a", "b.c", "b.d.0", "b.d.1", "e", "f", "g"])
    #expect(
      table.rows == [
        ["1", "xé\n", "2", "3", "", "true"], ["-1.5e3", "y", "", "", "", "", "NaN"],
      ])
  }

  @Test func jsonLinesTellBadRecords() throws {
    let table = try ReadTable("{\"a\":1}\nnonsense\n{\"a\":}\n[1]\n{\"a\":2", name: "t.jsonl")
    #expect(table.rows == [["1"]])
    #expect(
      table.problems == [
        2: .malformed("a record is no object"), 3: .malformed("a value is missing"),
        4: .malformed("a record is no object"), 5: .cutShort,
      ])
    let error = #expect(throws: TableError.self) { try ReadTable("[{\"a\":1}]", name: "t.json") }
    #expect(
      error.map { "\($0)".hasSuffix("expected one object a line\nhint: rewrite it: jq -c '.[]'") }
        ?? false)
  }

  @Test(
    arguments: [
      ("1", 1), ("-2.5", -2.5), ("+3", 3), ("1e3", 1_000),
      ("123456789012345678", 123456789012345680),
      ("0.1", 0.1), (".5", 0.5), ("5.", 5), ("2.2250738585072014e-308", 2.2250738585072014e-308),
      ("0.30000000000000004", 0.30000000000000004), ("9007199254740993", 9007199254740992),
    ] as [(String, Double)])
  func numbersAreReadExactly(_ text: String, _ value: Double) {
    #expect(Array(text.utf8).withUnsafeBufferPointer { CellValue($0) } == .number(value))
  }

  @Test(arguments: [
    ("", CellValue.missing), ("NA", .missing), ("n/a", .missing), ("NaN", .missing),
    ("null", .missing), ("inf", .infinite), ("-Infinity", .infinite), ("1e999", .infinite),
    ("abc", .text), ("0x10", .text), ("1 2", .text), ("1,5", .text), ("--1", .text), ("-", .text),
    ("1e", .text), ("none", .text),
  ])
  func otherCellsAreTold(_ text: String, _ value: CellValue) {
    #expect(Array(text.utf8).withUnsafeBufferPointer { CellValue($0) } == value)
  }

  @Test func fastNumbersAgreeWithTheLibrary() {
    var generator = SplitMix(state: 3)
    for _ in 0..<20_000 {
      let digits = String(generator.next() % 1_000_000_000_000_000)
      let point = Int(generator.next() % UInt64(digits.count + 1))
      let text = digits.prefix(point) + "." + digits.dropFirst(point)
      let expected = Double("0" + text + "0")
      let read = Array(text.utf8).withUnsafeBufferPointer { CellValue($0) }
      #expect(read == expected.map { .number($0) })
    }
  }

  /// Bytes changed at random never crash a reader, and every row is inside the file.
  @Test func damagedBytesNeverCrash() throws {
    let seeds: [(String, [UInt8])] = [
      ("t.csv", Array("a,b,c\n\"1\",2,\"x\"\"y\"\n4,5,6\r\n7,8,\"n\nm\"\n".utf8)),
      ("t.jsonl", Array("{\"a\":{\"b\":[1,2,{\"c\":\"\\u00e9\"}]}}\n{\"a\":null}\n".utf8)),
      ("t.csv.gz", try gzipped("a,b\n1,2\n3,4\n")),
    ]
    var generator = SplitMix(state: 7)
    var read = 0
    for round in 0..<900 {
      var (name, bytes) = seeds[round % 3]
      for _ in 0...Int(generator.next() % 4) {
        let place = Int(generator.next() % UInt64(bytes.count))
        switch generator.next() % 4 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
        case 1: bytes.remove(at: place)
        case 2:
          bytes.insert(Array("\",\n\r{}[]\\".utf8).randomElement(using: &generator) ?? 0, at: place)
        default: bytes = Array(bytes.prefix(place + 1))
        }
        if bytes.isEmpty { bytes = [0] }
      }
      do {
        let table = try ReadTable(bytes, name: name)
        read += 1
        #expect(table.rows.count <= bytes.count + 40)
      } catch is TableError {}
    }
    #expect(read > 200)
  }

  @Test func trajectoriesOfBothForms() throws {
    let actions = try temporaryFile(Array("x,kind\n1,a\n2,b\n".utf8), name: "actions_f.csv")
    let folder = actions.deletingLastPathComponent()
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("observation-1,observation-2\n10,0.5\n20,0.25\n".utf8).write(
      to: folder.appendingPathComponent("observations_f.csv"))
    #expect(TrajectoryReader.isTrajectory(file: actions.path))
    let reader = try TrajectoryReader(actionsFile: actions.path)
    var rows: [[String]] = []
    while let row = try reader.next() { rows.append((0..<row.cellCount).map(row.text)) }
    #expect(reader.columns.map(\.name) == ["x", "kind", "observation-1", "observation-2"])
    #expect(rows == [["1", "a", "10", "0.5"], ["2", "b", "20", "0.25"]])

    // As agents print their own values, with the empty headers they leave.
    let printed = folder.appendingPathComponent("actions.csv")
    try Data(
      "\"{'policy': 'LIFO', 'units': [6, 2], 'on': True}\"\n\"{'policy': 'FIFO', 'units': [3, 4], 'on': False}\"\n"
        .utf8
    ).write(to: printed)
    try Data("\"\"\n-100000.0\n\"\"\n-3.5\n".utf8).write(
      to: folder.appendingPathComponent("rewards.csv"))
    try Data("\"[1. 2.]\"\n\"[array(3.5, dtype=float32), 4]\"\n".utf8).write(
      to: folder.appendingPathComponent("observations.csv"))
    let other = try TrajectoryReader(actionsFile: printed.path)
    rows = []
    while let row = try other.next() { rows.append((0..<row.cellCount).map(row.text)) }
    #expect(
      other.columns.map(\.name)
        == ["policy", "units.0", "units.1", "on", "observation.0", "observation.1", "reward"])
    #expect(
      rows == [
        ["LIFO", "6", "2", "true", "1.", "2.", "-100000.0"],
        ["FIFO", "3", "4", "false", "3.5", "4", "-3.5"],
      ])
    try Data("-1\n".utf8).write(to: folder.appendingPathComponent("rewards.csv"))
    let short = try TrajectoryReader(actionsFile: printed.path)
    #expect(throws: TableError.self) { while try short.next() != nil {} }
  }
}

/// A small generator for tests.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
