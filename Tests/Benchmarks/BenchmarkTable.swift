import Foundation

/// A table of results as CSV, on standard output or in a file that a later run goes on with.
struct BenchmarkTable {
  /// What the command line says besides the file.
  let arguments: [String]
  private let file: FileHandle
  private var known: Set<[String]> = []

  /// Takes `--into FILE` from the arguments and reads the rows the file has; an empty or new file gets the header.
  init(_ arguments: [String], header: String) throws {
    var arguments = arguments
    guard let place = arguments.firstIndex(of: "--into"), place + 1 < arguments.count else {
      self.arguments = arguments
      file = .standardOutput
      file.write(Data("\(header)\n".utf8))
      return
    }
    let path = arguments[place + 1]
    arguments.removeSubrange(place...(place + 1))
    self.arguments = arguments
    if !FileManager.default.fileExists(atPath: path) {
      try Data().write(to: URL(fileURLWithPath: path))
    }
    // A last row without its end was cut short and is made again.
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let whole = text.lastIndex(of: "\n").map { text[...$0] } ?? ""
    let lines = whole.split(separator: "\n")
    precondition(lines.isEmpty || lines[0] == header, "\(path) has other columns")
    for line in lines.dropFirst() {
      known.insert(line.split(separator: ",").prefix(3).map(String.init))
    }
    file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.truncate(atOffset: lines.isEmpty ? 0 : UInt64(whole.utf8.count))
    try file.seekToEnd()
    if lines.isEmpty { file.write(Data("\(header)\n".utf8)) }
  }

  /// Adds a row unless the file has one with these three names.
  mutating func add(_ names: [String], columns: () -> [String]) {
    guard known.insert(names).inserted else { return }
    file.write(Data(((names + columns()).joined(separator: ",") + "\n").utf8))
  }
}
