import Foundation

extension Chart {
  /// The chart as a picture for papers, readable where no script runs.
  ///
  /// Bars grow with the number of categories, other kinds are 720 x 420. Text uses the color of the text around it, black in
  /// a file of its own.
  ///
  /// - Parameter isStandalone: Whether it is a file of its own rather than part of a page.
  public func svg(isStandalone: Bool = true) -> String {
    kind == .bars ? barPicture(isStandalone) : pointPicture(isStandalone)
  }

  private func open(_ width: Int, _ height: Int, _ isStandalone: Bool) -> String {
    let head =
      isStandalone
      ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" color=\"#111\" "
      : "<svg "
    let label = isStandalone ? "" : " aria-hidden=\"true\""
    return head
      + "viewBox=\"0 0 \(width) \(height)\" font-family=\"sans-serif\" font-size=\"13\" fill=\"currentColor\"\(label)>"
      + (isStandalone
        ? "<title>\(escaped(title))</title><rect width=\"\(width)\" height=\"\(height)\" fill=\"#fff\"/>"
        : "")
  }

  // MARK: Points

  private func pointPicture(_ isStandalone: Bool) -> String {
    let width = 720
    let left = 84.0
    let right = 704.0
    let legend = legendRows(width: right - left)
    let top = 14.0 + 20.0 * Double(legend.count)
    let bottom = top + 330
    let height = Int(bottom) + 50
    let places = series.flatMap(\.places)
    let (horizontal, vertical) = scales
    func across(_ value: Double) -> Double { left + horizontal.share(of: value) * (right - left) }
    func up(_ value: Double) -> Double { bottom - vertical.share(of: value) * (bottom - top) }
    var text = open(width, height, isStandalone)
    text += legendMarkup(legend, left: left)
    text += "<g stroke=\"currentColor\" stroke-opacity=\"0.15\">"
    for tick in horizontal.ticks {
      text += line(across(tick), top, across(tick), bottom)
    }
    for tick in vertical.ticks { text += line(left, up(tick), right, up(tick)) }
    text += "</g>"
    for tick in horizontal.ticks {
      text += label(readableNumber(tick), across(tick), bottom + 18, anchor: "middle")
    }
    for tick in vertical.ticks {
      text += label(readableNumber(tick), left - 8, up(tick) + 4, anchor: "end")
    }
    text += label(x.heading, (left + right) / 2, bottom + 40, anchor: "middle")
    text +=
      "<text transform=\"translate(16 \(number((top + bottom) / 2))) rotate(-90)\" text-anchor=\"middle\">\(escaped(y.heading))</text>"
    text +=
      "<rect x=\"\(number(left))\" y=\"\(number(top))\" width=\"\(number(right - left))\" height=\"\(number(bottom - top))\" fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.5\"/>"
    if places.isEmpty {
      text += label("no points", (left + right) / 2, (top + bottom) / 2, anchor: "middle")
    }
    // Muted series are drawn first, so that they cover nothing.
    let order =
      series.indices.filter { series[$0].isMuted } + series.indices.filter { !series[$0].isMuted }
    for index in order {
      let series = series[index]
      let color = Palette.color(index, isMuted: series.isMuted)
      let points = series.places.map { (across($0.x), up($0.y)) }
      switch kind(of: series) {
      case .line, .step:
        let isStep = kind(of: series) == .step
        var path = ""
        for (offset, point) in points.enumerated() {
          if offset == 0 {
            path = "M\(number(point.0)) \(number(point.1))"
          } else {
            path +=
              isStep
              ? "H\(number(point.0))V\(number(point.1))" : "L\(number(point.0)) \(number(point.1))"
          }
        }
        text +=
          "<path d=\"\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"\(series.isMuted ? 1.2 : 2)\"\(dash(index))/>"
        if points.count <= 60 {
          for point in points { text += mark(index, point.0, point.1, color, small: true) }
        }
      case .scatter, .bars:
        text += "<g fill-opacity=\"\(series.isMuted ? 0.35 : 0.75)\">"
        for point in points { text += mark(index, point.0, point.1, color, small: series.isMuted) }
        text += "</g>"
      }
    }
    return text + "</svg>"
  }

  // MARK: Bars

  private func barPicture(_ isStandalone: Bool) -> String {
    let width = 720
    let longest = categories.map(\.count).max() ?? 0
    let left = min(280.0, max(80, Double(longest) * 7.2 + 14))
    let right = 690.0
    let legend = series.count > 1 ? legendRows(width: right - left) : []
    let top = 8.0 + 20.0 * Double(legend.count)
    let pitch = 24.0
    let bottom = top + pitch * Double(max(1, categories.count)) + 4
    let height = Int(bottom) + 46
    let scale = scales.x
    func across(_ value: Double) -> Double { left + scale.share(of: value) * (right - left) }
    var text = open(width, height, isStandalone)
    text += legendMarkup(legend, left: left)
    text += "<g stroke=\"currentColor\" stroke-opacity=\"0.15\">"
    for tick in scale.ticks { text += line(across(tick), top, across(tick), bottom) }
    text += "</g>"
    for tick in scale.ticks {
      text += label(readableNumber(tick), across(tick), bottom + 16, anchor: "middle")
    }
    text += label(x.heading, (left + right) / 2, bottom + 38, anchor: "middle")
    for (row, category) in categories.enumerated() {
      let shown = category.count > 36 ? category.prefix(35) + "…" : category[...]
      text += label(
        String(shown), left - 8, top + pitch * (Double(row) + 0.5) + 5, anchor: "end")
    }
    var ends = [Double](repeating: x.isLogarithmic ? scale.low : 0, count: categories.count)
    for (index, series) in series.enumerated() {
      let color = Palette.color(index, isMuted: series.isMuted)
      for place in series.places where ends.indices.contains(Int(place.x)) {
        let row = Int(place.x)
        let from = across(ends[row])
        ends[row] = x.isLogarithmic ? place.y : ends[row] + place.y
        let to = across(ends[row])
        text +=
          "<rect x=\"\(number(min(from, to)))\" y=\"\(number(top + pitch * Double(row) + 4))\" width=\"\(number(abs(to - from)))\" height=\"\(number(pitch - 8))\" fill=\"\(color)\"/>"
      }
    }
    text +=
      line(left, top, left, bottom).replacing(
        "/>", with: " stroke=\"currentColor\" stroke-opacity=\"0.5\"/>")
    return text + "</svg>"
  }

  // MARK: Parts

  private func legendRows(width: Double) -> [[(index: Int, at: Double)]] {
    guard series.count > 1 else { return [] }
    var rows: [[(index: Int, at: Double)]] = [[]]
    var at = 0.0
    for (index, series) in series.enumerated() {
      let needed = 34 + Double(series.name.count) * 7.2
      if at > 0, at + needed > width {
        rows.append([])
        at = 0
      }
      rows[rows.count - 1].append((index, at))
      at += needed + 12
    }
    return rows
  }

  private func legendMarkup(_ rows: [[(index: Int, at: Double)]], left: Double) -> String {
    var text = ""
    for (row, entries) in rows.enumerated() {
      for (index, at) in entries {
        let series = series[index]
        let color = Palette.color(index, isMuted: series.isMuted)
        let middle = 12.0 + 20 * Double(row)
        let start = left + at
        switch kind(of: series) {
        case .line, .step:
          text +=
            "<path d=\"M\(number(start)) \(number(middle))h24\" stroke=\"\(color)\" stroke-width=\"2\"\(dash(index))/>"
          text += mark(index, start + 12, middle, color, small: true)
        case .scatter: text += mark(index, start + 12, middle, color, small: false)
        case .bars:
          text +=
            "<rect x=\"\(number(start + 6))\" y=\"\(number(middle - 6))\" width=\"12\" height=\"12\" fill=\"\(color)\"/>"
        }
        text += label(series.name, start + 30, middle + 4, anchor: "start")
      }
    }
    return text
  }

  private func dash(_ index: Int) -> String {
    let dash = Palette.dashes[index % Palette.dashes.count]
    return dash.isEmpty
      ? "" : " stroke-dasharray=\"\(dash.map(String.init).joined(separator: " "))\""
  }

  private func mark(_ index: Int, _ x: Double, _ y: Double, _ color: String, small: Bool) -> String
  {
    let size = small ? 2.6 : 4.2
    let (a, b) = (number(x), number(y))
    switch index % 4 {
    case 0: return "<circle cx=\"\(a)\" cy=\"\(b)\" r=\"\(number(size))\" fill=\"\(color)\"/>"
    case 1:
      return
        "<path d=\"M\(a) \(number(y - size))L\(number(x + size)) \(number(y + size))H\(number(x - size))Z\" fill=\"\(color)\"/>"
    case 2:
      return
        "<rect x=\"\(number(x - size))\" y=\"\(number(y - size))\" width=\"\(number(2 * size))\" height=\"\(number(2 * size))\" fill=\"\(color)\"/>"
    default:
      return
        "<path d=\"M\(a) \(number(y - size * 1.3))L\(number(x + size * 1.3)) \(b)L\(a) \(number(y + size * 1.3))L\(number(x - size * 1.3)) \(b)Z\" fill=\"\(color)\"/>"
    }
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>"
  }

  private func label(_ text: String, _ x: Double, _ y: Double, anchor: String) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(escaped(text))</text>"
  }

  /// A coordinate with a tenth of a unit.
  private func number(_ value: Double) -> String {
    let tenths = (value * 10).rounded()
    return tenths == (tenths / 10).rounded() * 10
      ? String(Int(tenths / 10)) : String(format: "%.1f", tenths / 10)
  }
}
