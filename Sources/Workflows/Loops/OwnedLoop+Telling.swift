import DesignSpace
import Evaluation
import Foundation
import SimulationLog
import Study

extension OwnedLoop {
  /// How many results did what.
  public struct TellSummary: Hashable, Sendable {
    /// Results that are now rows.
    public var toldCount = 0
    /// Lines that were refused.
    public var refusedCount = 0
  }

  /// Reads results, an `EvaluationAnswer` a line, until the end.
  ///
  /// An answer a line: `{"id":1,"row":1}` once the row is on the disk, or `{"line":2,"error":"..."}`, after which the stream
  /// goes on. Lines that arrive together are made durable together.
  /// - Parameters:
  ///   - descriptor: File descriptor to read.
  ///   - write: Takes the answers.
  /// - Throws: `TrialLogError`, `BatchError`, `CancellationError`, what `write` throws.
  public func tell(reading descriptor: Int32, write: (String) throws -> Void) throws -> TellSummary
  {
    var summary = TellSummary()
    var blocks = LineBlocks(descriptor: descriptor)
    var line = 0
    while let block = try blocks.next() {
      try Task.checkCancellation()
      var told: [String] = []
      var refusedCount = 0
      try log.write { writer in
        var book = AskBook(try writer.requests())
        for range in block.lineRanges {
          line += 1
          let bytes = Array(block.bytes[range])
          guard bytes.contains(where: { $0 > 0x20 }) else { continue }
          do {
            let answer = try EvaluationAnswer(parsing: bytes, for: problem)
            let ask = try book.open(answer.id)
            let row = try append(answer, to: ask, writer)
            book.settle(ask.id, row: row)
            told.append("{\"id\":\(ask.id),\"row\":\(row)}\n")
          } catch let refusal as EvaluationAnswer.Problem {
            let text = DesignMessage.quoted(refusal.description)
            told.append("{\"line\":\(line),\"error\":\(text)}\n")
            refusedCount += 1
          }
        }
      }
      summary.toldCount += told.count - refusedCount
      summary.refusedCount += refusedCount
      try write(told.joined())
    }
    return summary
  }

  private func append(
    _ answer: EvaluationAnswer, to ask: AskRequest.Ask, _ writer: TrialWriter
  ) throws -> Int {
    guard let point = problem.space.point(coordinates: ask.coordinates) else {
      throw EvaluationAnswer.Problem(description: "id \(ask.id): the log has no such design")
    }
    let origin = Trial.Origin(
      designer: setup.designer, evaluator: answer.evaluator ?? "",
      evaluatorVersion: answer.version ?? "", seconds: answer.seconds)
    let row = try writer.append(
      Trial(id: 0, point: point, outcome: answer.outcome, origin: origin), of: problem)
    try writer.settle(ask: ask.id, row: row)
    return row
  }
}

/// Which asks are open.
private struct AskBook {
  private var asks: [Int: AskRequest.Ask] = [:]

  init(_ requests: [AskRequest]) {
    for ask in requests.flatMap(\.asks) { asks[ask.id] = ask }
  }

  /// The open ask with an id.
  func open(_ id: Int?) throws -> AskRequest.Ask {
    guard let id else {
      throw EvaluationAnswer.Problem(description: "got no id, expected \(expectation)")
    }
    guard let ask = asks[id] else {
      throw EvaluationAnswer.Problem(
        description: "id \(id): it was never asked, expected \(expectation)")
    }
    if let row = ask.row {
      throw EvaluationAnswer.Problem(
        description: "id \(id): it was told already (row \(row)), expected \(expectation)")
    }
    return ask
  }

  mutating func settle(_ id: Int, row: Int) { asks[id]?.row = row }

  private var expectation: String {
    let open = asks.values.filter { $0.row == nil }.map(\.id).sorted()
    guard !open.isEmpty else { return "nothing: nothing is outstanding" }
    return "one of the outstanding " + open.prefix(10).map(String.init).joined(separator: ", ")
      + (open.count > 10 ? ", ..." : "")
  }
}
