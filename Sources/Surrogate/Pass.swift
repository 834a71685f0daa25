/// Rows a network sees at once; borrowed memory.
struct Batch {
  /// `rowCount x inputWidth`, encoded designs.
  let inputs: UnsafePointer<Float>
  /// The context of every row, an index into the table; `nil` for networks without contexts.
  let contexts: UnsafePointer<Int32>?
  /// `contextCount x contextWidth`.
  let contextFeatures: UnsafePointer<Float>?
}

/// What the layers of a network share while a batch runs through them.
struct Pass {
  /// Weights, in the order of the layout.
  let weights: UnsafePointer<Float>
  /// Gradients by weight, which a backward pass adds to.
  let gradients: UnsafeMutablePointer<Float>
  let workspace: NetworkWorkspace
  /// Rows of the batch.
  let rowCount: Int
  /// Rows of the table of contexts, 0 without contexts.
  let contextCount: Int
  /// Whether numbers are dropped out.
  var isTraining = false
  /// Whether a backward pass computes gradients of the weights of dense layers; others always get theirs.
  var hasWeightGradients = true
}
