import DesignSpace
import Distribution
import Execution
import Foundation
import Interchange
import Study

/// A sweep of co-searches: one a step, each beginning with the machines of the tighter ones and what their mappers learned.
///
/// Machines are judged again by every step's limits, so that a looser limit is never reported worse. The budget of machines is
/// split as that of an exploration is: equal shares, two and the rest for the first step.
struct CoSearchSweep: Sendable {
  let file: SweepFile
  let folder: SweepFolder
  /// The limits of the steps, tightest first; of two axes the second moves faster.
  let steps: [[MetricLimit]]
  /// Who maps layers, in place of the study's.
  var executor: ExecutorSettings?
  var takesOver = false
  var message: @Sendable (String) -> Void = { _ in }
  private let study: CoSearchFile
  private let template: ArchitectureTemplate
  private let threadCount: Int

  /// Reads the study and prepares the run folder.
  ///
  /// - Throws: `SpecificationError`; `LogError.conflict` for a folder of another sweep.
  init(_ file: SweepFile, folder: String, threadCount: Int?) throws {
    self.file = file
    self.folder = SweepFolder(path: folder)
    self.threadCount = threadCount ?? ProcessInfo.processInfo.activeProcessorCount
    steps = file.combinations
    let path = file.resolved(file.study)
    if let root = try? SpecificationNode(readingFile: path), root.optional("evaluator") != nil,
      root.optional("template") == nil
    {
      throw SpecificationError.wrongValue(
        at: file.sourcePlace, got: "a study of dovetail explore", expected: "a co-design study",
        hint: "leave out engine: codesign, or name another study")
    }
    study = try CoSearchFile(readingFile: path)
    template = try ArchitectureTemplate(readingFile: study.resolved(study.template))
    for (axis, place) in zip(file.sweep, file.limitPlaces)
    where CoSearchResource(rawValue: axis.limit) != nil {
      guard axis.side == .atMost, axis.values.allSatisfy({ $0 > 0 }) else {
        throw SpecificationError.wrongValue(
          at: place, got: axis.limit, expected: "side \"<=\" and positive bounds for a resource")
      }
    }
    var names = CoSearch.limitNames(template)
    names.metrics = CoSearchResource.allCases.map(\.rawValue)
    names.others = []
    try file.check(names)
    try self.folder.prepare(file)
  }

  /// The study of a step, or of another set of limits.
  private func study(under limits: [MetricLimit], machines: Int, seed: UInt64, isFirst: Bool)
    -> CoSearchFile
  {
    var variant = study
    let moving = Set(limits.map(\.metric))
    variant.resources.removeAll { moving.contains($0.resource.rawValue) }
    let kept = zip(variant.limits, variant.limitPlaces).filter { !moving.contains($0.0.metric) }
    variant.limits = kept.map(\.0)
    variant.limitPlaces = kept.map(\.1)
    for limit in limits {
      if let resource = CoSearchResource(rawValue: limit.metric) {
        variant.resources.append((resource, limit.bound))
      } else {
        variant.limits.append(limit)
      }
    }
    variant.budget.hardware = machines
    // Later steps begin with the machines of earlier ones instead of random ones.
    variant.budget.hardwareWarmUp = isFirst ? max(2, min(study.budget.hardwareWarmUp, machines)) : 2
    variant.seed = seed
    if let executor { variant.executor = executor }
    return variant
  }

  private func search(ofStep index: Int, seed: UInt64) throws -> CoSearch {
    var search = try CoSearch(
      study(under: steps[index], machines: file.shares[index], seed: seed, isFirst: index == 0),
      folder: folder.step(index, seed: seed), threadCount: threadCount)
    search.earlier = (0..<index).map { folder.step($0, seed: seed) }
    search.skipsExceeding = true
    return search
  }

  /// The quantities that are limited, for the records.
  private var limited: [String] {
    var names = file.sweep.map(\.limit)
    for name in study.resources.map(\.resource.rawValue) + study.limits.map(\.metric)
      + CoSearchResource.allCases.map(\.rawValue) where !names.contains(name)
    {
      names.append(name)
    }
    return names
  }

  /// What a design has of each limited quantity.
  private func quantities(_ point: Point) throws -> [Double?] {
    let machine = try? template.machine(at: point)
    return try limited.map { name in
      if let resource = CoSearchResource(rawValue: name) {
        return machine.map { resource.amount(in: $0.architecture) }
      }
      return try NumericExpression(name, over: template.space.parameters).value(at: point)
    }
  }

  /// Runs every step, from where the run folder ends.
  ///
  /// - Throws: As `CoSearch.run`.
  func run(progress: (Sweep.Progress) -> Void) async throws -> Sweep.Findings {
    var isInterrupted = false
    do {
      try await answer(progress)
    } catch is CancellationError {
      isInterrupted = true
    }
    // Interrupted before the first step there is nothing to tell.
    if isInterrupted, (try? recorded()) == nil { throw CancellationError() }
    var findings = try recorded()
    findings.isInterrupted = isInterrupted
    return findings
  }

  private func answer(_ progress: (Sweep.Progress) -> Void) async throws {
    var finished = 0
    let stepCount = steps.count * file.seeds.count
    for seed in file.seeds {
      for index in steps.indices {
        let known = try folder.record(CoSearchSweepRecord.self, ofStep: index, seed: seed)
        if known == nil {
          let record = try await record(ofStep: index, seed: seed) { state in
            progress(
              Sweep.Progress(
                finishedStepCount: finished, stepCount: stepCount, limits: steps[index],
                doing: "\(state.machineCount) of \(state.budget) machines"
                  + (state.layerCount > 0
                    ? ", \(state.layerCount) of \(state.layerBudget) layers of the next" : ""),
                best: state.best))
          }
          try folder.write(record, ofStep: index, seed: seed)
        }
        finished += 1
      }
    }
    guard study.baseline != nil, try baseline() == nil else { return }
    progress(
      Sweep.Progress(
        finishedStepCount: finished, stepCount: stepCount, limits: [],
        doing: "mapping the baseline with the budget of all steps"))
    try await writeBaseline()
  }

  private func record(
    ofStep index: Int, seed: UInt64, progress: (CoSearch.Progress) -> Void
  ) async throws -> CoSearchSweepRecord {
    let search = try search(ofStep: index, seed: seed)
    let moving = Set(file.sweep.map(\.limit))
    let fixed =
      study.resources.map { MetricLimit($0.resource.rawValue, .atMost, $0.limit) } + study.limits
    var record = CoSearchSweepRecord(
      source: CoSearchSweepRecord.Source(
        networks: search.layers.names, limited: limited,
        fixed: fixed.filter { !moving.contains($0.metric) }.map(\.description),
        unit: search.objectiveScale == 1 ? "" : "uJ Mcycle", method: study.method.rawValue,
        space: search.problem.name, mappingCount: study.budget.software,
        layerCount: search.layers.jobs.count), machineCount: 0, evaluationCount: 0, machines: [])
    func first(_ text: String) -> String {
      text.split(separator: "\n").first.map(String.init) ?? text
    }
    do {
      let found = try await search.withTasks(takesOver: takesOver, message: message) {
        try await $0.searched(progress: progress)
      }
      record.machineCount = found.machineCount
      record.evaluationCount = found.evaluationCount
      record.machines = try (found.machines + [found.best].compactMap { $0 }).map { machine in
        let design = search.design(of: machine.point)
        return CoSearchSweepRecord.Machine(
          objective: machine.objective, quantities: try quantities(machine.point),
          names: design.map(\.name), values: design.map(\.value),
          networks: machine.networks.map {
            CoSearchSweepRecord.Network(
              energy: $0.energy, cycles: $0.cycles, sumOfLayerEDPs: $0.sumOfLayerEDPs)
          }, schedules: machine.schedules.isEmpty ? nil : machine.schedules)
      }
      record.commonReason = found.reasons.min { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { "\($0.value): \($0.key)" }
    } catch CoSearchError.evaluatorBroke(_, let failure, let count) {
      throw LogError.conflict(
        "evaluator: broke \(count) times in a row: \(failure)",
        hint:
          "what was answered is kept; mend it and go on with dovetail sweep --resume \(folder.path)"
      )
    } catch let error as CoSearchError where error.isInfeasible {
      record.reason = first("\(error)").replacing("\(study.path): ", with: "")
    } catch DesignSpaceError.noLegalDesign(let reason) {
      record.reason = "no legal design: \(first(reason))"
    }
    return record
  }

  // MARK: The baseline

  private var baselineFile: String { "\(folder.path)/baseline.json" }

  private func baseline() throws -> CoSearchSweepBaseline? {
    guard let data = FileManager.default.contents(atPath: baselineFile) else { return nil }
    do {
      return try JSONDecoder().decode(CoSearchSweepBaseline.self, from: data)
    } catch {
      throw LogError.conflict(
        "\(baselineFile): this is no baseline, or half of one",
        hint: "remove it and go on with dovetail sweep --resume \(folder.path)")
    }
  }

  private func writeBaseline() async throws {
    let all = file.shares.reduce(0, +)
    var variant = study(under: [], machines: all, seed: file.seeds[0], isFirst: true)
    variant.baselineConstraints = nil
    let search = try CoSearch(
      variant, folder: "\(folder.path)/baseline", threadCount: threadCount)
    let found = try await search.withTasks(takesOver: takesOver, message: message) {
      try $0.baselineObjectives()
    }
    guard let point = search.baseline, let found else { return }
    let record = CoSearchSweepBaseline(
      once: found.once, best: found.best, quantities: try quantities(point))
    try JSONEncoder().encode(record).write(
      to: URL(fileURLWithPath: baselineFile), options: .atomic)
  }

  /// What the run folder has so far.
  ///
  /// - Throws: `LogError.conflict` for a damaged file, and for a folder without any answer.
  func recorded() throws -> Sweep.Findings {
    let records = try file.seeds.map { seed in
      try steps.indices.map {
        try folder.record(CoSearchSweepRecord.self, ofStep: $0, seed: seed)
      }
    }
    return try CoSearchSweepResult(
      file, folder: folder.path, records: records, baseline: try baseline()
    ).findings
  }
}
