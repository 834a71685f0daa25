import Accelerator
public import CostModel
import Execution
import Interchange
import MappingSearch
import Quantities
import Workload

/// Maps a stream of records, one JSON line in, one JSON line out, in input order.
///
/// A record has `id`, `arch` and `problem`. Its answer is `{"id", "mapping", "edp_pj_cycles", "results", "certificate"}`,
/// mapping and results in the schema of the reference records, so that `BatchEvaluation` reads it back; or
/// `{"id", "infeasible"}` when nothing fits; or `{"id", "error"}` when the record cannot be used, after which the stream
/// goes on. Answers are written as soon as all earlier ones are. Records of equal machine and layer are mapped once.
public struct BatchMapping: Sendable {
  /// Answers remembered for records that repeat.
  private static let capacity = 256

  /// How a stream went.
  public struct Summary: Hashable, Sendable {
    /// Lines answered, blank lines excluded.
    public var recordCount = 0
    /// Records that could not be used.
    public var errorCount = 0
    /// Records in which nothing fits.
    public var infeasibleCount = 0
  }

  /// How mappings are searched for.
  public let options: MappingOptions
  /// Terms of the cost model.
  public let terms: CostTerms
  /// What mappings must obey, on top of the records' keep sets.
  public let constraints: ConstraintsFile?

  /// Creates a mapping of streams; counting rules only, unless changed.
  public init(
    options: MappingOptions, terms: CostTerms = .countingOnly, constraints: ConstraintsFile? = nil
  ) {
    self.options = options
    self.terms = terms
    self.constraints = constraints
  }

  /// Reads records until the end of the input.
  ///
  /// - Parameters:
  ///   - input: Open file descriptor.
  ///   - write: Receives whole answers in order.
  ///   - progress: Called several times a second with what is answered so far.
  /// - Throws: `BatchError` when reading fails; whatever `write` throws; `CancellationError`, when what is finished has
  ///   been written, and the best so far of the records under way, whose certificates have a gap or none.
  public func run(
    reading input: Int32, write: (UnsafeRawBufferPointer) throws -> Void,
    progress: (Summary) -> Void = { _ in }
  ) throws -> Summary {
    var lines = LineBlocks(descriptor: input)
    let reader = MappingRecordReader()
    let stop = StopFlag()
    var known: [Key: Answer] = [:]
    var summary = Summary()
    var firstLine = 1
    while let block = try lines.next() {
      try Task.checkCancellation()
      let requests = read(block, firstLine: firstLine, reader)
      firstLine += block.lineRanges.count
      var jobs: [Record] = []
      var numbers: [Key: Int] = [:]
      for case .record(let record) in requests
      where known[record.key] == nil && numbers[record.key] == nil {
        numbers[record.key] = jobs.count
        jobs.append(record)
      }
      var answers: [Answer?] = Array(repeating: nil, count: jobs.count)
      var next = 0
      func writeFinished() throws {
        while next < requests.count {
          var text = JSONText()
          switch requests[next] {
          case .failed(let bytes):
            text.raw(bytes)
            summary.errorCount += 1
          case .record(let record):
            guard let answer = known[record.key] ?? numbers[record.key].flatMap({ answers[$0] })
            else { return }
            answer.write(record, to: &text)
            if answer.kind == .error { summary.errorCount += 1 }
            if answer.kind == .infeasible { summary.infeasibleCount += 1 }
          }
          summary.recordCount += 1
          next += 1
          try text.bytes.withUnsafeBytes { try write($0) }
        }
      }
      try concurrentJobs(count: jobs.count, threadCount: options.threadCount, stop: stop) {
        [jobs] number in
        self.answer(jobs[number], stop)
      } tick: {
        progress(summary)
      } receive: { number, answer in
        answers[number] = answer
        try writeFinished()
      }
      try writeFinished()
      if known.count + jobs.count > BatchMapping.capacity { known.removeAll() }
      for (job, answer) in zip(jobs, answers).suffix(BatchMapping.capacity) {
        known[job.key] = answer
      }
      progress(summary)
    }
    return summary
  }

  /// Machine and layer by the reader's numbers.
  private struct Key: Hashable {
    var architecture: Int
    var layer: Int
  }

  private struct Record: Sendable {
    var identifier: String
    var line: Int
    var key: Key
    var layer: Layer
    var architecture: Architecture
  }

  private enum Request {
    case record(Record)
    /// The whole answer to a line that cannot be read.
    case failed(String)
  }

  /// The members of an answer after `id`.
  private struct Answer: Sendable {
    enum Kind { case mapped, infeasible, error }

    var kind: Kind
    var members: String

    func write(_ record: Record, to text: inout JSONText) {
      text.raw("{\"id\":")
      text.raw(record.identifier)
      if kind == .error {
        text.raw(",\"error\":{\"line\":")
        text.number(record.line)
      }
      text.raw(members)
      text.raw("}\n")
    }
  }

  private func read(
    _ block: LineBlocks.Block, firstLine: Int, _ reader: MappingRecordReader
  ) -> [Request] {
    block.bytes.withUnsafeBufferPointer { bytes in
      block.lineRanges.enumerated().compactMap { offset, range in
        let line = UnsafeBufferPointer(rebasing: bytes[range])
        guard line.contains(where: { $0 != 0x20 && $0 != 0x0d && $0 != 0x09 }) else { return nil }
        do throws(JSONError) {
          guard line.count <= BatchEvaluation.longestLine else {
            throw JSONError(
              problem:
                "got a line of \(line.count) bytes, expected at most \(BatchEvaluation.longestLine)"
            )
          }
          let problem = try reader.readProblem(line)
          return .record(
            Record(
              identifier: problem.identifier, line: firstLine + offset,
              key: Key(architecture: problem.architectureNumber, layer: problem.layerNumber),
              layer: problem.layer, architecture: problem.architecture))
        } catch {
          var text = JSONText()
          text.raw("{\"id\":")
          text.raw(MappingRecordReader.identifier(in: line))
          text.raw(",\"error\":{\"line\":")
          text.number(firstLine + offset)
          text.member("field", error.field)
          text.member("message", error.problem)
          text.raw("}}\n")
          return .failed(String(decoding: text.bytes, as: UTF8.self))
        }
      }
    }
  }

  /// - Returns: `nil` when the search was stopped before it found or proved anything.
  private func answer(_ record: Record, _ stop: StopFlag) -> Answer? {
    let model = LoopNestCostModel(
      layer: record.layer, architecture: record.architecture, terms: terms)
    var text = JSONText()
    func answer(_ kind: Answer.Kind) -> Answer {
      Answer(kind: kind, members: String(decoding: text.bytes, as: UTF8.self))
    }
    let space: MapSpace
    do {
      let network = Network(name: "record", entries: [Network.Entry(layer: record.layer)])
      space = try mapSpace(
        for: model, in: network, constraints: constraints, freesKeepSets: options.freesKeepSets)
    } catch {
      text.member("field", error is MapSpaceError ? "arch" : "")
      text.member("message", "\(error)")
      text.raw("}")
      return answer(.error)
    }
    let mapper = LayerMapper(options: options, shouldStop: { stop.isRaised })
    switch mapper.schedule(for: model, in: space, countsSpace: false).outcome {
    case .infeasible(let reason):
      text.key("infeasible")
      text.infeasibility(reason)
      return answer(.infeasible)
    case .notFound:
      if stop.isRaised { return nil }
      text.raw(",\"infeasible\":{\"reason\":\"not found\",\"rules\":[],\"fix\":null,\"fixes\":[]}")
      return answer(.infeasible)
    case .mapped(let found):
      let outcome = model.cost(of: found.mapping)
      text.key("mapping")
      text.mapping(found.mapping, of: record.layer)
      if case .legal(let cost) = outcome {
        text.member("edp_pj_cycles", cost.energyDelayProduct.picojouleCycles)
      }
      text.key("results")
      RecordResults(
        layer: record.layer, architecture: record.architecture, fields: Set(BatchField.allCases)
      ).write(outcome, to: &text)
      text.key("certificate")
      text.certificate(found.certificate, of: options.goal)
      return answer(.mapped)
    }
  }
}
