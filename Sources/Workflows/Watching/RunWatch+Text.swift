import Distribution
import Foundation
import Reporting

extension RunWatch.Status {
  /// A table of nodes: name, running tasks, finished tasks, evaluations, lost tasks, evaluations a minute of its own time.
  private var nodeRows: [[String]] {
    guard let cluster else { return [] }
    var names = cluster.tally.nodes.map(\.name)
    for task in cluster.running where !names.contains(task.host) { names.append(task.host) }
    return names.sorted().map { name in
      let node = cluster.tally.nodes.first { $0.name == name }
      let rate = node.flatMap { $0.seconds > 0 ? 60 * Double($0.itemCount) / $0.seconds : nil }
      return [
        name, "\(cluster.running.count { $0.host == name })", "\(node?.finishedCount ?? 0)",
        "\(node?.itemCount ?? 0)", "\(node?.lostCount ?? 0)", rate.map(Self.short) ?? "-",
      ]
    }
  }

  private static let nodeTitles = [
    "node", "running", "finished", "evaluations", "lost", "a minute and task",
  ]

  /// Names and values, one line each.
  private var facts: [(name: String, value: String)] {
    var facts: [(String, String)] = []
    let all = budget.map { "\(evaluationCount) of \($0)" } ?? "\(evaluationCount)"
    facts.append(("evaluations", all))
    facts.append(
      ("feasible", "\(feasibleCount)\(evaluationCount > 0 ? ", \(percent(feasibleCount))" : "")"))
    facts.append(("failed", "\(failedCount)"))
    if let best, let objective {
      facts.append(
        (
          "best",
          "\(objective) \(String(format: "%.6g", best.value)), evaluation \(best.evaluation)"
        ))
    } else {
      facts.append(("best", "none yet"))
    }
    facts.append(("throughput", perMinute.map { "\(Self.short($0)) evaluations a minute" } ?? "-"))
    if let cluster {
      facts.append(
        (
          "tasks",
          "\(cluster.running.count) running, \(cluster.finishedCount) finished of \(cluster.taskCount)"
        ))
      let tally = cluster.tally
      if tally.duplicateCount + tally.contradictionCount + tally.damagedCount > 0 {
        facts.append(
          (
            "odd",
            "\(tally.duplicateCount) finished twice, \(tally.contradictionCount) contradictions, "
              + "\(tally.damagedCount) damaged"
          ))
      }
    }
    if let idleSeconds {
      facts.append(("last change", "\(Int(idleSeconds.rounded(.down))) s ago"))
    }
    return facts
  }

  private func percent(_ count: Int) -> String {
    "\(Int((100 * Double(count) / Double(max(1, evaluationCount))).rounded())) %"
  }

  private static func short(_ value: Double) -> String {
    String(format: value < 100 ? "%.1f" : "%.0f", value)
  }

  /// The table of nodes, titles first, in columns of equal width.
  private var nodeTable: [String] {
    let table = [Self.nodeTitles] + nodeRows
    let widths = Self.nodeTitles.indices.map { column in
      table.map { $0[column].count }.max() ?? 0
    }
    return table.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }
      return "  " + cells.joined(separator: "  ")
    }
  }

  /// For people: facts, then a table of nodes.
  ///
  /// - Parameter width: Columns, from 20; longer lines are broken, and a table that is wider becomes a line a node. `nil` for as
  ///   many as it takes.
  public func text(width: Int? = nil) -> String {
    let width = max(20, width ?? Int.max)
    var lines = Self.broken("\(path), \(time.formatted(.iso8601))", width, indent: 2)
    for fact in facts {
      let space = String(repeating: " ", count: 13 - fact.name.count)
      lines += Self.broken("  \(fact.name):\(space)\(fact.value)", width, indent: 16)
    }
    if !nodeRows.isEmpty {
      let table = nodeTable
      if table.allSatisfy({ $0.count <= width }) {
        lines += table
      } else {
        for row in nodeRows {
          let cells = zip(Self.nodeTitles, row).dropFirst().map { "\($1) \($0)" }
          lines += Self.broken(
            "  node \(row[0]): \(cells.joined(separator: ", "))", width, indent: 4)
        }
      }
    }
    if hasEnded { lines.append("  the run has ended") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A line broken at spaces, or anywhere within a word that is too long; what follows the first is indented.
  private static func broken(_ line: String, _ width: Int, indent: Int) -> [String] {
    guard line.count > width else { return [line] }
    let margin = String(repeating: " ", count: min(indent, width / 2))
    var lines: [String] = []
    var rest = line[...]
    while rest.count > width {
      let most = rest.index(rest.startIndex, offsetBy: width)
      // A space right after the last column is as good; those of the margin are not.
      let start = rest.index(rest.startIndex, offsetBy: lines.isEmpty ? indent : margin.count)
      let space = start < most ? rest[start...most].lastIndex(of: " ") : nil
      lines.append(String(rest[..<(space ?? most)]))
      rest = (margin + rest[(space.map { rest.index(after: $0) } ?? most)...])[...]
    }
    return lines + [String(rest)]
  }

  /// A page of its own that a browser loads again every few seconds.
  ///
  /// - Parameter seconds: Between loads, from 1.
  public func page(everySeconds seconds: Int = 2) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>\n"
    }
    var page = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      \(hasEnded ? "" : "<meta http-equiv=\"refresh\" content=\"\(seconds)\">")
      <title>\(escaped(path))</title>
      <style>
      body { font: 16px/1.5 sans-serif; margin: 2em; color: #111; background: #fff; }
      table { border-collapse: collapse; margin-top: 1em; }
      th, td { text-align: left; padding: 0.2em 1em 0.2em 0; border-bottom: 1px solid #ccc; }
      </style>
      </head>
      <body>
      <h1>\(escaped(path))</h1>
      <p>\(escaped(time.formatted(.iso8601)))</p>
      <table>

      """
    for fact in facts { page += row([fact.name, fact.value], "td") }
    if hasEnded { page += row(["state", "the run has ended"], "td") }
    page += "</table>\n"
    if !nodeRows.isEmpty {
      page += "<table>\n" + row(Self.nodeTitles, "th")
      for cells in nodeRows { page += row(cells, "td") }
      page += "</table>\n"
    }
    return page + "</body>\n</html>\n"
  }
}
