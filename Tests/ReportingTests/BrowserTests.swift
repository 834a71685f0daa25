import Foundation
import Reporting
import TestSupport
import Testing

/// Pages in headless Chromium, as a reader gets them.
///
/// `DOVETAIL_NO_BROWSER=1` leaves these tests out.
@Suite(.serialized, .enabled(if: Browser.isWanted)) struct BrowserTests {
  @Test(arguments: [400, 1600])
  func chartsDrawAndNothingOverflows(width: Int) throws {
    let report = SampleReport.make()
    let look = try Browser.look(at: report.html(library: ChartLibrary.installed()), width: width)
    #expect(look.errors == [])
    #expect(look.overflow <= 0)
    #expect(look.charts.map(\.name) == ["chart-best", "chart-front", "chart-reasons"])
    for (chart, figure) in zip(look.charts, report.charts) {
      let expected = figure.series.reduce(0) { $0 + $1.places.count }
      #expect(chart.marks == expected && chart.stated == expected)
      #expect(chart.inked > 500, "\(chart.name) is blank")
      #expect(chart.tooltip)
    }
  }

  @Test func withoutTheLibraryPicturesStay() throws {
    let look = try Browser.look(at: SampleReport.make().html(library: nil), width: 800)
    #expect(look.errors == [] && look.charts.isEmpty && look.overflow <= 0)
    #expect(look.pictures == 3)
  }

  @Test func numbersOnThePageAreThoseOfTheTables() throws {
    let report = SampleReport.make()
    let look = try Browser.look(at: report.html(library: nil), width: 800)
    for table in report.tables {
      let shown = try #require(look.tables.first { $0.name == table.name })
      let numbers = table.rows.flatMap { $0 }.compactMap { cell -> Double? in
        if case .number(let value) = cell, value.isFinite { value } else { nil }
      }
      #expect(shown.numbers == numbers)
    }
  }
}
