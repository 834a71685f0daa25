/// Adds up reasons of the same kind, the most frequent first; of equals the one that came first.
///
/// Reasons carry the numbers of one design each, so that bars of reasons would be many and short.
func kinds(of reasons: [(reason: String, count: Int)], by kind: (String) -> String)
  -> [(name: String, count: Int)]
{
  var kinds: [(name: String, count: Int)] = []
  for (reason, count) in reasons {
    let name = kind(reason)
    if let index = kinds.firstIndex(where: { $0.name == name }) {
      kinds[index].count += count
    } else {
      kinds.append((name, count))
    }
  }
  return kinds.enumerated().sorted { ($1.1.count, $0.0) < ($0.1.count, $1.0) }.map(\.1)
}
