import Foundation

/// A terminal whose whole screen shows one text, rewritten in place: lines are overwritten, so that nothing flickers.
struct TerminalScreen {
  private var isDrawn = false

  /// The screen, where standard output is a terminal that can be rewritten.
  init?() {
    guard isatty(STDOUT_FILENO) == 1, ProcessInfo.processInfo.environment["TERM"] != "dumb" else {
      return nil
    }
  }

  /// Columns and rows; those of old terminals where it does not say.
  var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
    else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Shows a text from the top; lines that the screen has no row for are counted instead.
  ///
  /// - Throws: As `Terminal.output`.
  mutating func draw(_ text: String) throws {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    // The row after the text is for the cursor.
    let rows = max(2, size.rows - 1)
    if lines.count > rows {
      let hidden = lines.count - rows + 1
      lines = lines.prefix(rows - 1) + ["  and \(hidden) more lines"]
    }
    // Home; clear the screen the first time, otherwise the rest of each line and what is below.
    let start = isDrawn ? "\u{1b}[H" : "\u{1b}[H\u{1b}[2J"
    isDrawn = true
    try Terminal.output(
      start + lines.map { "\($0)\u{1b}[K\n" }.joined() + "\u{1b}[J")
  }
}
