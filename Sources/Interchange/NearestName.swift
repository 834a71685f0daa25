/// The known name closest to an unknown one, when it is close enough to be a slip.
///
/// - Returns: The name with the smallest edit distance (ties: first in order), at most a third of the length away.
/// - Complexity: O(names x length^2).
public func nearestName(to unknown: String, among names: [String]) -> String? {
  let wanted = Array(unknown.lowercased().prefix(64))
  var best: (name: String, distance: Int)?
  for name in names {
    let distance = editDistance(wanted, Array(name.lowercased().prefix(64)))
    if distance < best?.distance ?? .max { best = (name, distance) }
  }
  guard let best, best.distance <= max(1, max(wanted.count, best.name.count) / 3) else { return nil }
  return best.name
}

/// ` (did you mean "x"? known: ...)`, to append to a message about an unknown name.
public func suggestion(for unknown: String, among names: [String]) -> String {
  let known = names.isEmpty ? "none" : names.joined(separator: ", ")
  guard let nearest = nearestName(to: unknown, among: names) else { return "known: \(known)" }
  return "did you mean \"\(nearest)\"? known: \(known)"
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var previous = Array(0...b.count)
  for (row, character) in a.enumerated() {
    var current = [row + 1]
    for (column, other) in b.enumerated() {
      let substitution = previous[column] + (character == other ? 0 : 1)
      current.append(min(substitution, previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous[b.count]
}
