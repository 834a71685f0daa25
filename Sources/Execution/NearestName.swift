/// The name among `known` that a mistyped `name` most likely meant.
///
/// - Returns: The name with the smallest edit distance, a change of letter case counting half an edit; `nil` when
///   the nearest is farther away than a third of its length plus one. The first one wins a tie, and a name that
///   differs in letter case only always wins.
/// - Complexity: O(*names x length^2*); names above 100 characters are never suggested for.
public func nearestName(to name: String, among known: [String]) -> String? {
  guard name.utf8.count <= 100 else { return nil }
  var best: (name: String, distance: Int)?
  for candidate in known where candidate.utf8.count <= 100 {
    let isSameWord = name.lowercased() == candidate.lowercased()
    let distance = isSameWord ? 1 : doubledEditDistance(Array(name), Array(candidate))
    guard distance <= 2 * (candidate.count / 3 + 1), distance < 2 * candidate.count else {
      continue
    }
    if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
  }
  return best?.name
}

/// Twice the Levenshtein distance, where a change of letter case costs a half.
private func doubledEditDistance(_ a: [Character], _ b: [Character]) -> Int {
  var row = (0...b.count).map { 2 * $0 }
  for (i, left) in a.enumerated() {
    var diagonal = row[0]
    row[0] = 2 * (i + 1)
    for (j, right) in b.enumerated() {
      let change = left == right ? 0 : left.lowercased() == right.lowercased() ? 1 : 2
      let cost = min(diagonal + change, row[j] + 2, row[j + 1] + 2)
      diagonal = row[j + 1]
      row[j + 1] = cost
    }
  }
  return row[b.count]
}

/// `did you mean "x"? known: ...`, to end a message about an unknown name.
public func suggestion(for name: String, among known: [String]) -> String {
  let list = "known: \(known.isEmpty ? "none" : known.joined(separator: ", "))"
  guard let nearest = nearestName(to: name, among: known) else { return list }
  return "did you mean \"\(nearest)\"? \(list)"
}
