import DesignSpace

extension SpaceListing {
  /// The listing as one JSON object; counts are texts, since they may have hundreds of digits.
  public var json: String {
    var text = JSONText()
    text.raw("{\"space\":")
    text.string(file.name)
    text.raw(",\"parameters\":[")
    for (index, parameter) in space.parameters.enumerated() {
      if index > 0 { text.raw(",") }
      text.raw("{\"name\":")
      text.string(parameter.name)
      text.member("type", Self.type(of: parameter))
      text.raw(",\"values\":")
      if let count = parameter.valueCount { text.number(count) } else { text.raw("null") }
      text.raw("}")
    }
    text.raw("],\"constraints\":[")
    for (index, constraint) in space.constraints.enumerated() {
      if index > 0 { text.raw(",") }
      text.string(constraint.text)
    }
    text.raw("]")
    for (key, count) in [("raw", size.rawCount), ("legal", size.legalCount)] {
      text.raw(",\"\(key)_count\":")
      if let count { text.string(count.description) } else { text.raw("null") }
      text.raw(",\"\(key)_log10\":")
      text.number(count?.log10 ?? .nan)
    }
    text.raw(",\"legal_share\":{\"value\":")
    text.number(size.legalShare.value)
    text.member("low", size.legalShare.low)
    text.member("high", size.legalShare.high)
    text.member("exact", size.legalShare.isExact)
    text.raw("}")
    text.member("seed", Int(clamping: seed))
    text.raw(",\"samples\":[")
    for (index, point) in samples.enumerated() {
      if index > 0 { text.raw(",") }
      write(point, to: &text)
    }
    text.raw("]}\n")
    return String(decoding: text.bytes, as: UTF8.self)
  }

  private func write(_ point: Point, to text: inout JSONText) {
    text.raw("{")
    var isFirst = true
    for (index, value) in space.values(of: point).enumerated() {
      guard let value else { continue }
      if !isFirst { text.raw(",") }
      isFirst = false
      text.string(space.parameters[index].name)
      text.raw(":")
      switch value {
      case .number(let number): text.number(number)
      case .text(let value): text.string(value)
      case .truth(let truth): text.truth(truth)
      }
    }
    text.raw("}")
  }
}
