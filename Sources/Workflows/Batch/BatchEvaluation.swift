import Accelerator
public import CostModel
import Dispatch
import Foundation
import Interchange

/// A member of a record's `results`.
public enum BatchField: String, CaseIterable, Sendable {
  /// Whether the mapping can run.
  case valid
  /// Latency in cycles.
  case cycles
  /// Multiply-accumulates over MAC-cycles.
  case utilization
  /// Total energy in pJ.
  case energy = "energy_pj"
  /// Multiply-accumulates.
  case computes
  /// The MAC array.
  case compute
  /// Traffic by level and tensor.
  case levels
  /// Traffic between levels.
  case networks
  /// Why a mapping cannot run; always written when it cannot.
  case failures
}

/// Evaluates a stream of records, one JSON line in, one JSON line out, in input order.
///
/// Memory does not grow with the stream: lines are read in blocks, and a line longer than `longestLine` is answered with
/// an error. A record that cannot be read gets an `error` member and the stream goes on.
public struct BatchEvaluation: Sendable {
  /// Longest accepted line in bytes.
  public static let longestLine = 4 << 20
  /// Bytes of lines processed together.
  static let blockSize = 2 << 20

  /// What to evaluate and how.
  public struct Options: Sendable {
    /// Members of `results` to write; `nil` writes all.
    public var fields: Set<BatchField>?
    /// Terms of the cost model; counting rules only, unless changed.
    public var terms = CostTerms.countingOnly
    /// Worker threads, at least 1.
    public var threadCount = 1

    /// All fields, counting rules only, one thread.
    public init() {}
  }

  /// How a stream went.
  public struct Summary: Hashable, Sendable {
    /// Lines answered, blank lines excluded.
    public var recordCount = 0
    /// Records that could not be read.
    public var errorCount = 0
    /// Records whose mapping cannot run.
    public var illegalCount = 0
  }

  /// The options.
  public let options: Options

  /// Creates an evaluation.
  public init(options: Options) {
    precondition(options.threadCount >= 1, "at least one thread is needed")
    self.options = options
  }

  /// Reads records until the end of the input.
  ///
  /// - Parameters:
  ///   - input: Open file descriptor.
  ///   - write: Receives the answers in order, in pieces of whole lines.
  ///   - progress: Called after every block with the records answered so far.
  /// - Throws: `BatchError` when reading fails; whatever `write` throws; `CancellationError`.
  public func run(
    reading input: Int32, write: (UnsafeRawBufferPointer) throws -> Void,
    progress: (Summary) -> Void = { _ in }
  ) throws -> Summary {
    var lines = LineBlocks(descriptor: input)
    let workers = (0..<options.threadCount).map { _ in BatchWorker(options: options) }
    var summary = Summary()
    var firstLine = 1
    while let block = try lines.next() {
      try Task.checkCancellation()
      let ranges = block.lineRanges
      let count = workers.count
      let chunk = (ranges.count + count - 1) / count
      block.bytes.withUnsafeBufferPointer { bytes in
        // Workers touch disjoint lines and only their own state.
        nonisolated(unsafe) let bytes = bytes
        let firstLine = firstLine
        DispatchQueue.concurrentPerform(iterations: count) { index in
          let range = min(index * chunk, ranges.count)..<min((index + 1) * chunk, ranges.count)
          workers[index].answer(ranges[range], of: bytes, firstLine: firstLine + range.lowerBound)
        }
      }
      firstLine += ranges.count
      for worker in workers {
        try worker.output.withUnsafeBytes { try write($0) }
        summary.recordCount += worker.summary.recordCount
        summary.errorCount += worker.summary.errorCount
        summary.illegalCount += worker.summary.illegalCount
      }
      progress(summary)
    }
    return summary
  }
}

/// Answers lines with its own caches and buffers; used by one thread at a time.
///
/// `@unchecked Sendable`: `BatchEvaluation.run` gives each worker to exactly one iteration of a concurrent loop and reads
/// its output after the loop has ended.
private final class BatchWorker: @unchecked Sendable {
  private let options: BatchEvaluation.Options
  private let fields: Set<BatchField>
  private let needsOnlyTotals: Bool
  private let reader = MappingRecordReader()
  private var evaluators: [Key: MappingEvaluator] = [:]
  private var packed = PackedMappings(levelCount: 1)
  private var text = JSONText()
  private(set) var summary = BatchEvaluation.Summary()

  var output: [UInt8] { text.bytes }

  private struct Key: Hashable {
    var architecture: Int
    var layer: Int
  }

  init(options: BatchEvaluation.Options) {
    self.options = options
    fields = options.fields ?? Set(BatchField.allCases)
    let detailed: Set<BatchField> = [.compute, .levels, .networks]
    needsOnlyTotals = fields.isDisjoint(with: detailed)
  }

  func answer(
    _ ranges: ArraySlice<Range<Int>>, of bytes: UnsafeBufferPointer<UInt8>, firstLine: Int
  ) {
    text.removeAll()
    summary = BatchEvaluation.Summary()
    for (offset, range) in ranges.enumerated() {
      let line = UnsafeBufferPointer(rebasing: bytes[range])
      guard line.contains(where: { $0 != 0x20 && $0 != 0x0d && $0 != 0x09 }) else { continue }
      summary.recordCount += 1
      do throws(JSONError) {
        guard line.count <= BatchEvaluation.longestLine else {
          throw JSONError(
            problem:
              "got a line of \(line.count) bytes, expected at most \(BatchEvaluation.longestLine)")
        }
        try answer(line)
      } catch {
        summary.errorCount += 1
        writeError(error, in: line, number: firstLine + offset)
      }
    }
  }

  private func answer(_ line: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    let result = try reader.read(line)
    let record = result.record
    let key = Key(architecture: result.architectureNumber, layer: result.layerNumber)
    let evaluator: MappingEvaluator
    if let known = evaluators[key] {
      evaluator = known
    } else {
      if evaluators.count >= 64 { evaluators.removeAll() }
      evaluator = MappingEvaluator(
        LoopNestCostModel(
          layer: record.layer, architecture: record.architecture, terms: options.terms))
      evaluators[key] = evaluator
    }
    let results = RecordResults(
      layer: record.layer, architecture: record.architecture, fields: fields)
    text.raw("{\"id\":")
    text.raw(record.identifier)
    text.raw(",\"results\":")
    if needsOnlyTotals, record.mapping.isPerfect,
      let totals = evaluator.totals(of: record.mapping), totals.verdict.isLegal
    {
      results.write(totals, to: &text)
    } else {
      let outcome = evaluator.cost(of: record.mapping)
      if case .illegal = outcome { summary.illegalCount += 1 }
      results.write(outcome, to: &text)
    }
    text.raw("}\n")
  }

  private func writeError(_ error: JSONError, in line: UnsafeBufferPointer<UInt8>, number: Int) {
    text.raw("{\"id\":")
    text.raw(MappingRecordReader.identifier(in: line))
    text.raw(",\"error\":{\"line\":")
    text.number(number)
    text.member("field", error.field)
    text.member("message", error.problem)
    text.raw("}}\n")
  }
}
