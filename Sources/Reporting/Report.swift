/// What a run has to say, in the order a reader needs it: the question, the answer, the evidence.
///
/// A report is a value without layout. `html(library:)` makes a page of it, `ReportTable.csv` and `Chart.svg` make the files
/// beside the page. All text is plain; it is escaped where it is written.
public struct Report: Sendable, Codable, Equatable {
  /// A part of the evidence.
  public struct Section: Sendable, Codable, Equatable {
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
  public enum Block: Sendable, Codable, Equatable {
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

  /// A fact with its name.
  public struct Fact: Sendable, Codable, Equatable {
    /// What it is.
    public var name: String
    /// What it says.
    public var value: String

    /// Makes a fact.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
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
  public var provenance: [Fact]

  /// Makes a report.
  public init(
    title: String, question: String, answer: String, sections: [Section],
    provenance: [Fact] = []
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

extension Report {
  /// Name of the table with the answers of all parts, the first of a combined report.
  public static let answersName = "answers"

  /// Several reports on one page: their answers first, then the evidence of each under its title.
  ///
  /// Names of tables and charts get the number of their part in front, so that files do not meet.
  public static func combining(_ parts: [Report], title: String) -> Report {
    var sections: [Section] = [
      .init(
        "Questions and answers",
        [
          .table(
            ReportTable(
              name: answersName, caption: "Questions and answers",
              columns: [.words("part"), .words("question"), .words("answer")],
              rows: parts.map { [.text($0.title), .text($0.question), .text($0.answer)] }))
        ])
    ]
    var provenance: [Fact] = []
    for (index, part) in parts.enumerated() {
      for section in part.sections {
        let blocks = section.blocks.map { block -> Block in
          switch block {
          case .table(var table):
            table.name = "part\(index + 1)-\(table.name)"
            return .table(table)
          case .chart(var chart):
            chart.name = "part\(index + 1)-\(chart.name)"
            return .chart(chart)
          case .text, .list, .listing: return block
          }
        }
        sections.append(.init("\(part.title): \(section.title)", blocks))
      }
      provenance += part.provenance.map { Fact("\(part.title): \($0.name)", $0.value) }
    }
    return Report(
      title: title, question: "\(parts.count) questions on one page.",
      answer: parts.map { "\($0.title): \($0.answer)" }.joined(separator: " "), sections: sections,
      provenance: provenance)
  }
}
