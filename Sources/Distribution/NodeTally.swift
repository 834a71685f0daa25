/// What each node did, by the results and losses of a run.
public struct NodeTally: Hashable, Sendable {
  /// One node.
  public struct Node: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Shards it finished first.
    public var finishedCount = 0
    /// Evaluations in those.
    public var itemCount = 0
    /// Shards that left it without a result.
    public var lostCount = 0
    /// Wall time of its shards in seconds.
    public var seconds = 0.0

    /// Share of shards it lost, 0 without any.
    public var failureRate: Double {
      let all = finishedCount + lostCount
      return all == 0 ? 0 : Double(lostCount) / Double(all)
    }
  }

  /// In alphabetical order.
  public private(set) var nodes: [Node] = []
  /// Shards that were finished twice, with the same answers.
  public internal(set) var duplicateCount = 0
  /// Shards that were finished twice, with other answers.
  public internal(set) var contradictionCount = 0
  /// Results that were cut short or changed.
  public internal(set) var damagedCount = 0

  mutating func change(_ name: String, _ body: (inout Node) -> Void) {
    if let place = nodes.firstIndex(where: { $0.name == name }) {
      body(&nodes[place])
      return
    }
    var node = Node(name: name)
    body(&node)
    nodes.append(node)
    nodes.sort { $0.name < $1.name }
  }

  mutating func add(_ result: ShardResult) {
    change(result.host) { node in
      node.finishedCount += 1
      node.itemCount += result.rows.count
      node.seconds += max(0, result.header.ended - result.header.begun)
    }
  }

  mutating func add(_ event: ShardEvent) {
    switch event.event {
    case .duplicate: duplicateCount += 1
    case .contradiction: contradictionCount += 1
    case .damaged: damagedCount += 1
    case .lost: change(event.host ?? "unknown") { $0.lostCount += 1 }
    case .submitted, .retired: break
    }
  }

  /// A line a node, and one for what was odd; none for a run without tasks.
  public var text: [String] {
    var lines = nodes.map { node in
      let rate = Int((1_000 * node.failureRate).rounded())
      return "node \(node.name): \(node.itemCount) evaluations in \(node.finishedCount) tasks, "
        + "\(node.lostCount) lost (\(rate / 10).\(rate % 10) %)"
    }
    if duplicateCount + contradictionCount + damagedCount > 0 {
      lines.append(
        "tasks that ran twice: \(duplicateCount) with the same answers, \(contradictionCount) with "
          + "others; damaged results: \(damagedCount)")
    }
    return lines
  }
}
