import Execution
import Foundation
import GaussianProcesses
import LinearAlgebra

/// One quantity, as far as it was measured, and how its Gaussian process is made.
struct ModelHead: Sendable {
  /// What the numbers are.
  enum Kind: Hashable, Sendable {
    /// Costs, of which small ones matter.
    case cost
    /// A metric with a limit at a bound.
    case limited(bound: Double)
  }

  /// What a fit at a number of observations found.
  private struct Checkpoint: Sendable {
    var count: Int
    var warp: MetricWarp
    var parameters: KernelParameters
  }

  /// Most observations that parameters are fitted to.
  static let fittedRowLimit = 250
  /// Most of those that warps are compared on.
  static let comparedRowLimit = 100

  /// Most observations that trends of other studies are tried with: beyond, they cost more than they gave (accelerator problems
  /// with another workload as source, 60 evaluations).
  static let transferredRowLimit = 30
  /// What a trend has to gain in mean log density of held-out observations: its slope has seen them.
  static let transferMargin = 0.05

  let kind: Kind
  let kernel: Kernel
  private(set) var values: [Double] = []
  private(set) var trials: [Int] = []
  /// What a cheap model says of the same designs.
  private(set) var readings: [Double?] = []
  private var rows: [Double] = []
  private var checkpoint: Checkpoint?

  init(_ kind: Kind, kernel: Kernel) {
    self.kind = kind
    self.kernel = kernel
  }

  var count: Int { values.count }

  mutating func add(row: [Double], value: Double, trial: Int, reading: Double? = nil) {
    rows += row
    readings.append(reading)
    values.append(value)
    trials.append(trial)
  }

  /// The warp of the first `count` observations by their range alone.
  func plainWarp(_ count: Int) -> MetricWarp { makeWarp(Array(values.prefix(count))) }

  /// The first `limit` observations of chosen trials as rows and warped targets.
  func table(_ warp: MetricWarp, limit: Int, _ isChosen: (Int) -> Bool) -> (
    points: Matrix, targets: [Double], trials: [Int]
  ) {
    let chosen = values.indices.filter { isChosen(trials[$0]) }.prefix(limit)
    let width = kernel.columnCount
    var numbers: [Double] = []
    for index in chosen { numbers += rows[(index * width)..<((index + 1) * width)] }
    return (
      Matrix(rowCount: chosen.count, columnCount: width, values: numbers),
      chosen.map { warp.warped(values[$0]) }, chosen.map { trials[$0] }
    )
  }

  /// The process conditioned on the observations of chosen trials.
  ///
  /// - Returns: `nil` with fewer than two observations.
  mutating func model(using isChosen: (Int) -> Bool) -> HeadModel? {
    guard count >= 2 else { return nil }
    bringUpToDate()
    return conditioned(using: isChosen)
  }

  /// The same, or the residual of a trend of other studies, or a process shared with them, where that predicts held-out observations
  /// clearly better.
  ///
  /// Above `transferredRowLimit` observations trends are left out.
  /// - Complexity: a fit for every trend.
  mutating func model(
    using isChosen: (Int) -> Bool, fromSources sources: SourceProcesses, sharing isShared: Bool
  ) -> HeadModel? {
    guard let cold = model(using: isChosen) else { return nil }
    let points = cold.process.observations.points
    let targets = cold.process.observations.targets
    guard !sources.processes.isEmpty, targets.count <= Self.transferredRowLimit else {
      return followingCheapModel(cold, readings: indices(isChosen).map { readings[$0] })
    }
    var best = cold
    var bestScore = cold.leaveOneOutScore + Self.transferMargin
    for trend in SourceTrend.candidates(sources.processes, rows: points, targets: targets) {
      let residuals = zip(targets, trend.values(at: points)).map { $0 - $1 }
      guard let observations = try? Observations(points: points, targets: residuals) else {
        continue
      }
      let process = GaussianProcess.fitted(
        to: observations, kernel: kernel, warmStart: cold.process.parameters,
        options: Self.options(startCount: 1))
      let model = HeadModel(warp: cold.warp, process: process, trend: trend)
      let score = model.leaveOneOutScore
      if score > bestScore {
        best = model
        bestScore = score
      }
    }
    if isShared, let model = sources.sharing(cold, options: Self.options(startCount: 1)) {
      let score = model.leaveOneOutScore
      if score > bestScore { best = model }
    }
    guard best.trend == nil, best.context == nil else { return best }
    return followingCheapModel(cold, readings: indices(isChosen).map { readings[$0] })
  }

  private func indices(_ isChosen: (Int) -> Bool) -> [Int] {
    values.indices.filter { isChosen(trials[$0]) }
  }

  /// The same observations as what a cheap model is off by, where that predicts held-out ones better; else the model itself.
  ///
  /// The gain has to be more than a parameter fitted to as many observations gains by chance.
  /// - Complexity: two fits.
  func followingCheapModel(_ cold: HeadModel, readings: [Double?]) -> HeadModel {
    guard let scale = CheapScale(readings) else { return cold }
    let targets = cold.process.observations.targets
    let scaled = scale.scaled(readings)
    let slope = SourceTrend.shrunkenSlope(scaled, targets)
    guard slope > 0, SourceTrend.kendall(scaled, targets) > 0 else { return cold }
    var best = cold
    var bestScore = cold.leaveOneOutScore + 1 / Double(targets.count)
    for isColumn in [false, true] {
      let trend = CheapTrend(scale: scale, slope: slope, isColumn: isColumn)
      let residuals = zip(targets, scaled).map { $0 - slope * $1 }
      let points = trend.extended(cold.process.observations.points, readings)
      guard let observations = try? Observations(points: points, targets: residuals) else {
        continue
      }
      var kernel = cold.process.kernel
      if isColumn {
        kernel.design = Kernel.Block(groups: kernel.design.groups + [kernel.design.groupCount])
      }
      var options = Self.options(startCount: 1)
      options.rowLimit = Self.comparedRowLimit
      let process = GaussianProcess.fitted(
        to: observations, kernel: kernel,
        warmStart: isColumn ? nil : cold.process.parameters, options: options)
      let model = HeadModel(warp: cold.warp, process: process, cheap: trend)
      let score = model.leaveOneOutScore
      if score > bestScore {
        best = model
        bestScore = score
      }
    }
    return best
  }

  private func conditioned(using isChosen: (Int) -> Bool) -> HeadModel? {
    let warp = checkpoint?.warp ?? makeWarp(values)
    let indices = values.indices.filter { isChosen(trials[$0]) }
    let parameters = checkpoint?.parameters ?? Self.unfitted(kernel)
    guard let observations = observations(indices, warp) else { return nil }
    let process = GaussianProcess(
      kernel: kernel, parameters: parameters, observations: observations)
    return HeadModel(warp: warp, process: process)
  }

  /// A process fitted to and conditioned on the lowest values alone, at most `fittedRowLimit` of them.
  ///
  /// - Returns: `nil` with fewer than eight observations.
  func lowestModel(count: Int) -> HeadModel? {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    let chosen = order.prefix(min(count, Self.fittedRowLimit)).sorted()
    guard chosen.count >= 8 else { return nil }
    return model(of: chosen, kernel).map {
      followingCheapModel($0, readings: chosen.map { readings[$0] })
    }
  }

  /// A process fitted to and conditioned on chosen trials alone, the lowest `fittedRowLimit` of them, with one length
  /// scale for all columns: where few designs were seen, at the ends of a range most of all, scales of their own say too soon
  /// that a parameter does not matter.
  ///
  /// - Returns: `nil` with fewer than four observations.
  func regionalModel(using isChosen: (Int) -> Bool) -> HeadModel? {
    let order = values.indices.filter { isChosen(trials[$0]) }
      .sorted { (values[$0], $0) < (values[$1], $1) }
    guard order.count >= 4 else { return nil }
    let shared = Kernel(
      design: Kernel.Block(groups: [Int](repeating: 0, count: kernel.columnCount)))
    return model(of: order.prefix(Self.fittedRowLimit).sorted(), shared)
  }

  private func model(of chosen: [Int], _ kernel: Kernel) -> HeadModel? {
    var head = ModelHead(kind, kernel: kernel)
    let width = kernel.columnCount
    for index in chosen {
      head.add(
        row: Array(rows[(index * width)..<((index + 1) * width)]), value: values[index],
        trial: trials[index])
    }
    head.checkpoint = head.coldFit(chosen.count)
    return head.conditioned(using: { _ in true })
  }

  private mutating func bringUpToDate() {
    let all = RefitSchedule.checkpoints(for: count)
    guard let last = all.last, checkpoint?.count != last else { return }
    let done = checkpoint.flatMap { all.firstIndex(of: $0.count) }
    for count in all[(done.map { $0 + 1 } ?? 0)...] {
      checkpoint = count == all[0] ? coldFit(count) : warmFit(count)
    }
  }

  private func coldFit(_ count: Int) -> Checkpoint? {
    let indices = fittedRows(count)
    let known = Array(values.prefix(count))
    let forms = MetricWarp.candidates(for: known, around: center(of: known))
    guard count >= 8, forms.count > 1 else {
      return fit(indices, makeWarp(known), count, from: nil)
    }
    // The likelihood of the raw values decides: that of the warped ones times the slope of the warp.
    var best: (score: Double, warp: MetricWarp)?
    let compared = Array(indices.prefix(Self.comparedRowLimit))
    for form in forms {
      let warp = MetricWarp(form, known)
      guard let observations = observations(compared, warp) else { continue }
      let process = GaussianProcess.fitted(
        to: observations, kernel: kernel, options: Self.options(startCount: 1))
      let slopes = compared.reduce(0) { $0 + warp.logSlope(values[$1]) }
      let score = process.logMarginalLikelihood + slopes
      if best.map({ score > $0.score }) ?? true { best = (score, warp) }
    }
    return fit(indices, best?.warp ?? makeWarp(known), count, from: nil)
  }

  private func warmFit(_ count: Int) -> Checkpoint? {
    let known = Array(values.prefix(count))
    guard let checkpoint else { return nil }
    let warp = MetricWarp(checkpoint.warp.form, known)
    return fit(fittedRows(count), warp, count, from: checkpoint.parameters)
  }

  private func fit(
    _ indices: [Int], _ warp: MetricWarp, _ count: Int, from start: KernelParameters?
  ) -> Checkpoint? {
    guard let observations = observations(indices, warp) else { return nil }
    let process = GaussianProcess.fitted(
      to: observations, kernel: kernel, warmStart: start, options: Self.options(startCount: 3))
    return Checkpoint(count: count, warp: warp, parameters: process.parameters)
  }

  private static func options(startCount: Int) -> FitOptions {
    var options = FitOptions()
    options.startCount = startCount
    options.screeningRowLimit = 150
    options.priors.noise = LogNormalPrior(location: -6, scale: 2)
    return options
  }

  private static func unfitted(_ kernel: Kernel) -> KernelParameters {
    let scale = exp(2.0.squareRoot() - 3) * Double(kernel.design.groupCount).squareRoot()
    return KernelParameters(
      lengths: [Double](repeating: max(0.3, scale), count: kernel.design.groupCount),
      amplitude: 1, linear: kernel.hasLinear ? 0.1 : 0, constant: kernel.hasConstant ? 0.3 : 0,
      noise: 1e-3)
  }

  private func makeWarp(_ values: [Double]) -> MetricWarp {
    let smallest = values.min() ?? 0
    let isWide = smallest > 0 && (values.max() ?? 0) >= 8 * smallest
    return MetricWarp(isWide ? .log : .linear, values)
  }

  private func center(of values: [Double]) -> Double {
    if case .limited(let bound) = kind { return bound }
    return values.min() ?? 0
  }

  /// At most `fittedRowLimit` of the first observations, drawn by a stream of their number.
  private func fittedRows(_ count: Int) -> [Int] {
    guard count > Self.fittedRowLimit else { return Array(0..<count) }
    var generator = Seed(0).child("fitted rows", count).generator()
    var indices = Array(0..<count)
    for place in 0..<Self.fittedRowLimit {
      indices.swapAt(place, place + generator.index(below: count - place))
    }
    return indices.prefix(Self.fittedRowLimit).sorted()
  }

  private func observations(_ indices: [Int], _ warp: MetricWarp) -> Observations? {
    let width = kernel.columnCount
    var numbers: [Double] = []
    numbers.reserveCapacity(indices.count * width)
    for index in indices { numbers += rows[(index * width)..<((index + 1) * width)] }
    return try? Observations(
      points: Matrix(rowCount: indices.count, columnCount: width, values: numbers),
      targets: indices.map { warp.warped(values[$0]) })
  }
}

/// A conditioned process and the warp of its targets.
struct HeadModel: Sendable {
  let warp: MetricWarp
  var process: GaussianProcess
  /// What the process is the residual of.
  var trend: SourceTrend?
  /// The cheap model that the process is the residual of.
  var cheap: CheapTrend?
  /// What the process takes the study for, where it has seen other studies, too, before the observations of this one.
  var context: (columns: [Double], earlierCount: Int)?

  /// Warped means and variances at rows of features.
  ///
  /// - Parameter readings: What the cheap model says there, if there is one.
  func prediction(at rows: Matrix, readings: [Double?]? = nil) -> (
    mean: [Double], variance: [Double]
  ) {
    let own = process.prediction(at: extended(rows, readings))
    if let cheap, let readings {
      return (zip(own.mean, cheap.mean(readings)).map { $0 + $1 }, own.variance)
    }
    guard let trend else { return (own.mean, own.variance) }
    return (zip(own.mean, trend.values(at: rows)).map { $0 + $1 }, own.variance)
  }

  /// The mean logarithm of the density of every target of this study predicted from all others.
  var leaveOneOutScore: Double {
    let prediction = process.leaveOneOut()
    let targets = process.observations.targets.dropFirst(context?.earlierCount ?? 0)
    var sum = 0.0
    for (index, target) in zip(targets.indices, targets) {
      let deviation = prediction.variance[index].squareRoot()
      let u = (target - prediction.mean[index]) / deviation
      sum += SpecialFunctions.logNormalDensity(u) - log(deviation)
    }
    return sum / Double(max(1, targets.count))
  }

  func warped(_ value: Double) -> Double { warp.warped(value) }

  /// Rows as the process takes them.
  func extended(_ rows: Matrix, _ readings: [Double?]?) -> Matrix {
    if let context { return rows.appending(copiesOf: context.columns) }
    guard let cheap, let readings else { return rows }
    return cheap.extended(rows, readings)
  }

  /// Believes its own mean at rows, as if it had been measured there.
  mutating func believe(at plain: Matrix, readings: [Double?]? = nil) {
    let rows = extended(plain, readings)
    guard let more = try? Observations(points: rows, targets: process.mean(at: rows)) else {
      return
    }
    process = process.appending(more)
  }
}
