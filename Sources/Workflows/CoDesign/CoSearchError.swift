import Interchange
public import Study

/// Why a co-search has no answer, or cannot go on.
public enum CoSearchError: Error, Hashable, Sendable {
  /// No drawn design has little enough of a resource.
  case resourceOutOfReach(
    study: String, resource: CoSearchResource, limit: Double, smallest: Double, drawnCount: Int)
  /// Every resource is within reach, but no drawn design has all of them.
  case resourcesTogether(study: String, drawnCount: Int)
  /// No drawn design can run a layer.
  case layerRunsNowhere(layer: String, network: String, drawnCount: Int, reason: String)
  /// The baseline cannot run a layer.
  case baselineCannotRun(layer: String, reason: String)
  /// The evaluator broke too many times in a row.
  case evaluatorBroke(folder: String, failure: EvaluationFailure, count: Int)
  /// The folder cannot be gone on with.
  case folder(String, problem: String, hint: String)
}

extension CoSearchError: CustomStringConvertible {
  /// Whether nothing feasible exists, as opposed to wrong input.
  public var isInfeasible: Bool {
    switch self {
    case .resourceOutOfReach, .resourcesTogether, .layerRunsNowhere: true
    case .baselineCannotRun, .evaluatorBroke, .folder: false
    }
  }

  /// The message a user reads, with its hint on a second line.
  public var description: String {
    switch self {
    case .resourceOutOfReach(let study, let resource, let limit, let smallest, let count):
      "\(study): resources: no design of \(count) drawn meets \(resource.rawValue) <= \(compact(limit)), "
        + "the smallest has \(readable(smallest))\n"
        + "hint: raise the limit to \(readable(smallest)) at least"
    case .resourcesTogether(let study, let count):
      "\(study): resources: no design of \(count) drawn meets all limits, each alone is met by some\n"
        + "hint: loosen one of them"
    case .layerRunsNowhere(let layer, let network, let count, let reason):
      "layer \"\(layer)\" of \(network): no design of \(count) drawn can run it: \(reason)\n"
        + "hint: widen the space, or leave the layer out of the workload"
    case .baselineCannotRun(let layer, let reason):
      "baseline: layer \"\(layer)\" cannot run: \(reason)\n"
        + "hint: give a baseline that runs all layers, or none"
    case .evaluatorBroke(let folder, let failure, let count):
      "evaluator: broke \(count) times in a row: \(failure)\n"
        + "hint: what was answered is kept; mend it and go on with dovetail codesign --resume \(folder)"
    case .folder(let folder, let problem, let hint): "\(folder): \(problem)\nhint: \(hint)"
    }
  }
}
