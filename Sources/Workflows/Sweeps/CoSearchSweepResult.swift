import Foundation
import Reporting
import Study

/// What a sweep of co-searches found, from its run folder alone.
struct CoSearchSweepResult: Sendable {
  /// The best machine of a step for one seed.
  struct Best: Sendable {
    var machine: CoSearchSweepRecord.Machine
    /// The step that found it, from 0.
    var step: Int
    var seed: UInt64
  }

  /// A step.
  struct Entry: Sendable {
    var limits: [MetricLimit]
    /// Machines the step's own searches tried, all seeds.
    var machineCount: Int
    /// Machines of the whole sweep that run all layers within the step's limits.
    var feasibleCount: Int
    /// In the order of the seeds; `nil` where nothing is feasible.
    var bySeed: [Best?]
    var best: Best?
    /// The limit the best machine is closest to, and by which share of the bound it stays away.
    var binding: (limit: MetricLimit, slack: Double)?
    /// Why nothing was tried, or why most machines could not run.
    var reason: String?
  }

  let file: SweepFile
  let folder: String
  let source: CoSearchSweepRecord.Source
  let baseline: CoSearchSweepBaseline?
  let entries: [Entry]
  /// Every machine that runs all layers.
  let machines: [CoSearchSweepRecord.Machine]
  /// Evaluations of mappings, all seeds.
  let evaluationCount: Int

  /// Collects records.
  ///
  /// - Parameter records: By seed and step; `nil` where a step is not finished.
  /// - Throws: `LogError.conflict` where no step is finished.
  init(
    _ file: SweepFile, folder: String, records: [[CoSearchSweepRecord?]],
    baseline: CoSearchSweepBaseline?
  ) throws {
    self.file = file
    self.folder = folder
    self.baseline = baseline
    guard let first = records.joined().compactMap({ $0 }).first else {
      throw LogError.conflict(
        "\(folder): no step is finished yet",
        hint: "go on with it: dovetail sweep --resume \(folder)")
    }
    let source = first.source
    self.source = source
    let all = records.joined().compactMap { $0 }
    machines = all.flatMap(\.machines)
    evaluationCount = all.reduce(0) { $0 + $1.evaluationCount }
    let fixed = source.fixed.compactMap { try? MetricLimit(parsing: $0) }
    entries = file.combinations.enumerated().map { index, limits in
      func isWithin(_ machine: CoSearchSweepRecord.Machine) -> Bool {
        limits.allSatisfy { limit in
          Self.quantity(limit.metric, of: machine, source).map(limit.allows) ?? true
        }
      }
      var entry = Entry(
        limits: limits, machineCount: 0, feasibleCount: 0, bySeed: [], best: nil)
      for (number, seed) in file.seeds.enumerated() {
        entry.machineCount += records[number][index]?.machineCount ?? 0
        var best: Best?
        // The best machine of a step stands in its record twice.
        var designs: Set<[String]> = []
        for (step, record) in records[number].enumerated() {
          for machine in record?.machines ?? [] where isWithin(machine) {
            if designs.insert(machine.values).inserted { entry.feasibleCount += 1 }
            // Of equal ones, the one whose schedules are known.
            if let best,
              machine.objective > best.machine.objective
                || (machine.objective == best.machine.objective && machine.schedules == nil)
            {
              continue
            }
            best = Best(machine: machine, step: step, seed: seed)
          }
        }
        entry.bySeed.append(best)
        if let best, entry.best.map({ best.machine.objective < $0.machine.objective }) ?? true {
          entry.best = best
        }
      }
      if let best = entry.best {
        entry.binding = (limits + fixed).compactMap { limit in
          guard let value = Self.quantity(limit.metric, of: best.machine, source),
            limit.bound != 0
          else { return nil }
          return (limit, abs(limit.bound - value) / abs(limit.bound))
        }.min { (a: (limit: MetricLimit, slack: Double), b) in a.slack < b.slack }
      } else {
        let own = records.compactMap { $0[index] }.first
        entry.reason = own?.reason ?? own?.commonReason.map { "machines that cannot run, \($0)" }
      }
      return entry
    }
  }

  private static func quantity(
    _ name: String, of machine: CoSearchSweepRecord.Machine, _ source: CoSearchSweepRecord.Source
  ) -> Double? {
    source.limited.firstIndex(of: name).flatMap {
      machine.quantities.indices.contains($0) ? machine.quantities[$0] : nil
    }
  }

  /// What a machine has of a limited quantity.
  func quantity(_ name: String, of machine: CoSearchSweepRecord.Machine) -> Double? {
    Self.quantity(name, of: machine, source)
  }

  /// The unit of a resource; empty for an expression.
  static func unit(of quantity: String) -> String {
    switch CoSearchResource(rawValue: quantity) {
    case .area: Exploration.typeset("mm^2")
    case .onChip, .local, .global: "KiB"
    case .units, nil: ""
    }
  }

  /// The sweep as people read it.
  var outline: SweepOutline {
    func answer(_ best: Best?) -> SweepOutline.Answer? {
      best.map { best in
        SweepOutline.Answer(
          value: best.machine.objective,
          design: zip(best.machine.names, best.machine.values).map { (name: $0, value: $1) })
      }
    }
    let metric = source.networks.count == 1 ? "EDP" : "objective"
    return SweepOutline(
      file: file, objective: Objective(.minimize, metric),
      unit: source.unit.replacing("u", with: "µ", maxReplacements: 1),
      axisUnits: file.sweep.map { Self.unit(of: $0.limit) },
      parts: [
        SweepOutline.Part(
          workload: source.networks.joined(separator: ", "),
          steps: entries.map {
            SweepOutline.Step(
              limits: $0.limits, bySeed: $0.bySeed.map(answer), best: answer($0.best))
          })
      ])
  }

  /// Text, JSON and report.
  var findings: Sweep.Findings {
    let outline = outline
    return Sweep.Findings(
      text: text(outline), json: json, report: report(outline),
      isFeasible: entries.contains { $0.best != nil })
  }

  /// The sentence about the baseline, if there is one.
  func baselineText(_ outline: SweepOutline) -> String? {
    guard let baseline else { return nil }
    let machine = CoSearchSweepRecord.Machine(
      objective: baseline.best, quantities: baseline.quantities, names: [], values: [],
      networks: [])
    let has = file.sweep.compactMap { axis in
      quantity(axis.limit, of: machine).map { "\(axis.limit) \(Reporting.readableNumber($0))" }
    }
    let within = entries.first { entry in
      entry.limits.allSatisfy { quantity($0.metric, of: machine).map($0.allows) ?? true }
    }
    var text =
      "The baseline (\(has.joined(separator: ", "))) has \(outline.value(baseline.best)) under the same mapper with the budget of all steps"
    if let best = within?.best, let limits = within?.limits {
      let value = best.machine.objective
      text +=
        value <= baseline.best
        ? "; the tightest limits it keeps, \(outline.text(limits)), allow \(percent(1 - value / baseline.best)) less"
        : "; under the tightest limits it keeps, \(outline.text(limits)), the search stayed \(percent(value / baseline.best - 1)) above"
    }
    return text + "."
  }
}
