import Foundation
import Reporting
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ReportTests {
  @Test(
    arguments: [
      (0, "0"), (1, "1"), (-3, "-3"), (0.532_31, "0.5323"), (1.5, "1.5"), (12.345, "12.35"),
      (999.96, "1000"), (1234.5, "1235"), (-12_345, "-12,345"), (1_234_567, "1,234,567"),
      (1_814_073_344, "1.814e9"), (0.000_123_4, "1.234e-4"), (2.5e-308, "2.5e-308"),
      (1e300, "1e300"), (.infinity, "∞"), (-.infinity, "-∞"), (.nan, "not known"),
    ] as [(Double, String)])
  func numbersAreReadable(value: Double, text: String) {
    #expect(readableNumber(value) == text)
  }

  @Test func tablesAreCommaSeparated() throws {
    let table = ReportTable(
      name: "t", caption: "T", columns: [.words("a, b"), .numbers("x", unit: "ms")],
      rows: [
        [.text("say \"hi\"\nthere"), .number(0.1)], [.text("=HYPERLINK(\"x\")"), .number(.nan)],
        [.text("-3"), .empty], [.text("@cmd"), .number(1e-300)],
      ])
    #expect(
      table.csv
        == "\"a, b\",x (ms)\r\n\"say \"\"hi\"\"\nthere\",0.1\r\n\"'=HYPERLINK(\"\"x\"\")\",nan\r\n"
        + "-3,\r\n'@cmd,1e-300\r\n")
  }

  @Test func nothingHostileLeavesItsPlace() throws {
    let report = SampleReport.make()
    let page = report.html(library: nil)
    // The only scripts are the three blocks of data, and none holds a tag.
    let scripts = page.components(separatedBy: "<script")
    #expect(scripts.count == 4)
    for script in scripts.dropFirst() {
      let body = script.components(separatedBy: "</script>")[0]
      #expect(body.hasPrefix(" type=\"application/json\">"))
      let json = body.dropFirst(" type=\"application/json\">".count)
      #expect(!json.contains("<"))
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.utf8)) }
    }
    #expect(!page.contains("<b>b</b>") && !page.contains("alert(1)</script>"))
    #expect(page.contains("&lt;b&gt;b&lt;/b&gt; 設計"))
    // Nothing is fetched.
    #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("@import"))
    #expect(page.contains("default-src 'none'"))
  }

  @Test func pageAndFilesHoldTheSameNumbers() throws {
    let report = SampleReport.make()
    let page = report.html(library: nil)
    let files = report.tables
    #expect(files.map(\.name) == ["best", "front", "reasons", "designs"])
    for table in files {
      #expect(page.contains("data-name=\"\(table.name)\" data-rows=\"\(table.rows.count)\""))
    }
    #expect(page.contains("data-value=\"0.5323123456789\">0.5323</td>"))
    #expect(files[3].csv.contains("0.5323123456789,1814073344"))
  }

  @Test func longTablesAreCutAndSaySo() {
    let rows = (0..<1000).map { [ReportTable.Cell.number(Double($0))] }
    let report = Report(
      title: "t", question: "q", answer: "a",
      sections: [
        .init("s", [.table(.init(name: "n", caption: "c", columns: [.numbers("x")], rows: rows))])
      ])
    let page = report.html(library: nil)
    #expect(page.components(separatedBy: "<td").count == 401)
    #expect(page.contains("The first 400 of 1000 rows; tables/n.csv has all."))
  }

  @Test func picturesAreWellFormed() throws {
    for chart in SampleReport.make().charts {
      for isStandalone in [true, false] {
        let parser = XMLParser(data: Data(chart.svg(isStandalone: isStandalone).utf8))
        #expect(parser.parse(), "\(chart.name): \(parser.parserError.debugDescription)")
      }
    }
  }

  @Test func everyPointOfAPictureIsDrawn() {
    let charts = SampleReport.make().charts
    let scatter = charts[1].svg()
    #expect(scatter.components(separatedBy: "<circle").count - 1 == 100)
    let bars = charts[2].svg()
    // Three bars, two squares of the legend, the ground.
    #expect(bars.components(separatedBy: "<rect").count - 1 == 6)
  }

  @Test func pointsWithoutAPlaceAreCounted() {
    let chart = Chart(
      name: "c", title: "C", kind: .line, x: .init("x"), y: .init("y", isLogarithmic: true),
      series: [
        .init("s", [.init(1, 1), .init(2, 0), .init(3, .nan), .init(.infinity, 1), .init(4, 2)])
      ], note: "Noted.")
    #expect(chart.series[0].places.count == 2)
    #expect(chart.note == "Noted. 3 points have no place on these axes and are not drawn.")
  }

  @Test func extremeDataStillMakePictures() {
    let extremes: [[Double]] = [
      [], [0], [1, 1, 1], [-1e300, 1e300], [1e-300, 1e300], [.leastNonzeroMagnitude],
      [1e15, 1e15 + 1],
    ]
    for values in extremes {
      for isLogarithmic in [false, true] {
        for kind in [Chart.Kind.line, .step, .scatter, .bars] {
          let chart = Chart(
            name: "c", title: "C", kind: kind,
            x: .init("x", isLogarithmic: kind == .bars && isLogarithmic),
            y: .init("y", isLogarithmic: kind != .bars && isLogarithmic),
            categories: kind == .bars ? values.map { "\($0)" } : [],
            series: [.init("s", values.enumerated().map { .init(Double($0), $1) })])
          let picture = chart.svg()
          #expect(!picture.contains("nan") && !picture.contains("inf"), "\(values) \(kind)")
          #expect(XMLParser(data: Data(picture.utf8)).parse())
          let page = Report(
            title: "t", question: "q", answer: "a", sections: [.init("s", [.chart(chart)])]
          ).html(library: nil)
          #expect(!page.contains("nan,") && !page.contains("inf,"), "\(values) \(kind)")
        }
      }
    }
  }

  @Test func filesAppear() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("report-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try SampleReport.make().write(into: folder, library: nil)
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    #expect(
      files == [
        "figures", "figures/best.svg", "figures/front.svg", "figures/reasons.svg", "report.html",
        "report.json", "tables", "tables/best.csv", "tables/designs.csv", "tables/front.csv",
        "tables/reasons.csv",
      ])
  }

  @Test func aReportIsReadBackAndPartsAreToldApart() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("report-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try Report(readingFrom: folder) == nil)
    let report = SampleReport.make()
    try report.write(into: folder, library: nil)
    let read = try #require(try Report(readingFrom: folder))
    // A number that is none is not equal to itself, so pages are compared.
    #expect(read.html(library: nil) == report.html(library: nil))
    let both = Report.combining([report, read], title: "Both")
    #expect(Set(both.tables.map(\.name)).count == 2 * report.tables.count + 1)
    #expect(both.charts.count == 2 * report.charts.count)
    let part = "\(report.title): \(report.answer)"
    #expect(both.answer == "\(part) \(part)")
    try Data("{\"title\":".utf8).write(to: folder.appendingPathComponent("report.json"))
    #expect(throws: (any Error).self) { try Report(readingFrom: folder) }
  }
}
