import Foundation

/// The charting library a page carries: Chart.js, as Debian's package `libjs-chart.js` installs it.
///
/// Nothing of it is part of this project; its text and its licence are read when a page is written.
public struct ChartLibrary: Sendable {
  /// The script.
  public let source: String
  /// Its licence notice, empty when the file was not found.
  public let notice: String

  /// Makes a library of its texts.
  public init(source: String, notice: String) {
    self.source = source
    self.notice = notice
  }

  /// Where Debian keeps script and notice.
  public static let standardPaths = (
    script: "/usr/share/javascript/chart.js/chart.min.js",
    notice: "/usr/share/doc/libjs-chart.js/copyright"
  )

  /// The installed library, `nil` when there is none; a page then shows its pictures and tables alone.
  public static func installed(
    script: String = standardPaths.script, notice: String = standardPaths.notice
  ) -> ChartLibrary? {
    guard let bytes = FileManager.default.contents(atPath: script),
      let source = String(bytes: bytes, encoding: .utf8), source.contains("Chart")
    else { return nil }
    let text = FileManager.default.contents(atPath: notice).flatMap {
      String(bytes: $0, encoding: .utf8)
    }
    return ChartLibrary(source: source, notice: text ?? "")
  }
}
