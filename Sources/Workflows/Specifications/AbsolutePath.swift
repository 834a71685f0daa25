import Foundation

/// Makes a folder and those above it that are missing; new ones are for their owner only.
func makePrivateFolder(_ path: String) throws {
  try FileManager.default.createDirectory(
    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
}

/// The absolute path of a file without `.`, `..` and symbolic links, so that a file has one path wherever it is named from.
///
/// Of a file that is not there, the folders that are there are resolved.
func absolutePath(_ path: String) -> String {
  if let resolved = realpath(path, nil) {
    defer { free(resolved) }
    return String(cString: resolved)
  }
  let url = URL(fileURLWithPath: path)
  let parent = url.deletingLastPathComponent().path
  guard parent != url.path, parent != path else { return url.path }
  let folder = absolutePath(parent)
  return folder == "/" ? "/\(url.lastPathComponent)" : "\(folder)/\(url.lastPathComponent)"
}
