import Foundation

/// A folder under `Logs` for a run that was given none: `Logs/DATE-COMMAND-NAME`.
func freshRunFolder(of command: String, named name: String) -> String {
  let formatter = DateFormatter()
  formatter.locale = Locale(identifier: "en_US_POSIX")
  formatter.dateFormat = "yyyy-MM-dd'T'HHmmss"
  let plain = name.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : "-" }
  return "Logs/\(formatter.string(from: Date()))-\(command)-\(String(plain))"
}
