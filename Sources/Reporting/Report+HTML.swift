extension Report {
  /// Rows of a table that a page shows; the file beside it has all.
  public static let shownRowLimit = 400

  /// The report as one page that needs no network: style, pictures, data, and the charting library when given.
  ///
  /// - Parameter library: Makes the pictures interactive; without it the page has pictures and tables.
  public func html(library: ChartLibrary?) -> String {
    var page = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width,initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
      <title>\(escaped(title))</title>
      <link rel="icon" href="data:,">
      <style>
      \(PageStyle.text)
      </style>
      </head>
      <body>
      <a class="skip" href="#evidence">To the evidence</a>
      <header>
      <h1>\(escaped(title))</h1>
      <p class="question">\(escaped(question))</p>
      <p class="answer">\(escaped(answer))</p>
      <nav aria-label="Sections"><ol>
      """
    for (index, section) in sections.enumerated() {
      page += "<li><a href=\"#part-\(index + 1)\">\(escaped(section.title))</a></li>"
    }
    page += "</ol></nav>\n</header>\n<main id=\"evidence\">\n"
    for (index, section) in sections.enumerated() {
      page += "<section aria-labelledby=\"part-\(index + 1)\">\n"
      page += "<h2 id=\"part-\(index + 1)\">\(escaped(section.title))</h2>\n"
      for block in section.blocks { page += markup(block) }
      page += "</section>\n"
    }
    page += "</main>\n<footer>\n"
    if !provenance.isEmpty {
      page += "<h2>Where this comes from</h2>\n<div class=\"scroll\"><table>"
      for entry in provenance {
        page +=
          "<tr><th scope=\"row\">\(escaped(entry.name))</th><td>\(escaped(entry.value))</td></tr>"
      }
      page += "</table></div>\n"
    }
    page += "</footer>\n"
    if let library {
      if !library.notice.isEmpty {
        page += "<!-- Notice of the charting library below:\n"
        page += library.notice.replacing("--", with: "- -") + "\n-->\n"
      }
      page += "<script>\(library.source.replacing("</script", with: "<\\/script"))</script>\n"
      page += "<script>\n\(PageScript.text)\n</script>\n"
    }
    return page + "</body>\n</html>\n"
  }

  private func markup(_ block: Block) -> String {
    switch block {
    case .text(let text): "<p>\(escaped(text))</p>\n"
    case .list(let items):
      "<ul>" + items.map { "<li>\(escaped($0))</li>" }.joined() + "</ul>\n"
    case .listing(let caption, let text):
      "<details><summary>\(escaped(caption))</summary><pre tabindex=\"0\">\(escaped(text))</pre></details>\n"
    case .table(let table): markup(table, isData: false)
    case .chart(let chart): markup(chart)
    }
  }

  private func markup(_ chart: Chart) -> String {
    let count = chart.series.reduce(0) { $0 + $1.places.count }
    var text =
      "<figure class=\"chart\" id=\"chart-\(escaped(chart.name))\" data-points=\"\(count)\">\n"
    text += "<figcaption>\(escaped(chart.title))</figcaption>\n"
    let label =
      "\(chart.title). \(count) points, \(chart.x.heading) against \(chart.y.heading); the data follow as a table."
    text += "<div class=\"plot\" tabindex=\"0\" role=\"img\" aria-label=\"\(escaped(label))\">"
    text += "<div class=\"twin\">\(chart.svg(isStandalone: false))</div></div>\n"
    if !chart.note.isEmpty { text += "<p class=\"note\">\(escaped(chart.note))</p>\n" }
    text += "<script type=\"application/json\">\(chart.configuration)</script>\n"
    text += "<details><summary>Data</summary>\(markup(chart.table, isData: true))</details>\n"
    return text + "</figure>\n"
  }

  private func markup(_ table: ReportTable, isData: Bool) -> String {
    var text =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(escaped(table.caption))\">"
    text += "<table data-name=\"\(escaped(table.name))\" data-rows=\"\(table.rows.count)\">"
    if !isData { text += "<caption>\(escaped(table.caption))</caption>" }
    text += "<thead><tr>"
    for column in table.columns {
      text +=
        "<th scope=\"col\"\(column.isNumeric ? " class=\"n\"" : "")>\(escaped(column.heading))</th>"
    }
    text += "</tr></thead><tbody>\n"
    for row in table.rows.prefix(Self.shownRowLimit) {
      text += "<tr>"
      for (column, cell) in zip(table.columns, row) {
        let kind = column.isNumeric ? " class=\"n\"" : ""
        switch cell {
        case .text(let words):
          let isLong = !column.isNumeric && words.count > 48
          text += "<td\(isLong ? " class=\"w\"" : kind)>\(escaped(words))</td>"
        case .number(let value):
          text +=
            "<td\(kind) data-value=\"\(exactNumber(value))\">\(escaped(readableNumber(value)))</td>"
        case .empty: text += "<td\(kind)></td>"
        }
      }
      text += "</tr>\n"
    }
    text += "</tbody></table></div>\n"
    if table.rows.count > Self.shownRowLimit {
      text +=
        "<p class=\"note\">The first \(Self.shownRowLimit) of \(readableNumber(Double(table.rows.count))) rows; tables/\(escaped(table.name)).csv has all.</p>\n"
    }
    return text
  }
}
