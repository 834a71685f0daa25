public import Foundation

extension Report {
  /// Name of the file that holds the report as a value.
  static let valueName = "report.json"

  /// Writes the page, its tables and its pictures into a folder.
  ///
  /// These are `report.html`, `tables/NAME.csv`, `figures/NAME.svg`, and `report.json`, from which `init(readingFrom:)` makes
  /// the report again.
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
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try encoder.encode(self).write(
      to: folder.appendingPathComponent(Self.valueName), options: .atomic)
    try Data(html(library: library).utf8).write(
      to: folder.appendingPathComponent("report.html"), options: .atomic)
  }

  /// Reads the report that was written into a folder; `nil` when there is none.
  ///
  /// - Throws: `DecodingError` for a file that is no report.
  public init?(readingFrom folder: URL) throws {
    let path = folder.appendingPathComponent(Self.valueName).path
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    self = try decoder.decode(Report.self, from: bytes)
  }
}
