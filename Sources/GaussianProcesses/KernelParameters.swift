import Foundation

/// The numbers that a fit finds: length scales and variances, all positive.
public struct KernelParameters: Hashable, Sendable {
  /// One length scale per group of design columns, in units of the coordinates.
  public var lengths: [Double]
  /// One length scale per group of context columns.
  public var contextLengths: [Double]
  /// The variance `a` of the stationary part.
  public var amplitude: Double
  /// The variance `v` of the weights of the linear part; 0 without one.
  public var linear: Double
  /// The variance `c` of the constant; 0 without one.
  public var constant: Double
  /// The variance `o` of a context's own level; 0 without one.
  public var contextOffset: Double
  /// The variance of an observation around the function.
  public var noise: Double

  /// Creates parameters.
  public init(
    lengths: [Double], contextLengths: [Double] = [], amplitude: Double = 1, linear: Double = 0,
    constant: Double = 0, contextOffset: Double = 0, noise: Double
  ) {
    let all = lengths + contextLengths + [amplitude, noise]
    precondition(all.allSatisfy { $0 > 0 && $0.isFinite }, "lengths and variances are positive")
    precondition(
      linear >= 0 && constant >= 0 && contextOffset >= 0, "variances are not negative")
    self.lengths = lengths
    self.contextLengths = contextLengths
    self.amplitude = amplitude
    self.linear = linear
    self.constant = constant
    self.contextOffset = contextOffset
    self.noise = noise
  }

  /// The parameters of a kernel from their logarithms, in the order of `logarithms(for:)`.
  init(logarithms: [Double], kernel: Kernel) {
    var rest = logarithms.map { exp($0) }[...]
    lengths = Array(rest.prefix(kernel.design.groupCount))
    rest = rest.dropFirst(lengths.count)
    contextLengths = Array(rest.prefix(kernel.context?.groupCount ?? 0))
    rest = rest.dropFirst(contextLengths.count)
    amplitude = rest.popFirst() ?? 1
    linear = kernel.hasLinear ? rest.popFirst() ?? 0 : 0
    constant = kernel.hasConstant ? rest.popFirst() ?? 0 : 0
    contextOffset = kernel.hasContextOffset ? rest.popFirst() ?? 0 : 0
    noise = rest.popFirst() ?? 1
  }

  /// Design lengths, context lengths, `a`, then those of `v`, `c`, `o` that the kernel has, then the noise.
  func logarithms(for kernel: Kernel) -> [Double] {
    var values = lengths + contextLengths + [amplitude]
    if kernel.hasLinear { values.append(linear) }
    if kernel.hasConstant { values.append(constant) }
    if kernel.hasContextOffset { values.append(contextOffset) }
    return (values + [noise]).map { log($0) }
  }

  /// Whether these are parameters of a kernel.
  func fit(_ kernel: Kernel) -> Bool {
    lengths.count == kernel.design.groupCount
      && contextLengths.count == (kernel.context?.groupCount ?? 0)
  }
}
