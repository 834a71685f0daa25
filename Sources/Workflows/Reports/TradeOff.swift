import Reporting
import Study

/// Designs over two metrics: those that work, those that do not, and the best trade-offs among the former.
struct TradeOff {
  /// Points a chart holds; more are thinned, the front never.
  static let shownPointCount = 2_000

  private(set) var feasible: [Chart.Place] = []
  private(set) var infeasible: [Chart.Place] = []
  /// Designs whose values along both axes are not known.
  private(set) var unknownCount = 0
  private let objective: Objective
  private let other: Objective

  /// Collects trials.
  ///
  /// - Parameters:
  ///   - other: The metric beside the objective, and which side of it is better.
  ///   - known: Limits whose quantity `other` may be instead of a metric.
  ///   - label: Says what a trial is.
  init(
    _ trials: [Trial], of problem: Problem, against other: Objective, known: KnownLimits? = nil,
    label: (Trial) -> String
  ) {
    objective = problem.objectives[0]
    self.other = other
    guard let y = problem.index(ofMetric: objective.metric) else { return }
    let x = problem.index(ofMetric: other.metric)
    for trial in trials {
      func place(_ values: [Double?]) -> (x: Double, y: Double)? {
        let across =
          x.flatMap { values.indices.contains($0) ? values[$0] : nil }
          ?? known?.value(of: other.metric, at: trial.point)
        guard let across, values.indices.contains(y), let up = values[y] else { return nil }
        return (across, up)
      }
      switch problem.judging(trial.outcome) {
      case .measured(let values):
        if let place = place(values) { feasible.append(.init(place.x, place.y, label(trial))) }
      case .infeasible(let infeasibility):
        if let place = place(infeasibility.values) {
          infeasible.append(.init(place.x, place.y, "\(label(trial)): \(infeasibility.reason)"))
        } else {
          unknownCount += 1
        }
      case .failed: unknownCount += 1
      }
    }
  }

  /// The feasible designs no other one beats in both metrics, along the horizontal axis.
  var front: [Chart.Place] {
    let sorted = feasible.sorted {
      (other.cost(of: $0.x), objective.cost(of: $0.y)) < (
        other.cost(of: $1.x), objective.cost(of: $1.y)
      )
    }
    var front: [Chart.Place] = []
    for place in sorted
    where front.last.map({ objective.isBetter(place.y, than: $0.y) }) ?? true {
      front.append(place)
    }
    return front
  }

  /// The chart; `nil` when no design has both values.
  func chart(named name: String, title: String, x: Chart.Axis, y: Chart.Axis) -> Chart? {
    guard !feasible.isEmpty || !infeasible.isEmpty else { return nil }
    var notes: [String] = []
    func thinned(_ places: [Chart.Place], _ what: String) -> [Chart.Place] {
      guard places.count > Self.shownPointCount else { return places }
      let stride = (places.count + Self.shownPointCount - 1) / Self.shownPointCount
      let shown = Swift.stride(from: 0, to: places.count, by: stride).map { places[$0] }
      notes.append("Every \(stride)th of \(grouped(places.count)) \(what) designs is drawn.")
      return shown
    }
    var series: [Chart.Series] = []
    if !infeasible.isEmpty {
      series.append(.init("infeasible", thinned(infeasible, "infeasible"), isMuted: true))
    }
    series.append(.init("feasible", thinned(feasible, "feasible")))
    if front.count > 1 { series.append(.init("best trade-offs", front, kind: .line)) }
    if unknownCount > 0 {
      notes.append(
        "\(grouped(unknownCount)) designs have no place here: they failed before both were known.")
    }
    return Chart(
      name: name, title: title, kind: .scatter, x: x, y: y, series: series,
      note: notes.joined(separator: " "))
  }
}
