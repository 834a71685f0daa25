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
    let index = contexts.firstIndex { $0.name == context.name }
    let points = encoding.encode(designs)
    let count = points.rowCount
    let features = contextEncoding.encode(Self.columns(of: [context], names: featureNames))
    let plain = points.appending(
      columns: features.rows([Int](repeating: 0, count: count)))
    var opinions: [(String, [Double])] = []
    func add(_ member: CommitteeMember, _ values: [Double]?) {
      if options.members.contains(member), let values { opinions.append((member.rawValue, values)) }
    }
    var feasibilities: [Double]
    let isSeen = index.map { !bestCosts[$0].isNaN || local[$0].hasModels } ?? false
    if let index, isSeen {
      let labelled = self.labelled(plain, index)
      for (member, values) in local[index].opinions(at: points) { add(member, values) }
      if let pooled {
        let ridge = pooled.ridge?.predictions(at: plain)
        add(.pooledRidge, ridge)
        add(.pooledBoostedTrees, pooled.boosted?.predictions(at: labelled))
        add(.pooledForest, pooled.forest?.predictions(at: labelled))
        if let ridge, let process = local[index].pooledRidgeProcess {
          add(.pooledRidgeProcess, zip(ridge, process.means(at: points)).map { $0 + $1 })
        }
        add(.pooledProcess, pooled.process?.means(at: plain))
      }
      feasibilities = feasibility.probabilities(at: labelled)
    } else {
      opinions = strangerOpinions(plain: plain, points: points, features: features)
      feasibilities = averageOverLabels(plain) { feasibility.probabilities(at: $0) }
    }
    if opinions.isEmpty { opinions = [("none", [Double](repeating: 0, count: count))] }
    let standing = Judgment.standing(opinions.map(\.1), feasibilities)
    return Judgment(
      predictions: opinions.map(\.1), memberNames: opinions.map(\.0), feasibility: feasibilities,
      standing: standing)
  }

  /// The joint uncertainty of designs for a workload, in squared units of the targets.
  ///
  /// That of the process of what the pooled polynomial leaves, else of the workload's own process, else independent
  /// errors of half the usual spread.
  func covariance(of designs: DesignColumns, for context: WorkloadContext) -> Matrix {
    let points = encoding.encode(designs)
    if let index = contexts.firstIndex(where: { $0.name == context.name }) {
      let models = local[index]
      if let process = models.pooledRidgeProcess ?? models.process ?? models.ridgeProcess {
        return process.covariance(at: points)
      }
    }
    if let process = pooled?.process {
      let features = contextEncoding.encode(Self.columns(of: [context], names: featureNames))
      return process.covariance(
        at: points.appending(
          columns: features.rows([Int](repeating: 0, count: points.rowCount))))
    }
    return Matrix(
      diagonal: [Double](repeating: 0.25 * spread * spread, count: points.rowCount))
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
    let points = encoding.encode(designs)
    if let index = contexts.firstIndex(where: { $0.name == context.name }) {
      let models = local[index]
      if let process = models.pooledRidgeProcess ?? models.process ?? models.ridgeProcess {
        return process.deviations(at: points)
      }
    }
    if let process = pooled?.process {
      let features = contextEncoding.encode(Self.columns(of: [context], names: featureNames))
      return process.deviations(
        at: points.appending(
          columns: features.rows([Int](repeating: 0, count: points.rowCount))))
    }
    return [Double](repeating: 0.5 * spread, count: points.rowCount)
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

  /// Opinions on a workload without rows: the pooled models, and the nearest known workloads, each as one opinion.
  private func strangerOpinions(plain: Matrix, points: Matrix, features: Matrix)
    -> [(String, [Double])]
  {
    var result: [(String, [Double])] = []
    func add(_ member: CommitteeMember, _ values: [Double]?) {
      if options.members.contains(member), let values { result.append((member.rawValue, values)) }
    }
    if let pooled {
      add(.pooledRidge, pooled.ridge?.predictions(at: plain))
      add(
        .pooledBoostedTrees,
        pooled.boosted.map { model in averageOverLabels(plain) { model.predictions(at: $0) } })
      add(
        .pooledForest,
        pooled.forest.map { model in averageOverLabels(plain) { model.predictions(at: $0) } })
      add(.pooledProcess, pooled.process?.means(at: plain))
    }
    for index in nearestContexts(to: features) {
      var opinions = local[index].opinions(at: points).map(\.1)
      if let ridge = pooled?.ridge, let process = local[index].pooledRidgeProcess {
        opinions.append(
          zip(ridge.predictions(at: plain), process.means(at: points)).map { $0 + $1 })
      }
      guard !opinions.isEmpty else { continue }
      let mean =
        points.rowCount == 0
        ? []
        : (0..<points.rowCount).map { row in
          opinions.reduce(0) { $0 + $1[row] } / Double(opinions.count)
        }
      result.append(("workload \(contexts[index].name)", mean))
    }
    return result
  }

  /// Up to four known workloads with models: the nearest by features, all in order where there are no features.
  private func nearestContexts(to features: Matrix) -> [Int] {
    let usable = contexts.indices.filter { local[$0].hasModels }
    guard contextEncoding.featureCount > 0 else { return Array(usable.prefix(8)) }
    let known = contextEncoding.encode(Self.columns(of: contexts, names: featureNames))
    let distances = usable.map { index in
      zip(known.row(index), features.row(0)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    return usable.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(4)
      .map { usable[$0] }
  }
}

extension LocalModels {
  /// Whether anything was learned.
  var hasModels: Bool {
    ridge != nil || boosted != nil || forest != nil || process != nil || pooledRidgeProcess != nil
  }

  /// The predictions of the local members.
  func opinions(at points: Matrix) -> [(CommitteeMember, [Double])] {
    var result: [(CommitteeMember, [Double])] = []
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
