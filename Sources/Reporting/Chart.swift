/// A chart of a report: axes with units, series of points.
public struct Chart: Sendable, Codable, Equatable {
  /// How points are drawn.
  public enum Kind: String, Sendable, Codable {
    /// Points joined by straight lines.
    case line
    /// Each value holds until the next, as for a best value so far.
    case step
    /// Points alone.
    case scatter
    /// Bars to the right, a row for each word of `categories`; series are stacked.
    case bars
  }

  /// An axis.
  public struct Axis: Sendable, Codable, Equatable {
    /// What it measures.
    public var title: String
    /// Its unit, empty for none.
    public var unit: String
    /// Whether equal ratios are equal distances; all values must then be positive.
    public var isLogarithmic: Bool

    /// Makes an axis.
    public init(_ title: String, unit: String = "", isLogarithmic: Bool = false) {
      self.title = title
      self.unit = unit
      self.isLogarithmic = isLogarithmic
    }

    /// Title and unit.
    public var heading: String { unit.isEmpty ? title : "\(title) (\(unit))" }

    /// Whether a value has a place; the bounds leave room for sums and margins in double precision.
    func holds(_ value: Double) -> Bool {
      abs(value) <= 1e290 && (!isLogarithmic || value >= 1e-290)
    }
  }

  /// A point.
  public struct Place: Sendable, Codable, Equatable {
    /// Place along the horizontal axis; in bars, the index of a category.
    public var x: Double
    /// Place along the vertical axis; in bars, the length.
    public var y: Double
    /// What a reader should know about it, shown in its tooltip and in the data.
    public var label: String

    /// Makes a point.
    public init(_ x: Double, _ y: Double, _ label: String = "") {
      self.x = x
      self.y = y
      self.label = label
    }
  }

  /// Points that belong together.
  public struct Series: Sendable, Codable, Equatable {
    /// Name in the legend.
    public var name: String
    /// The points, in the order they are joined.
    public var places: [Place]
    /// How this series is drawn when it is not as the chart: a line in a scatter, say.
    public var kind: Kind?
    /// Whether it is context rather than the answer: thin and gray.
    public var isMuted: Bool

    /// Makes a series.
    public init(_ name: String, _ places: [Place], kind: Kind? = nil, isMuted: Bool = false) {
      self.name = name
      self.places = places
      self.kind = kind
      self.isMuted = isMuted
    }
  }

  /// Name of the files beside the page, without extension: letters, digits and hyphens.
  public var name: String
  /// What it shows, in words.
  public var title: String
  /// How points are drawn.
  public var kind: Kind
  /// Horizontal axis; of bars, the axis along which lengths are measured.
  public var x: Axis
  /// Vertical axis; of bars, the one the categories stand at.
  public var y: Axis
  /// The rows of bars, top to bottom; empty for other kinds.
  public var categories: [String]
  /// What is drawn, later ones on top.
  public var series: [Series]
  /// What was left out, if anything was.
  public var note: String

  /// Makes a chart.
  ///
  /// Points that are not finite, beyond 1e290, or below 1e-290 on a logarithmic axis are not drawn; the note counts them.
  public init(
    name: String, title: String, kind: Kind, x: Axis, y: Axis, categories: [String] = [],
    series: [Series], note: String = ""
  ) {
    self.name = name
    self.title = title
    self.kind = kind
    self.x = x
    self.y = y
    self.categories = categories
    self.note = note
    var dropped = 0
    let lengthAxis = kind == .bars ? x : y
    self.series = series.map { series in
      var series = series
      let count = series.places.count
      series.places.removeAll { place in
        (kind != .bars && !x.holds(place.x)) || !lengthAxis.holds(place.y)
      }
      dropped += count - series.places.count
      return series
    }
    if dropped > 0 {
      let text =
        "\(dropped) \(dropped == 1 ? "point has" : "points have") no place on these axes and \(dropped == 1 ? "is" : "are") not drawn."
      self.note = note.isEmpty ? text : "\(note) \(text)"
    }
  }

  /// How a series is drawn.
  func kind(of series: Series) -> Kind { series.kind ?? kind }

  /// The data as a table: a row a point.
  public var table: ReportTable {
    let hasLabels = series.contains { $0.places.contains { !$0.label.isEmpty } }
    let hasNames = series.count > 1 || kind == .bars
    var columns: [ReportTable.Column] = hasNames ? [.words("series")] : []
    if kind == .bars {
      columns += [.words(y.heading), .numbers(x.title, unit: x.unit)]
    } else {
      columns += [.numbers(x.title, unit: x.unit), .numbers(y.title, unit: y.unit)]
    }
    if hasLabels { columns.append(.words("what")) }
    var rows: [[ReportTable.Cell]] = []
    for series in series {
      for place in series.places {
        var row: [ReportTable.Cell] = hasNames ? [.text(series.name)] : []
        row += [
          kind == .bars ? .text(category(place.x)) : .number(place.x), .number(place.y),
        ]
        if hasLabels { row.append(.text(place.label)) }
        rows.append(row)
      }
    }
    return ReportTable(name: name, caption: title, columns: columns, rows: rows)
  }

  func category(_ place: Double) -> String {
    let index = Int(place)
    return categories.indices.contains(index) ? categories[index] : readableNumber(place)
  }
}
