public import Execution

/// A network with its weights: encoded designs in, standardized costs out, lower is better.
public struct SurrogateNetwork: Sendable {
  /// Its shape.
  public let architecture: NetworkArchitecture
  /// All weights, in the order of the layers.
  public let weights: [Float]
  let plan: NetworkPlan

  /// Creates a network with random weights.
  ///
  /// - Throws: `SurrogateError.architecture`, see `NetworkArchitecture.validated()`.
  public init(_ architecture: NetworkArchitecture, seed: Seed) throws(SurrogateError) {
    let plan = try Self.plan(architecture)
    self.init(plan, weights: plan.layout.initialWeights(seed))
  }

  /// Creates a network with given weights.
  ///
  /// - Throws: `SurrogateError.architecture`, also for another number of weights.
  public init(_ architecture: NetworkArchitecture, weights: [Float]) throws(SurrogateError) {
    let plan = try Self.plan(architecture)
    guard weights.count == plan.layout.count else {
      throw .architecture(
        size: "weights", got: "\(weights.count)", expected: "\(plan.layout.count)")
    }
    self.init(plan, weights: weights)
  }

  init(_ plan: NetworkPlan, weights: [Float]) {
    self.plan = plan
    self.weights = weights
    architecture = plan.architecture
  }

  static func plan(_ architecture: NetworkArchitecture) throws(SurrogateError) -> NetworkPlan {
    let plan = NetworkPlan(try architecture.validated())
    guard plan.layout.count <= NetworkArchitecture.largestWeightCount else {
      throw .architecture(
        size: "weights", got: "\(plan.layout.count)",
        expected: "at most \(NetworkArchitecture.largestWeightCount)")
    }
    return plan
  }

  /// Rows that are predicted at once.
  static let chunk = 256

  /// Predictions, one a row.
  ///
  /// - Parameters:
  ///   - inputs: `n x inputWidth`, encoded designs.
  ///   - contexts: The context of every row as an index into the table; empty without contexts.
  ///   - contextFeatures: `contextCount x contextWidth`; empty without contexts.
  /// - Complexity: O(*n weights*); memory for 256 rows.
  public func predictions(
    of inputs: [Float], contexts: [Int32] = [], contextFeatures: [Float] = []
  ) -> [Float] {
    let width = architecture.inputWidth
    precondition(inputs.count % width == 0, "rows have inputWidth numbers")
    let count = inputs.count / width
    let contextWidth = architecture.contextWidth
    let contextCount = contextWidth == 0 ? 0 : contextFeatures.count / contextWidth
    precondition(
      contextWidth == 0 || contexts.count == count, "every row has a context where there are any")
    precondition(
      contextWidth == 0 || contexts.allSatisfy { $0 >= 0 && $0 < contextCount },
      "contexts are in the table")
    let workspace = NetworkWorkspace(
      plan.slots, rowCapacity: min(count, Self.chunk), contextCapacity: contextCount)
    var result = [Float](repeating: 0, count: count)
    var generator = Seed(0).generator()
    inputs.withUnsafeBufferPointer { inputs in
      contexts.withUnsafeBufferPointer { contexts in
        contextFeatures.withUnsafeBufferPointer { features in
          weights.withUnsafeBufferPointer { weights in
            result.withUnsafeMutableBufferPointer { result in
              guard let inputs = inputs.baseAddress, let weights = weights.baseAddress,
                let result = result.baseAddress
              else { return }
              for start in stride(from: 0, to: count, by: Self.chunk) {
                // Nothing is written to the gradients in a forward pass.
                let pass = Pass(
                  weights: weights, gradients: result, workspace: workspace,
                  rowCount: min(Self.chunk, count - start), contextCount: contextCount)
                let batch = Batch(
                  inputs: inputs + start * width,
                  contexts: contextWidth == 0 ? nil : contexts.baseAddress.map { $0 + start },
                  contextFeatures: contextWidth == 0 ? nil : features.baseAddress)
                plan.forward(pass, batch, to: result + start, using: &generator)
              }
            }
          }
        }
      }
    }
    return result
  }
}
