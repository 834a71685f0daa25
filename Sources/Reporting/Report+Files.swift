public import Foundation

extension Report {
  /// Writes the page, its tables and its pictures into a folder: `report.html`, `tables/NAME.csv`, `figures/NAME.svg`.
  ///
  /// Each file appears whole or not at all; files of earlier reports with the same names are replaced.
  /// - Throws: What the file system says.
  public func write(into folder: URL, library: ChartLibrary?) throws {
    let tables = folder.appendingPathComponent("tables")
    let figures = folder.appendingPathComponent("figures")
    try FileManager.default.createDirectory(at: tables, withIntermediateDirectories: true)
    for table in self.tables {
      try Data(table.csv.utf8).write(
        to: tables.appendingPathComponent("\(table.name).csv"), options: .atomic)
    }
    let charts = self.charts
    if !charts.isEmpty {
      try FileManager.default.createDirectory(at: figures, withIntermediateDirectories: true)
    }
    for chart in charts {
      try Data(chart.svg().utf8).write(
        to: figures.appendingPathComponent("\(chart.name).svg"), options: .atomic)
    }
    try Data(html(library: library).utf8).write(
      to: folder.appendingPathComponent("report.html"), options: .atomic)
  }
}
