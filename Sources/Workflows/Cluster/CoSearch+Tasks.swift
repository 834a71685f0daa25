import CoDesign
import DesignSpace
import Distribution
import Execution
import Foundation
import MappingSearch
import Study

extension CoSearch {
  /// Does work whose layers are mapped by tasks elsewhere, where the study has an executor, and in this process otherwise.
  ///
  /// - Throws: `ExecutorError`, `DistributionError`, and what `work` throws.
  func withTasks<Value>(
    takesOver: Bool, message: @escaping @Sendable (String) -> Void,
    _ work: (CoSearch) async throws -> Value
  ) async throws -> Value {
    guard let settings = file.executor, settings.kind != .local else {
      return try await work(self)
    }
    let tasks = try DistributedLayers(
      of: self, settings: settings, takesOver: takesOver, note: message)
    var wasInterrupted = true
    defer { tasks.end(isInterrupted: wasInterrupted) }
    var search = self
    search.mapper.remote = tasks
    let value = try await work(search)
    for line in tasks.tally.text {
      note(line)
      message(line)
    }
    wasInterrupted = false
    return value
  }

  /// What a manifest says about the study.
  ///
  /// - Throws: `DistributionError.unreadable`.
  func layerSubject() throws -> Manifest.Subject {
    // What a layer's mapping does not depend on: a step of a sweep may have fewer machines than a study of its own must have.
    var plain = file
    plain.description = nil
    plain.budget.hardware = max(1, plain.budget.hardwareWarmUp)
    (plain.resources, plain.limits, plain.limitPlaces) = ([], [], [])
    let paths = [file.template] + file.workloads + [file.baselineConstraints].compactMap { $0 }
    return Manifest.Subject(
      kind: "layers", study: resolvedText(of: plain),
      inputs: try paths.map { try .init(path: absolutePath(file.resolved($0))) },
      // Words of a command may be paths from here.
      folder: file.evaluator == nil ? "" : FileManager.default.currentDirectoryPath,
      version: programVersion)
  }

  /// Answers a question of `LayerQuestion`; what a task does.
  func answer(toItem item: String) throws -> String {
    guard let question = try? JSONDecoder().decode(LayerQuestion.self, from: Data(item.utf8)),
      layers.jobs.indices.contains(question.layer),
      question.design.count == template.space.parameters.count,
      let point = template.space.point(coordinates: question.design.map { $0 ?? -.infinity })
    else { return LayerText.failure("garbage: the study has no such layer or design") }
    let single = CoSearchLayers(job: layers.jobs[question.layer], factors: layers.factors)
    let machine: CoSearchMachine
    do {
      machine = try CoSearchMachine(
        template, at: point, layers: single,
        rules: question.isBound ? baselineRules.map { [$0[question.layer]] } : nil)
    } catch {
      return LayerText.failure("garbage: the machine cannot be built: \(error)")
    }
    var answer = LayerAnswer()
    var mapper = mapper
    mapper.heuristicLimit = question.evaluationLimit
    do {
      let found = try mapper.search(
        question.layer, in: machine.spaces[0], rounded: machine.roundedSpaces[0],
        memory: question.memory, seed: Seed(question.seed), stop: StopFlag(), recorded: []
      ) { one in
        try Task.checkCancellation()
        switch one {
        case .measured(let cost): answer.answers.append([cost.energy, cost.cycles])
        case .illegal: answer.answers.append([])
        case .failed: break
        }
      }
      answer.mapping = Self.sketches([found]).first
      (answer.energy, answer.cycles) = (found.cost?.energy, found.cost?.cycles)
      (answer.evaluationCount, answer.memory) = (found.evaluationCount, found.memory)
    } catch let failure as EvaluationFailure {
      return LayerText.failure(failure.description)
    }
    return LayerText.line(answer)
  }
}

extension CoSearchMapper {
  /// Searches a layer by a task elsewhere.
  func search(
    _ job: Int, on machine: CoSearchMachine, memory: LayerMemory, seed: Seed, stop: StopFlag,
    recordedCount: Int, by remote: DistributedLayers,
    record: (SoftwareSearch.Answer) throws -> Void
  ) throws -> Found {
    let point = machine.point
    let question = LayerQuestion(
      layer: job,
      design: point.coordinates.indices.map { point.isActive($0) ? point.coordinates[$0] : nil },
      isBound: machine.isBound, evaluationLimit: heuristicLimit, seed: seed.value, memory: memory)
    let answer = try remote.answer(question, stop: stop)
    // What an earlier call was told is in the file already.
    for values in answer.answers.dropFirst(recordedCount) where isExternal {
      try record(
        values.count == 2
          ? .measured(MappingCost(energy: values[0], cycles: values[1])) : .illegal)
    }
    var found = Found(
      mapping: nil, cost: nil, evaluationCount: answer.evaluationCount, memory: answer.memory)
    if let energy = answer.energy, let cycles = answer.cycles {
      guard let mapping = answer.mapping?.mapping(in: machine.spaces[job]) else {
        throw EvaluationFailure(
          .garbage, "a task answered a mapping that the machine does not have")
      }
      found.mapping = mapping
      found.cost = MappingCost(energy: energy, cycles: cycles)
    }
    return found
  }
}
