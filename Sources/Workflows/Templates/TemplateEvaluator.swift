import Accelerator
import CostModel
public import DesignSpace
import Execution
import Interchange
public import MappingSearch
import Quantities
public import Study
import Workload

/// Evaluates designs of a template on workloads: hardware, a mapping of every layer, and what they cost.
///
/// A design is infeasible when its hardware cannot be built, a level is too small for the least a layer needs, no legal
/// mapping is found, or the program is longer than the instruction memory; reasons say what was needed and what there is.
/// Layers of one shape are mapped once. The outcome depends on design, template, workload and budget only.
public struct TemplateEvaluator: Evaluator {
  /// What is measured, in the order of outcomes.
  public static let metrics = [
    Metric("latency_ms", unit: "ms"), Metric("energy_mj", unit: "mJ"),
    Metric("area_mm2", unit: "mm^2"),
  ]
  /// Average power over the network, energy by latency, the outermost memory included; measured where it is asked for.
  public static let power = Metric("power_mw", unit: "mW")
  /// Evaluations of the cost model a layer takes unless told otherwise; 30 networks of 30 layers a second and core.
  public static let standardEvaluationLimit = 500

  /// The template.
  public let template: ArchitectureTemplate
  /// Makes the mappings.
  public let mapper: HeuristicMapper
  /// Whether outcomes have `power` after `metrics`.
  public let measuresPower: Bool
  let workloads: [String: ResolvedWorkload]

  /// Creates an evaluator of a template on workloads by name.
  public init(
    _ template: ArchitectureTemplate, workloads: [ResolvedWorkload],
    evaluationLimit: Int = TemplateEvaluator.standardEvaluationLimit, measuresPower: Bool = false
  ) {
    self.template = template
    self.measuresPower = measuresPower
    var mapper = HeuristicMapper()
    mapper.evaluationLimit = evaluationLimit
    self.mapper = mapper
    var known: [String: ResolvedWorkload] = [:]
    for workload in workloads { known[workload.network.name] = workload }
    self.workloads = known
  }

  /// `dovetail NAME`.
  public var name: String { "dovetail \(template.name)" }

  /// Changes with the template, the budget, and this program's way of evaluating.
  public var version: String {
    "2-\(mapper.evaluationLimit)-\(String(template.fingerprint, radix: 16))"
  }

  /// Evaluates a design on the workload a context names.
  ///
  /// - Throws: `CancellationError`.
  public func evaluate(_ point: Point, in context: Context) async throws -> Outcome {
    guard let workload = workloads[context.id] else {
      return .failed(EvaluationFailure(.garbage, "no workload \"\(context.id)\""))
    }
    return try outcome(of: point, on: workload)
  }

  /// Evaluates a design on a workload.
  ///
  /// - Throws: `CancellationError`.
  public func outcome(of point: Point, on workload: ResolvedWorkload) throws -> Outcome {
    let machine: ArchitectureTemplate.Machine
    do {
      machine = try template.machine(at: point)
    } catch {
      return .infeasible(Infeasibility(.hidden("cannot be built: \(Self.short(error))")))
    }
    let architecture = machine.architecture
    let area = AreaModel(of: architecture).total.squareMillimeters
    func infeasible(_ reason: String) -> Outcome {
      let values: [Double?] = [nil, nil, area] + (measuresPower ? [nil] : [])
      return .infeasible(Infeasibility(.hidden(reason), values: values))
    }
    var shapes: [LayerShape: Int] = [:]
    var jobs: [(layer: Layer, space: MapSpace, zeroShare: Double?)] = []
    var jobOfEntry: [Int] = []
    for (entry, zeroShare) in zip(workload.network.entries, workload.zeroShares) {
      let layer = entry.layer
      let shape = LayerShape(layer, zeroShare: zeroShare)
      if let known = shapes[shape] {
        jobOfEntry.append(known)
        continue
      }
      if let overflow = machine.overflow(of: layer) {
        return infeasible(overflow)
      }
      let space: MapSpace
      do {
        space = try MapSpace(
          of: layer, on: architecture, constraints: machine.constraints(for: layer))
      } catch {
        return infeasible("no legal mapping: layer \"\(layer.name)\": \(error)")
      }
      shapes[shape] = jobs.count
      jobOfEntry.append(jobs.count)
      jobs.append((layer, space, zeroShare))
    }
    var results: [(energy: Double, cycles: Double, instructions: Int)] = []
    for job in jobs {
      try Task.checkCancellation()
      let model = LoopNestCostModel(
        layer: job.layer, architecture: architecture, zeroShare: job.zeroShare)
      guard let mapped = mapper.mapping(for: model, in: job.space) else {
        let why =
          job.space.hasLegalMapping() == nil
          ? "none found, which is no proof" : "the tiles that the rules force are too large"
        return infeasible("no legal mapping: layer \"\(job.layer.name)\": \(why)")
      }
      results.append(
        (
          mapped.totals.energy, Double(mapped.totals.cycles),
          machine.program.map {
            mapped.mapping.instructionCount(of: job.layer, outside: $0.level)
          } ?? 0
        ))
    }
    var energy = 0.0
    var cycles = 0.0
    var instructions = 0.0
    var longest = (layer: "", count: 0.0)
    for (entry, job) in zip(workload.network.entries, jobOfEntry) {
      let count = Double(entry.count)
      energy += count * results[job].energy
      cycles += count * results[job].cycles
      let length = count * Double(results[job].instructions)
      instructions += length
      if length > longest.count { longest = (entry.layer.name, length) }
    }
    if let program = machine.program, instructions > Double(program.capacity) {
      return infeasible(
        "instruction memory: the program needs \(compact(instructions)) instructions (most, "
          + "\(compact(longest.count)), for layer \"\(longest.layer)\"), has \(program.capacity)")
    }
    guard let clock = architecture.clock else {
      return infeasible("no clock")
    }
    let (milliseconds, millijoules) = (cycles / (clock.megahertz * 1e3), energy * 1e-9)
    return .measured(
      [milliseconds, millijoules, area]
        + (measuresPower ? [1e3 * millijoules / milliseconds] : []))
  }

  /// An error without file and line, which are the same for all designs.
  private static func short(_ error: SpecificationError) -> String {
    let text = "\(error)".split(separator: "\n").first.map(String.init) ?? ""
    let prefix = "\(error.place.file):\(error.place.line): "
    return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
  }
}
