import Reporting

/// A report with every kind of block, and names that would break a careless page.
enum SampleReport {
  static let hostile = "</script><script>alert(1)</script> \"q\" 'a' & <b>b</b> 設計 \u{2028} -->"

  static func make(pointCount: Int = 100) -> Report {
    var best: [Chart.Place] = []
    var feasible: [Chart.Place] = []
    var value = 10.0
    for index in 1...pointCount {
      value = min(value, 10 * 30 / (30 + Double(index)) + Double((index * 37) % 11) / 10)
      best.append(.init(Double(index), value))
      let area = Double((index * 53) % 97) + 1
      feasible.append(.init(area, 2 + 100 / area, "design \(index) \(hostile)"))
    }
    return Report(
      title: "Study \(hostile)", question: "Which? \(hostile)", answer: "This. \(hostile)",
      sections: [
        .init(
          "Search \(hostile)",
          [
            .text("Text \(hostile)"), .list(["one \(hostile)", "two"]),
            .chart(
              Chart(
                name: "best", title: "Best so far", kind: .step, x: .init("evaluation"),
                y: .init("latency", unit: "ms", isLogarithmic: true),
                series: [
                  .init(hostile, best),
                  .init("random", best.map { .init($0.x, $0.y * 1.5) }, isMuted: true),
                ])),
            .chart(
              Chart(
                name: "front", title: "Latency against area", kind: .scatter,
                x: .init("area", unit: "mm²"), y: .init("latency", unit: "ms"),
                series: [.init("feasible", feasible)])),
            .chart(
              Chart(
                name: "reasons", title: "Reasons", kind: .bars, x: .init("designs"),
                y: .init("reason"), categories: [hostile, "limit: area_mm2 <= 3"],
                series: [
                  .init("a", [.init(0, 12), .init(1, 5)]), .init("b", [.init(1, 9)]),
                ])),
          ]),
        .init(
          "Tables",
          [
            .table(
              ReportTable(
                name: "designs", caption: "Designs \(hostile)",
                columns: [.words("design"), .numbers("latency", unit: "ms"), .numbers("MACs")],
                rows: [
                  [.text(hostile), .number(0.532_312_345_678_9), .number(1_814_073_344)],
                  [.text("=1+1"), .number(.nan), .empty],
                ])),
            .listing(caption: "Loop nest \(hostile)", text: "for k in 0..<64: \(hostile)"),
          ]),
      ],
      provenance: [.init("seed", "1"), .init(hostile, hostile)])
  }
}
