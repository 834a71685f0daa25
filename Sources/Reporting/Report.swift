/// What a run has to say, in the order a reader needs it: the question, the answer, the evidence.
///
/// A report is a value without layout. `html(library:)` makes a page of it, `ReportTable.csv` and `Chart.svg` make the files
/// beside the page. All text is plain; it is escaped where it is written.
public struct Report: Sendable {
  /// A part of the evidence.
  public struct Section: Sendable {
    /// Heading.
    public var title: String
    /// What the section shows, in order.
    public var blocks: [Block]

    /// Makes a section.
    public init(_ title: String, _ blocks: [Block]) {
      self.title = title
      self.blocks = blocks
    }
  }

  /// A piece of a section.
  public enum Block: Sendable {
    /// A paragraph.
    case text(String)
    /// Points of a list.
    case list([String])
    /// A table.
    case table(ReportTable)
    /// A chart, with its data as a table below it.
    case chart(Chart)
    /// Text in a fixed pitch, such as a loop nest, folded under its caption.
    case listing(caption: String, text: String)
  }

  /// Title of the page.
  public var title: String
  /// The question in words: what is fixed, what is sought, under which limits, in which units.
  public var question: String
  /// The answer in one sentence.
  public var answer: String
  /// The evidence.
  public var sections: [Section]
  /// Where everything comes from, shown at the end: program version, inputs, seed.
  public var provenance: [(name: String, value: String)]

  /// Makes a report.
  public init(
    title: String, question: String, answer: String, sections: [Section],
    provenance: [(name: String, value: String)] = []
  ) {
    self.title = title
    self.question = question
    self.answer = answer
    self.sections = sections
    self.provenance = provenance
  }

  /// The tables and the data of the charts, in order.
  public var tables: [ReportTable] {
    sections.flatMap(\.blocks).compactMap { block in
      switch block {
      case .table(let table): table
      case .chart(let chart): chart.table
      case .text, .list, .listing: nil
      }
    }
  }

  /// The charts, in order.
  public var charts: [Chart] {
    sections.flatMap(\.blocks).compactMap { block in
      if case .chart(let chart) = block { chart } else { nil }
    }
  }
}
