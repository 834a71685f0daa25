extension Chart {
  /// The chart as JSON for the script of the page: kind, axes, series with points as `[x, y, label]`.
  var configuration: String {
    let scales = scales
    var text =
      "{\"kind\":\"\(kind.rawValue)\",\"x\":\(json(x, scales.x)),\"y\":\(json(y, scales.y)),\"categories\":["
    text += categories.map(jsonString).joined(separator: ",") + "],\"series\":["
    text += series.enumerated().map { index, series in
      let dash = Palette.dashes[index % Palette.dashes.count]
      var part = "{\"name\":\(jsonString(series.name)),\"kind\":\"\(kind(of: series).rawValue)\","
      part += "\"color\":\"\(Palette.color(index, isMuted: series.isMuted))\","
      part += "\"mark\":\"\(Palette.marks[index % Palette.marks.count])\","
      part += "\"dash\":[\(dash.map(String.init).joined(separator: ","))],"
      part += "\"muted\":\(series.isMuted),\"places\":["
      part += series.places.map { place in
        let label = place.label.isEmpty ? "" : ",\(jsonString(place.label))"
        return "[\(jsonNumber(place.x)),\(jsonNumber(place.y))\(label)]"
      }.joined(separator: ",")
      return part + "]}"
    }.joined(separator: ",")
    return text + "]}"
  }

  private func json(_ axis: Axis, _ scale: AxisScale) -> String {
    let ticks = scale.ticks.map(jsonNumber).joined(separator: ",")
    return
      "{\"title\":\(jsonString(axis.heading)),\"log\":\(axis.isLogarithmic),\"low\":\(jsonNumber(scale.low)),\"high\":\(jsonNumber(scale.high)),\"ticks\":[\(ticks)]}"
  }

  /// Seven digits are more than a screen shows.
  private func jsonNumber(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    let short = Float(value)
    return short.isNormal ? "\(short)" : "\(value)"
  }
}
