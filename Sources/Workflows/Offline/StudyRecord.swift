import DesignSpace
import LinearAlgebra
import OfflineDesign
import SimulationLog
import Study

/// The rows a model was trained on, as its file keeps them.
struct StudyRecord: Codable {
  var space: LogSpace
  var metricNames: [String]
  var metricUnits: [String]
  var objective: String
  var isMaximized: Bool
  var isInverted: Bool
  var limits: [String]
  var failedCount: Int
  var contexts: [String]
  var featureNames: [String]
  var features: PackedNumbers
  var context: PackedIntegers
  var works: PackedIntegers
  var cost: PackedNumbers
  var limitedNames: [String]
  var limitedValues: [PackedNumbers]
  var coordinates: [PackedNumbers]
  var assessment: ValueAssessment

  init(_ study: OfflineStudy, _ assessment: ValueAssessment) {
    let offline = study.offline
    let designs = offline.designs
    space = study.space
    metricNames = study.metrics.map(\.name)
    metricUnits = study.metrics.map(\.unit)
    objective = offline.objective.metric
    isMaximized = offline.objective.goal == .maximize
    isInverted = offline.isInverted
    limits = designs.limits.map(\.description)
    failedCount = offline.failedCount
    contexts = designs.contexts.map(\.name)
    featureNames = designs.featureNames
    features = PackedNumbers(designs.contexts.flatMap(\.features))
    context = PackedIntegers(designs.context.map { Int32($0) })
    works = PackedIntegers(designs.works.map { $0 ? 1 : 0 })
    cost = PackedNumbers(designs.cost)
    limitedNames = designs.metrics.map(\.name)
    limitedValues = designs.metrics.map { PackedNumbers($0.values) }
    coordinates = offline.coordinates.map { PackedNumbers($0) }
    self.assessment = assessment
  }

  /// The rows; `nil` where the lists do not belong together.
  func study(file: String) -> OfflineStudy? {
    let count = context.values.count
    let parameters = space.space.parameters
    let featureCount = featureNames.count
    let limits = limits.compactMap { try? MetricLimit(parsing: $0) }
    guard works.values.count == count, cost.values.count == count,
      metricNames.count == metricUnits.count, limitedNames.count == limitedValues.count,
      limitedValues.allSatisfy({ $0.values.count == count }),
      coordinates.count == parameters.count,
      coordinates.allSatisfy({ $0.values.count == count }),
      features.values.count == contexts.count * featureCount, Set(contexts).count == contexts.count,
      context.values.allSatisfy({ contexts.indices.contains(Int($0)) }),
      limits.count == self.limits.count, limits.allSatisfy({ limitedNames.contains($0.metric) }),
      metricNames.contains(objective)
    else { return nil }
    for (parameter, column) in zip(parameters, coordinates) {
      guard let values = parameter.valueCount else { continue }
      // Absent values are negative infinity; others are places among the parameter's values.
      let isKnown = column.values.allSatisfy { !$0.isFinite || ($0 >= 0 && $0 < Double(values)) }
      guard isKnown else { return nil }
    }
    let designs = LoggedDesigns(
      designs: DesignColumns(
        names: parameters.map(\.name),
        columns: zip(parameters, coordinates).map { OfflineLog.column($0, $1.values) }),
      contexts: contexts.enumerated().map { index, name in
        let start = index * featureCount
        return WorkloadContext(
          name: name, features: Array(features.values[start..<(start + featureCount)]))
      },
      featureNames: featureNames, context: context.values.map { Int($0) }, cost: cost.values,
      works: works.values.map { $0 != 0 },
      metrics: zip(limitedNames, limitedValues).map {
        LoggedDesigns.MeasuredMetric(name: $0, values: $1.values)
      }, limits: limits)
    return OfflineStudy(
      file: file, space: space, metrics: zip(metricNames, metricUnits).map { Metric($0, unit: $1) },
      offline: OfflineLog(
        designs: designs, objective: Objective(isMaximized ? .maximize : .minimize, objective),
        isInverted: isInverted, failedCount: failedCount,
        coordinates: coordinates.map(\.values)))
  }
}
