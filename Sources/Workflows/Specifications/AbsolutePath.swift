import Foundation

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
