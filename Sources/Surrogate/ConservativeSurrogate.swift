public import DesignSpace
public import Study

/// What was learned from a log, to be asked about any design of the space in any context.
public struct ConservativeSurrogate: Sendable {
  /// What is known of the cost of a design.
  public struct Prediction: Hashable, Sendable {
    /// Mean of the members' standardized costs; designs of one context are ordered by it, lowest first.
    public let standardized: Double
    /// Deviation of the members' standardized costs; 0 with one member.
    public let deviation: Double
    /// The mean as a cost: in the unit of the metric, negative of metrics to maximize.
    ///
    /// In a context that was not trained on it is on the scale of the data's first context, good for ordering only.
    public let cost: Double
  }

  /// The networks, one a member.
  public let networks: [SurrogateNetwork]
  /// How designs are encoded.
  public let encoding: InputEncoding
  /// How contexts are encoded.
  public let contexts: ContextTable
  /// How costs are standardized.
  public let scales: [TargetScale]

  /// Takes over what an ensemble has learned.
  public init(_ ensemble: SurrogateEnsemble) {
    let data = ensemble.members[0].data
    networks = ensemble.networks
    encoding = data.encoding
    contexts = data.contexts
    scales = data.scales
  }

  /// Puts together networks that were read from a file and the data they were trained on.
  ///
  /// - Throws: `SurrogateError.architecture` for networks of other data, or none.
  public init(networks: [SurrogateNetwork], data: SurrogateData) throws(SurrogateError) {
    guard !networks.isEmpty else {
      throw .architecture(size: "networks", got: "none", expected: "at least one")
    }
    for network in networks where network.architecture.blockWidths != data.encoding.blockWidths {
      throw .architecture(
        size: "widths of blocks", got: "\(network.architecture.blockWidths)",
        expected: "\(data.encoding.blockWidths), those of the data")
    }
    for network in networks where network.architecture.contextWidth != data.contexts.width {
      throw .architecture(
        size: "context width", got: "\(network.architecture.contextWidth)",
        expected: "\(data.contexts.width), that of the data")
    }
    self.networks = networks
    encoding = data.encoding
    contexts = data.contexts
    scales = data.scales
  }

  /// Predicts designs in one context.
  ///
  /// - Throws: `SurrogateError.data` for a context the model can say nothing about.
  /// - Complexity: O(*points x weights*).
  public func predictions(of points: [Point], in context: Context = .single)
    throws(SurrogateError) -> [Prediction]
  {
    predictions(
      ofRows: encoding.rows(of: points), contextRow: try contexts.row(of: context), context)
  }

  /// Predicts designs given by values, also values that were never seen.
  ///
  /// - Returns: The predictions, and for every design what of it is unknown; tell the user about it.
  /// - Throws: `SurrogateError.data` for a context the model can say nothing about.
  public func predictions(ofValues designs: [[ParameterValue?]], in context: Context = .single)
    throws(SurrogateError) -> (predictions: [Prediction], unknown: [[UnknownValue]])
  {
    let encoded = designs.map { encoding.row(of: $0) }
    let rows = encoded.flatMap(\.row)
    let predictions = predictions(
      ofRows: rows, contextRow: try contexts.row(of: context), context)
    return (predictions, encoded.map(\.unknown))
  }

  private func predictions(ofRows rows: [Float], contextRow: [Float], _ context: Context)
    -> [Prediction]
  {
    let count = rows.count / encoding.width
    let table = contextRow
    let indices = [Int32](repeating: 0, count: table.isEmpty ? 0 : count)
    let votes = networks.map {
      $0.predictions(of: rows, contexts: indices, contextFeatures: table)
    }
    let known = contexts.contexts.firstIndex { $0.id == context.id } ?? 0
    let scale = scales.count == 1 ? scales[0] : scales[known]
    return (0..<count).map { row in
      let values = votes.map { Double($0[row]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance =
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count - 1))
      return Prediction(
        standardized: mean, deviation: variance.squareRoot(), cost: scale.cost(of: mean))
    }
  }
}
