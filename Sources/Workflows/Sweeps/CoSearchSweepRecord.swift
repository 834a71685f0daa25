import Study

/// What a sweep of co-searches found in one step, as the run folder keeps it.
struct CoSearchSweepRecord: Codable, Sendable {
  /// What one network costs.
  struct Network: Codable, Sendable {
    /// Energy in pJ.
    var energy: Double
    /// Latency in cycles.
    var cycles: Double
    /// Sum over layers of energy times latency, in pJ cycles.
    var sumOfLayerEDPs: Double
  }

  /// A machine on which all layers run.
  struct Machine: Codable, Sendable {
    /// As the study defines it.
    var objective: Double
    /// By quantity of `Source.limited`; what is undefined for the machine is absent.
    var quantities: [Double?]
    /// Names and values of the active parameters.
    var names: [String]
    var values: [String]
    var networks: [Network]
    /// By distinct layer, of the best machine of a step; otherwise absent.
    var schedules: [KeptSchedule]?
  }

  /// What all steps share, for the report.
  struct Source: Codable, Sendable {
    var networks: [String]
    /// The quantities that are limited: those that move, then those that are fixed, then the resources.
    var limited: [String]
    /// Limits that hold in every step.
    var fixed: [String]
    var unit: String
    var method: String
    var space: String
    /// Evaluations of mappings a layer and machine.
    var mappingCount: Int
    var layerCount: Int
  }

  var source: Source
  /// Machines tried.
  var machineCount: Int
  /// Evaluations of mappings.
  var evaluationCount: Int
  /// The machines that run all layers, in order, and at the end the best one after it was mapped again.
  var machines: [Machine]
  /// Why nothing was tried; `nil` where something was.
  var reason: String?
  /// The most frequent reason of machines that cannot run, with its count.
  var commonReason: String?
}

/// The baseline of a sweep of co-searches.
struct CoSearchSweepBaseline: Codable, Sendable {
  /// With one search a layer: the median.
  var once: Double
  /// The best of as many searches as all steps have machines.
  var best: Double
  /// By quantity of `CoSearchSweepRecord.Source.limited`.
  var quantities: [Double?]
}
