import Accelerator
import CostModel
import Dispatch
import MappingSearch
import Quantities

/// Searches for the mapping of one layer as the options say.
///
/// What the optimal mapper cannot answer goes to the heuristic one, with the reason in the certificate.
struct LayerMapper: Sendable {
  let options: MappingOptions
  /// Whether to end with the best so far.
  var shouldStop: @Sendable () -> Bool = { false }

  func schedule(for model: LoopNestCostModel, in space: MapSpace, countsSpace: Bool = true)
    -> LayerSchedule
  {
    let start = DispatchTime.now().uptimeNanoseconds
    let outcome = self.outcome(for: model, in: space)
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    return LayerSchedule(
      outcome: outcome, spaceSize: countsSpace ? space.size() : nil, seconds: seconds)
  }

  private func outcome(for model: LoopNestCostModel, in space: MapSpace) -> LayerSchedule.Outcome {
    var found: LayerSchedule.Found?
    switch options.mapper {
    case .optimal: found = certified(model, space)
    case .heuristic: found = heuristic(model, space)
    case .random: found = random(model, space)
    }
    if let found { return .mapped(found) }
    if let reason = MappingInfeasibility(of: space, terms: model.terms) {
      return .infeasible(reason)
    }
    return .notFound
  }

  private func certified(_ model: LoopNestCostModel, _ space: MapSpace) -> LayerSchedule.Found? {
    if let obstacle = obstacle(model) { return heuristic(model, space, because: obstacle) }
    var mapper = OptimalMapper()
    mapper.objective = options.goal.objective
    mapper.nodeLimit = options.nodeLimit
    mapper.shouldStop = shouldStop
    guard let result = mapper.mapping(for: model, in: space),
      var found = found(result.mapped, by: .optimal, model)
    else {
      return heuristic(
        model, space,
        because: "the layer is too large for the optimal mapper, or --nodes too low to find any")
    }
    let proven = result.certificate
    // The proof must be for what the report says.
    guard abs(found.certificate.value - proven.value) <= 1e-9 * abs(proven.value) else {
      found.certificate.reason = "the optimal mapper counts other terms than the report"
      return found
    }
    found.certificate.proof = proven
    guard !proven.isOptimal else { return found }
    if var other = heuristic(model, space), other.certificate.value < found.certificate.value {
      other.certificate.evaluationCount += found.certificate.evaluationCount
      other.certificate.proof = proven
      other.certificate.proof?.value = other.certificate.value
      return other
    }
    return found
  }

  /// Why the optimal mapper's proof would not be for these terms.
  private func obstacle(_ model: LoopNestCostModel) -> String? {
    if model.terms.linkTransfers { return "link transfers are not bounded by the optimal mapper" }
    return nil
  }

  private func heuristic(
    _ model: LoopNestCostModel, _ space: MapSpace, because reason: String? = nil
  ) -> LayerSchedule.Found? {
    var mapper = HeuristicMapper()
    mapper.evaluationLimit = options.evaluationLimit
    mapper.shouldStop = shouldStop
    mapper.objective = options.goal.objective
    mapper.seed = options.seed
    guard let mapped = mapper.mapping(for: model, in: space),
      var found = found(mapped, by: .heuristic, model)
    else { return nil }
    found.certificate.reason = reason
    return found
  }

  private func random(_ model: LoopNestCostModel, _ space: MapSpace) -> LayerSchedule.Found? {
    var mapper = RandomMapper()
    mapper.drawCount = options.evaluationLimit
    mapper.shouldStop = shouldStop
    mapper.objective = options.goal.objective
    mapper.seed = options.seed
    return mapper.mapping(for: model, in: space).flatMap { found($0, by: .random, model) }
  }

  private func found(
    _ mapped: MappedLayer, by mapper: MappingOptions.Mapper, _ model: LoopNestCostModel
  ) -> LayerSchedule.Found? {
    guard case .legal(let cost) = model.cost(of: mapped.mapping) else { return nil }
    return LayerSchedule.Found(
      mapping: mapped.mapping,
      certificate: ScheduleCertificate(
        mapper: mapper,
        value: options.goal.objective.value(
          energy: cost.energy.picojoules, cycles: Double(cost.cycles.count)),
        evaluationCount: mapped.evaluationCount))
  }
}
