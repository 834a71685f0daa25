extension MetricLimit {
  /// Reads `area_mm2<=27`, with spaces or without.
  ///
  /// - Throws: `StudyError.malformedLimit` for anything else, also for a bound that is no finite number.
  public init(parsing text: String) throws(StudyError) {
    for side in [Side.atMost, .atLeast] {
      guard let range = text.firstRange(of: side.rawValue) else { continue }
      let metric = Self.trimmed(text[..<range.lowerBound])
      let bound = Double(Self.trimmed(text[range.upperBound...]))
      guard !metric.isEmpty, let bound, bound.isFinite else { break }
      self.init(metric, side, bound)
      return
    }
    throw .malformedLimit(text)
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
