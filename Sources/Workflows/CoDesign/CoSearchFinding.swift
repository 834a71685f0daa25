public import Accelerator
public import CoDesign
public import CostModel
import DesignSpace
import Execution
import Foundation
import Interchange
import MappingSearch
import Quantities
import Study
public import Workload

/// What came of a co-search: the best machine with its mappings, next to the baseline and to what cannot be beaten.
public struct CoSearchFinding: Sendable {
  /// One layer on the proposal and on the baseline.
  public struct LayerFinding: Sendable {
    /// Name of the layer's first occurrence.
    public var name: String
    /// The layer.
    public var layer: Layer
    /// The mapping that was found.
    public var mapping: Mapping
    /// Its full cost by the embedded model.
    public var cost: LayerCost
    /// The baseline's mapping and cost.
    public var baseline: (mapping: Mapping, cost: LayerCost)?
    /// What no machine of these resources can be below.
    public var bound: EDPLowerBound
  }

  /// One step on the way from the baseline to the proposal.
  public struct Step: Sendable {
    /// The parameters that change together, since constraints tie them.
    public var changes: [(name: String, from: String, to: String)]
    /// Objective after the step over that before it, by the heuristic mapper; `nil` when the machine cannot run all layers.
    public var ratio: Double?
  }

  /// The best machine.
  public struct Proposal: Sendable {
    /// Trial, from 0.
    public var trial: Int
    /// Values of all parameters.
    public var design: [(name: String, value: String)]
    /// The machine.
    public var architecture: Architecture
    /// Objective as the study defines it.
    public var objective: Double
    /// Cost of the networks.
    public var cost: CoSearchCost
    /// Distinct layers.
    public var layers: [LayerFinding]
    /// Known constraints and limits that stand in the way of a larger or smaller parameter.
    public var binding: [String]
    /// The way from the baseline.
    public var steps: [Step]
    /// The heuristic mapper on the proposal and on the baseline: what is left when mappings are found equally well.
    public var remapped: (proposal: CoSearchCost, baseline: CoSearchCost?)?
  }

  /// Machines tried.
  public var machineCount: Int
  /// Machines on which all layers ran.
  public var feasibleCount: Int
  /// Evaluations of mappings.
  public var evaluationCount: Int
  /// Why machines were infeasible, the most frequent reason first.
  public var reasons: [(reason: String, count: Int)]
  /// After each machine: evaluations so far and lowest objective; NaN while nothing was feasible.
  public var trace: [(evaluations: Int, best: Double)]
  /// The best machine; `nil` when nothing was feasible.
  public var proposal: Proposal?
  /// The baseline with one search a layer: what a proposal got on its machine.
  public var baselineOnce: CoSearchCost?
  /// The baseline with as many searches as there were machines.
  public var baselineBest: CoSearchCost?
  /// The same under the study's baseline constraints.
  public var baselineConstrained: CoSearchCost?
  /// Lower bound of both products, by network.
  public var bounds: [CoSearchCost.NetworkCost]
}

extension CoSearch {
  func finding(
    _ trials: [Trial], _ best: CoSearchState.Best?, _ baseline: BaselineResult?,
    _ progress: (Progress) -> Void
  ) throws -> CoSearchFinding {
    var reasons: [String: Int] = [:]
    var feasibleCount = 0
    for trial in trials {
      if case .measured = trial.outcome { feasibleCount += 1 }
      if case .infeasible(let infeasibility) = trial.outcome {
        reasons[infeasibility.reason.description, default: 0] += 1
      }
    }
    let trace = trace(of: trials, best)
    var finding = CoSearchFinding(
      machineCount: trials.count, feasibleCount: feasibleCount,
      evaluationCount: trace.last?.evaluations ?? 0,
      reasons: reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
        (reason: $0.key, count: $0.value)
      }, trace: trace, proposal: nil, baselineOnce: baseline?.single, baselineBest: baseline?.best,
      baselineConstrained: baseline?.constrained, bounds: [])
    guard let best, best.trial < trials.count else { return finding }
    progress(
      Progress(
        phase: "explanation", machineCount: trials.count, budget: file.budget.hardware,
        layerCount: 0, layerBudget: layers.jobs.count, best: best.objective))
    let point = trials[best.trial].point
    guard let machine = try? CoSearchMachine(template, at: point, layers: layers) else {
      return finding
    }
    let list = layerFindings(best, machine, baseline)
    guard list.count == layers.jobs.count else { return finding }
    let costs = list.map {
      MappingCost(energy: $0.cost.energy.picojoules, cycles: Double($0.cost.cycles.count))
    }
    finding.bounds =
      CoSearchCost(
        layers,
        costs: list.map { MappingCost(energy: $0.bound.energy, cycles: $0.bound.cycles) }
      ).networks
    let ours = explainingCosts(machine).compactMap { $0?.cost }
    let theirs = baseline.map { explainingCosts($0.machine).compactMap { $0?.cost } }
    finding.proposal = CoSearchFinding.Proposal(
      trial: best.trial, design: design(of: point), architecture: machine.architecture,
      objective: best.objective,
      // An external evaluator's numbers are in the log; these are of the embedded model, which explains.
      cost: file.evaluator == nil ? CoSearchCost(layers, costs: costs) : logged(trials[best.trial]),
      layers: list, binding: binding(at: point, machine.architecture),
      steps: try steps(to: point),
      remapped: ours.count == list.count
        ? (
          CoSearchCost(layers, costs: ours),
          theirs.flatMap { $0.count == list.count ? CoSearchCost(layers, costs: $0) : nil }
        ) : nil)
    return finding
  }

  /// Cost of a trial as its evaluator told it.
  private func logged(_ trial: Trial) -> CoSearchCost {
    var cost = CoSearchCost(
      layers, costs: layers.jobs.map { _ in MappingCost(energy: 0, cycles: 0) })
    guard case .measured(let values) = trial.outcome else { return cost }
    for index in cost.networks.indices {
      cost.networks[index].energy = values[3 + 3 * index] * 1e6
      cost.networks[index].cycles = values[4 + 3 * index]
      cost.networks[index].sumOfLayerEDPs = values[5 + 3 * index] * 1e12
    }
    return cost
  }

  private func layerFindings(
    _ best: CoSearchState.Best, _ machine: CoSearchMachine, _ baseline: BaselineResult?
  ) -> [CoSearchFinding.LayerFinding] {
    let units = max(
      machine.architecture.compute.mesh.count,
      baseline?.machine.architecture.compute.mesh.count ?? 0)
    return layers.jobs.indices.compactMap { job in
      let layer = layers.jobs[job].layer
      guard job < best.mappings.count,
        let mapping = best.mappings[job].mapping(in: machine.spaces[job]),
        case .legal(let cost) = model(job, machine.architecture).cost(of: mapping)
      else { return nil }
      var before: (mapping: Mapping, cost: LayerCost)?
      if let baseline,
        case .legal(let cost) = model(job, baseline.machine.architecture).cost(
          of: baseline.mappings[job])
      {
        before = (baseline.mappings[job], cost)
      }
      return CoSearchFinding.LayerFinding(
        name: layer.name, layer: layer, mapping: mapping, cost: cost, baseline: before,
        bound: EDPLowerBound(for: layer, on: machine.architecture, unitCount: units))
    }
  }

  func model(_ job: Int, _ architecture: Architecture) -> LoopNestCostModel {
    LoopNestCostModel(
      layer: layers.jobs[job].layer, architecture: architecture, terms: .countingOnly,
      zeroShare: layers.jobs[job].zeroShare)
  }

  func design(of point: Point) -> [(name: String, value: String)] {
    zip(problem.space.parameters.map(\.name), problem.space.values(of: point)).compactMap {
      name, value in value.map { (name: name, value: $0.description) }
    }
  }

  // MARK: Why

  /// Constraints that a step of some parameter would violate, and limits that nine tenths are used of.
  private func binding(at point: Point, _ architecture: Architecture) -> [String] {
    var result: [String] = []
    let space = problem.space
    for constraint in template.space.constraints {
      var directions: [String] = []
      for index in constraint.scope where point.isActive(index) {
        for coordinate in space.neighborCoordinates(of: index, from: point.coordinates[index]) {
          var coordinates = point.coordinates
          coordinates[index] = coordinate
          guard let other = space.point(coordinates: coordinates),
            space.violations(of: other).contains(where: {
              "\($0)".contains(constraint.text)
            })
          else { continue }
          let word = coordinate > point.coordinates[index] ? "larger" : "smaller"
          directions.append("\(word) \(space.parameters[index].name)")
        }
      }
      if !directions.isEmpty {
        result.append("\(constraint.text): forbids \(directions.joined(separator: ", "))")
      }
    }
    for limit in known.limits {
      guard let value = known.value(of: limit.metric, at: point), limit.bound != 0 else { continue }
      if abs(limit.bound - value) <= 0.1 * abs(limit.bound) {
        result.append("\(limit): has \(readable(value))")
      }
    }
    for (resource, limit) in file.resources {
      let amount = resource.amount(in: architecture)
      if amount >= 0.9 * limit {
        result.append("\(resource.rawValue) <= \(compact(limit)): has \(readable(amount))")
      }
    }
    return result
  }

  /// From the baseline to the proposal, the fewest tied parameters at a time, each step legal.
  private func steps(to target: Point) throws -> [CoSearchFinding.Step] {
    guard let baseline else { return [] }
    let space = problem.space
    var current = baseline
    var left = space.parameters.indices.filter {
      baseline.coordinates[$0] != target.coordinates[$0]
    }
    var before = stepObjective(current)
    var result: [CoSearchFinding.Step] = []
    while !left.isEmpty {
      try Task.checkCancellation()
      let chosen = smallestLegalChange(from: current, to: target, left)
      let next = changed(current, to: target, chosen) ?? target
      let after = stepObjective(next)
      let old = space.values(of: current)
      let new = space.values(of: next)
      result.append(
        CoSearchFinding.Step(
          changes: chosen.map { index in
            (
              space.parameters[index].name, old[index]?.description ?? "none",
              new[index]?.description ?? "none"
            )
          },
          ratio: before.flatMap { before in after.map { $0 / before } }))
      if after != nil { before = after }
      current = next
      left.removeAll { chosen.contains($0) }
    }
    return result
  }

  private func changed(_ point: Point, to target: Point, _ parameters: [Int]) -> Point? {
    var coordinates = point.coordinates
    for index in parameters { coordinates[index] = target.coordinates[index] }
    return problem.space.point(coordinates: coordinates)
  }

  private func smallestLegalChange(from point: Point, to target: Point, _ left: [Int]) -> [Int] {
    func isLegal(_ parameters: [Int]) -> Bool {
      changed(point, to: target, parameters).map { problem.space.isLegal($0) } ?? false
    }
    if let single = left.first(where: { isLegal([$0]) }) { return [single] }
    for (position, a) in left.enumerated() {
      for b in left[(position + 1)...] where isLegal([a, b]) { return [a, b] }
    }
    for (position, a) in left.enumerated() {
      for (second, b) in left.enumerated() where second > position {
        for c in left[(second + 1)...] where isLegal([a, b, c]) { return [a, b, c] }
      }
    }
    return left
  }

  private func stepObjective(_ point: Point) -> Double? {
    guard let machine = try? CoSearchMachine(template, at: point, layers: layers) else {
      return nil
    }
    let costs = explainingCosts(machine).compactMap { $0?.cost }
    guard costs.count == layers.jobs.count else { return nil }
    return CoSearchCost(layers, costs: costs).objective(file, reference: nil)
  }
}
