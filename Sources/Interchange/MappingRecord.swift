public import Accelerator
import Foundation
public import Workload

/// One (architecture, problem, mapping) triple in the schema of the Timeloop reference records.
public struct MappingRecord: Sendable {
  /// The `id` as it stands in the text, quotes included; `null` when absent.
  public var identifier: String
  /// The machine.
  public var architecture: Architecture
  /// The layer.
  public var layer: Layer
  /// The schedule.
  public var mapping: Mapping
}

/// Reads records, remembering the architectures and problems of recent ones.
///
/// Streams repeat a few machines and layers; an equal byte sequence gives the value read before. Memory is bounded:
/// at most `capacity` of each are kept. Not for use by several threads at once.
public final class MappingRecordReader {
  /// Number of architectures and problems remembered.
  public static let capacity = 64

  private var architectures = RecentValues<Architecture>(capacity: capacity)
  private var layers = RecentValues<Layer>(capacity: capacity)

  /// Creates a reader that has seen nothing.
  public init() {}

  /// A record and, for callers that cache by them, serial numbers of its architecture and layer.
  public struct Result {
    /// The record.
    public var record: MappingRecord
    /// Equal for records with the same architecture text, among those remembered.
    public var architectureNumber: Int
    /// Equal for records with the same problem text, among those remembered.
    public var layerNumber: Int
  }

  /// A record without its mapping, which may be absent.
  public struct Problem {
    /// The `id` as it stands in the text, quotes included; `null` when absent.
    public var identifier: String
    /// The machine.
    public var architecture: Architecture
    /// The layer.
    public var layer: Layer
    /// Equal for records with the same architecture text, among those remembered.
    public var architectureNumber: Int
    /// Equal for records with the same problem text, among those remembered.
    public var layerNumber: Int
    fileprivate var mappingBytes: Range<Int>?
  }

  /// Reads one record.
  ///
  /// - Parameter line: One JSON object. Members other than `id`, `arch`, `problem`, `mapping` are skipped.
  /// - Throws: `JSONError` with the path of the field.
  public func read(_ line: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Result {
    let problem = try readProblem(line)
    guard let range = problem.mappingBytes else {
      throw JSONError(field: "mapping", problem: "missing")
    }
    let mapping = try located("mapping", range) { () throws(JSONError) in
      try mappingFromRecord(
        UnsafeBufferPointer(rebasing: line[range]), layer: problem.layer,
        architecture: problem.architecture)
    }
    return Result(
      record: MappingRecord(
        identifier: problem.identifier, architecture: problem.architecture, layer: problem.layer,
        mapping: mapping),
      architectureNumber: problem.architectureNumber, layerNumber: problem.layerNumber)
  }

  /// Reads machine and layer of one record.
  ///
  /// - Parameter line: One JSON object. Members other than `id`, `arch` and `problem` are skipped.
  /// - Throws: `JSONError` with the path of the field.
  public func readProblem(_ line: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Problem {
    var cursor = JSONCursor(line)
    var identifier = "null"
    var architectureBytes: Range<Int>?
    var problemBytes: Range<Int>?
    var mappingBytes: Range<Int>?
    let base = cursor.base
    try cursor.object { (key, cursor) throws(JSONError) in
      if key.is("id") {
        let range = try cursor.skip()
        identifier = String(
          decoding: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count),
          as: UTF8.self)
      } else if key.is("arch") {
        try MappingRecordReader.once(&architectureBytes, &cursor)
      } else if key.is("problem") {
        try MappingRecordReader.once(&problemBytes, &cursor)
      } else if key.is("mapping") {
        try MappingRecordReader.once(&mappingBytes, &cursor)
      } else {
        _ = try cursor.skip()
      }
    }
    try cursor.expectEnd()
    guard let architectureBytes else { throw JSONError(field: "arch", problem: "missing") }
    guard let problemBytes else { throw JSONError(field: "problem", problem: "missing") }
    let slice = { (range: Range<Int>) in
      UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
    }
    let (architecture, architectureNumber) = try architectures.value(
      for: slice(architectureBytes)
    ) { (text) throws(JSONError) in
      try located("arch", architectureBytes) { () throws(JSONError) in
        try architectureFromRecord(text)
      }
    }
    let (layer, layerNumber) = try layers.value(for: slice(problemBytes)) {
      (text) throws(JSONError) in
      try located("problem", problemBytes) { () throws(JSONError) in try layerFromRecord(text) }
    }
    return Problem(
      identifier: identifier, architecture: architecture, layer: layer,
      architectureNumber: architectureNumber, layerNumber: layerNumber, mappingBytes: mappingBytes)
  }

  private static func once(_ range: inout Range<Int>?, _ cursor: inout JSONCursor)
    throws(JSONError)
  {
    guard range == nil else { throw cursor.fail("got it twice, expected it once") }
    range = try cursor.skip()
  }

  private func located<Value>(
    _ field: String, _ range: Range<Int>, _ body: () throws(JSONError) -> Value
  ) throws(JSONError) -> Value {
    do { return try body() } catch {
      var located = error.inside(field)
      located.offset += range.lowerBound
      throw located
    }
  }

  /// The `id` of a record that could not be read, as far as it can be found; `null` otherwise.
  public static func identifier(in line: UnsafeBufferPointer<UInt8>) -> String {
    var cursor = JSONCursor(line)
    var found = "null"
    let base = cursor.base
    try? cursor.object { (key, cursor) throws(JSONError) in
      let range = try cursor.skip()
      if key.is("id") {
        found = String(
          decoding: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count),
          as: UTF8.self)
      }
    }
    return found
  }
}

/// Values by the bytes they were read from, at most `capacity` of them.
struct RecentValues<Value> {
  private struct Entry {
    var text: [UInt8]
    var value: Value
    var number: Int
    var lastUse: Int

    func holds(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
      text.withUnsafeBytes { bytes in
        guard let mine = bytes.baseAddress, let theirs = other.baseAddress else { return false }
        return bytes.count == other.count && memcmp(mine, theirs, bytes.count) == 0
      }
    }
  }

  private let capacity: Int
  private var entries: [Int: Entry] = [:]
  private var clock = 0
  private var issued = 0

  init(capacity: Int) {
    self.capacity = capacity
  }

  mutating func value(
    for text: UnsafeBufferPointer<UInt8>,
    reading read: (UnsafeBufferPointer<UInt8>) throws(JSONError) -> Value
  ) throws(JSONError) -> (Value, Int) {
    clock += 1
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(text))
    let key = hasher.finalize()
    if let entry = entries[key], entry.holds(text) {
      entries[key]?.lastUse = clock
      return (entry.value, entry.number)
    }
    let value = try read(text)
    if entries.count >= capacity, entries[key] == nil {
      let oldest = entries.min { $0.value.lastUse < $1.value.lastUse }
      if let oldest { entries[oldest.key] = nil }
    }
    issued += 1
    entries[key] = Entry(text: Array(text), value: value, number: issued, lastUse: clock)
    return (value, issued)
  }
}
