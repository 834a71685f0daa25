import Foundation
import Reporting
import Study

/// What an offline sweep found, from its run folder alone.
struct OfflineSweepResult: Sendable {
  /// The answer of a step for one workload and seed.
  struct Best: Sendable {
    var proposal: OfflineSweepRecord.Proposal
    /// The step that proposed it, from 0.
    var step: Int
    var seed: UInt64
  }

  /// A step on one workload.
  struct Entry: Sendable {
    var limits: [MetricLimit]
    /// In the order of the seeds; `nil` where nothing was proposed.
    var bySeed: [Best?]
    var best: Best?
    var bestLogged: OfflineSweepRecord.Logged?
    /// Why there is no proposal; `nil` where there is one, and where the step is not finished.
    var reason: String?
    var hint: String?
    /// All proposals of the step's own search, by seed.
    var proposals: [(seed: UInt64, proposal: OfflineSweepRecord.Proposal)]
  }

  let file: SweepFile
  let folder: String
  let source: OfflineSweepRecord.Source
  let workloads: [String]
  /// For each workload the steps.
  let entries: [[Entry]]

  /// Collects records.
  ///
  /// - Parameter records: By seed and step; `nil` where a step is not finished.
  /// - Throws: `LogError.conflict` where no step is finished.
  init(_ file: SweepFile, folder: String, records: [[OfflineSweepRecord?]]) throws {
    self.file = file
    self.folder = folder
    guard let first = records.joined().compactMap({ $0 }).first else {
      throw LogError.conflict(
        "\(folder): no step is answered yet",
        hint: "go on with it: dovetail sweep --resume \(folder)")
    }
    source = first.source
    workloads = first.answers.map(\.workload)
    let objective = first.source.objective
    let combinations = file.combinations
    entries = workloads.indices.map { place in
      combinations.indices.map { index in
        func answer(_ number: Int, _ step: Int) -> OfflineSweepRecord.Answer? {
          records[number][step].flatMap {
            $0.answers.indices.contains(place) ? $0.answers[place] : nil
          }
        }
        let bySeed = file.seeds.enumerated().map { number, seed -> Best? in
          guard answer(number, index) != nil else { return nil }
          var best: Best?
          for step in file.stepsWithin(index) {
            // The first pick alone: the lowest of many predictions is mostly one that is too low.
            guard let proposal = answer(number, step)?.proposals.first(where: \.isLikely) else {
              continue
            }
            if let best, !objective.isBetter(proposal.predicted, than: best.proposal.predicted) {
              continue
            }
            best = Best(proposal: proposal, step: step, seed: seed)
          }
          return best
        }
        let own = file.seeds.indices.compactMap { answer($0, index) }
        let best = bySeed.compactMap { $0 }.reduce(nil) { best, other -> Best? in
          guard let best else { return other }
          return objective.isBetter(other.proposal.predicted, than: best.proposal.predicted)
            ? other : best
        }
        var entry = Entry(
          limits: combinations[index], bySeed: bySeed, best: best,
          bestLogged: own.first?.bestLogged, proposals: [])
        for (number, seed) in file.seeds.enumerated() {
          entry.proposals += (answer(number, index)?.proposals ?? []).map { (seed, $0) }
        }
        if best == nil, let first = own.first {
          entry.reason =
            first.reason
            ?? "no proposal is more likely than not to keep the limits: at most \(percent(first.proposals.compactMap(\.feasibility).max() ?? 0))"
          entry.hint = first.hint ?? "loosen the limits, or log designs that keep them"
        }
        return entry
      }
    }
  }

  /// The sweep as people read it.
  var outline: SweepOutline {
    func answer(_ best: Best?) -> SweepOutline.Answer? {
      best.map {
        SweepOutline.Answer(value: $0.proposal.predicted, design: design($0.proposal.values))
      }
    }
    return SweepOutline(
      file: file, objective: source.objective, unit: Exploration.typeset(source.unit),
      axisUnits: source.axisUnits.map(Exploration.typeset),
      parts: zip(workloads, entries).map { workload, entries in
        SweepOutline.Part(
          workload: workload,
          steps: entries.map {
            SweepOutline.Step(
              limits: $0.limits, bySeed: $0.bySeed.map(answer), best: answer($0.best))
          })
      }, isPredicted: true)
  }

  /// Names and values of the parameters that are active.
  func design(_ values: [String]) -> [(name: String, value: String)] {
    zip(source.parameters, values).filter { !$0.1.isEmpty }.map { (name: $0, value: $1) }
  }

  /// Text, JSON and report.
  var findings: Sweep.Findings {
    let outline = outline
    return Sweep.Findings(
      text: text(outline), json: json, report: report(outline),
      isFeasible: entries.contains { $0.contains { $0.best != nil } })
  }

  /// Why steps have no answer, equal reasons of neighboring steps once.
  func silences(_ place: Int) -> [String] {
    var lines: [String] = []
    var last: String?
    for entry in entries[place] {
      let text = entry.reason.map { reason in
        reason + (entry.hint.map { "; \($0)" } ?? "")
      }
      if let text, text != last {
        lines.append(
          "no proposal under \(entry.limits.map(\.description).joined(separator: ", ")): \(text)")
      }
      last = text
    }
    return lines
  }
}
