import LinearAlgebra
import Regression

/// What a committee says of designs for one workload.
public struct Judgment: Sendable {
  /// `models x designs`: predicted targets less the workload's median (of the known workloads' where it is new).
  public let predictions: [[Double]]
  /// What the models are called.
  public let memberNames: [String]
  /// For each design the probability that it works, in `[0.001, 1]`.
  public let feasibility: [Double]
  /// For each design the mean over models of predictions standardized over the designs, less the logarithm of the
  /// probability that it works; smaller is better.
  public let standing: [Double]
}

extension Committee {
  /// Judges designs for a workload of the log, or for one it has not seen.
  ///
  /// - Parameters:
  ///   - designs: Designs with the log's parameters.
  ///   - context: The workload; known by its name, else by its features.
  /// - Complexity: O(*designs* x *n*) per Gaussian process conditioned on *n* rows.
  public func judge(_ designs: DesignColumns, for context: WorkloadContext) -> Judgment {
    let points = encoding.encode(designs)
    let count = points.rowCount
    let features = contextEncoding.encode(Self.columns(of: [context], names: featureNames))
    let plain = points.appending(
      columns: features.rows([Int](repeating: 0, count: count)))
    var opinions: [Opinion]
    let feasibilities: [Double]
    if let index = seenIndex(of: context) {
      let labelled = self.labelled(plain, index)
      let models = local[index]
      opinions = models.opinions(at: points)
      opinions += pooledOpinions(plain, left: models.pooledRidgeProcess?.means(at: points)) {
        $0(labelled)
      }
      feasibilities = feasibility.probabilities(at: labelled, under: limits)
    } else {
      opinions = pooledOpinions(plain, left: nil) { averageOverLabels(plain, $0) }
      feasibilities = averageOverLabels(plain) { feasibility.probabilities(at: $0, under: limits) }
    }
    opinions = opinions.filter { options.members.contains($0.member) }
    var names = opinions.map(\.member.rawValue)
    var predictions = opinions.map(\.values)
    if seenIndex(of: context) == nil {
      for index in neighbors(of: context) {
        guard let mean = neighborOpinion(index, plain: plain, points: points) else { continue }
        names.append("workload \(contexts[index].name)")
        predictions.append(mean)
      }
    }
    if predictions.isEmpty {
      names = ["none"]
      predictions = [[Double](repeating: 0, count: count)]
    }
    return Judgment(
      predictions: predictions, memberNames: names, feasibility: feasibilities,
      standing: Judgment.standing(predictions, feasibilities))
  }

  /// What one member says of designs.
  typealias Opinion = (member: CommitteeMember, values: [Double])

  /// The index of a workload whose rows were learned from; `nil` for one to be judged by others.
  func seenIndex(of context: WorkloadContext) -> Int? {
    guard let index = contexts.firstIndex(where: { $0.name == context.name }) else { return nil }
    return medians[index].isNaN && !hasLocalModels[index] ? nil : index
  }

  /// The opinions of members that learned from all workloads.
  ///
  /// - Parameters:
  ///   - plain: `n x (d + f)`: design and workload features.
  ///   - left: What a process says the pooled polynomial leaves in the workload.
  ///   - ask: Asks a model whose rows carry labels.
  private func pooledOpinions(
    _ plain: Matrix, left: [Double]?, ask: ((Matrix) -> [Double]) -> [Double]
  ) -> [Opinion] {
    guard let pooled else { return [] }
    var result: [Opinion] = []
    let ridge = pooled.ridge?.predictions(at: plain)
    if let ridge { result.append((.pooledRidge, ridge)) }
    if let model = pooled.boosted {
      result.append((.pooledBoostedTrees, ask { model.predictions(at: $0) }))
    }
    if let model = pooled.forest {
      result.append((.pooledForest, ask { model.predictions(at: $0) }))
    }
    if let ridge, let left {
      result.append((.pooledRidgeProcess, zip(ridge, left).map { $0 + $1 }))
    }
    if let model = pooled.process { result.append((.pooledProcess, model.means(at: plain))) }
    return result
  }

  /// What a known workload's own models say of designs for another one: their mean, `nil` without models.
  private func neighborOpinion(_ index: Int, plain: Matrix, points: Matrix) -> [Double]? {
    var opinions = local[index].opinions(at: points).map(\.values)
    if let ridge = pooled?.ridge, let process = local[index].pooledRidgeProcess {
      opinions.append(
        zip(ridge.predictions(at: plain), process.means(at: points)).map { $0 + $1 })
    }
    guard !opinions.isEmpty else { return nil }
    return (0..<points.rowCount).map { row in
      opinions.reduce(0) { $0 + $1[row] } / Double(opinions.count)
    }
  }

  /// The workloads whose own models are needed to judge designs for a workload.
  public func workloadsAsked(for context: WorkloadContext) -> [Int] {
    seenIndex(of: context).map { [$0] } ?? neighbors(of: context)
  }

  /// The joint uncertainty of designs for a workload, in squared units of the targets.
  ///
  /// That of the process of what the pooled polynomial leaves, else of the workload's own process, else independent
  /// errors of half the usual spread.
  func covariance(of designs: DesignColumns, for context: WorkloadContext) -> Matrix {
    guard let (process, points) = uncertainty(of: designs, for: context) else {
      return Matrix(
        diagonal: [Double](repeating: 0.25 * spread * spread, count: designs.rowCount))
    }
    return process.covariance(at: points)
  }

  /// The process whose variance is the uncertainty of designs, with the designs as it sees them.
  private func uncertainty(of designs: DesignColumns, for context: WorkloadContext) -> (
    process: ScaledProcess, points: Matrix
  )? {
    let points = encoding.encode(designs)
    if let index = contexts.firstIndex(where: { $0.name == context.name }) {
      let models = local[index]
      if let process = models.pooledRidgeProcess ?? models.process ?? models.ridgeProcess {
        return (process, points)
      }
    }
    guard let process = pooled?.process else { return nil }
    let features = contextEncoding.encode(Self.columns(of: [context], names: featureNames))
    return (
      process,
      points.appending(columns: features.rows([Int](repeating: 0, count: points.rowCount)))
    )
  }

  /// What is predicted of designs for a workload, and how uncertain it is.
  ///
  /// - Returns: For each design the mean target over the models, and the deviation: between the models, and of the process
  ///   whose covariance is used for portfolios.
  /// - Complexity: that of judging, and O(*designs* x *n*^2) for a process conditioned on *n* rows.
  public func estimates(of designs: DesignColumns, for context: WorkloadContext) -> [(
    target: Double, deviation: Double
  )] {
    let judgment = judge(designs, for: context)
    let deviations = deviations(of: designs, for: context)
    let center = center(of: context)
    return (0..<designs.rowCount).map { row in
      let opinions = judgment.predictions.map { $0[row] }
      let mean = opinions.reduce(0, +) / Double(opinions.count)
      let between = standardDeviation(opinions)
      return (
        mean + center, (between * between + deviations[row] * deviations[row]).squareRoot()
      )
    }
  }

  private func deviations(of designs: DesignColumns, for context: WorkloadContext) -> [Double] {
    guard let (process, points) = uncertainty(of: designs, for: context) else {
      return [Double](repeating: 0.5 * spread, count: designs.rowCount)
    }
    return process.deviations(at: points)
  }

  func labelled(_ plain: Matrix, _ index: Int?) -> Matrix {
    guard hasLabels else { return plain }
    return plain.appending(
      columns: Self.labels([Int?](repeating: index, count: plain.rowCount), of: contexts.count))
  }

  /// The mean over the known workloads of what a model with labels says; the model's word where there are no labels.
  private func averageOverLabels(_ plain: Matrix, _ body: (Matrix) -> [Double]) -> [Double] {
    guard hasLabels else { return body(plain) }
    var sum = [Double](repeating: 0, count: plain.rowCount)
    for index in contexts.indices {
      for (row, value) in body(labelled(plain, index)).enumerated() {
        sum[row] += value / Double(contexts.count)
      }
    }
    return sum
  }

  /// Up to four known workloads with models: the nearest by features, all in order where there are no features.
  private func neighbors(of context: WorkloadContext) -> [Int] {
    let usable = contexts.indices.filter { hasLocalModels[$0] }
    guard contextEncoding.featureCount > 0 else { return Array(usable.prefix(8)) }
    let features = contextEncoding.encode(Self.columns(of: [context], names: featureNames))
    let known = contextEncoding.encode(Self.columns(of: contexts, names: featureNames))
    let distances = usable.map { index in
      zip(known.row(index), features.row(0)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    return usable.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(4)
      .map { usable[$0] }
  }
}

extension WorkloadModels {
  /// Whether anything was learned.
  var hasModels: Bool {
    ridge != nil || boosted != nil || forest != nil || process != nil || pooledRidgeProcess != nil
  }

  /// The predictions of the local members.
  func opinions(at points: Matrix) -> [Committee.Opinion] {
    var result: [Committee.Opinion] = []
    let polynomial = ridge?.predictions(at: points)
    if let polynomial { result.append((.ridge, polynomial)) }
    if let boosted { result.append((.boostedTrees, boosted.predictions(at: points))) }
    if let forest { result.append((.forest, forest.predictions(at: points))) }
    if let process { result.append((.process, process.means(at: points))) }
    if let polynomial, let ridgeProcess {
      result.append(
        (.ridgeProcess, zip(polynomial, ridgeProcess.means(at: points)).map { $0 + $1 }))
    }
    return result
  }
}
