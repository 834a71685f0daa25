public import Accelerator
public import Workload

/// Imperfect factors by way of a rounder layer: bounds are rounded up, mapped with perfect factors, and the last iterations
/// end early.
///
/// A bound of 13 has no factors; rounded up to 14 or 16 it fills an array of 7 or 8 columns. The mapping of the rounder layer
/// is a mapping of the layer itself whose loops have residuals, which the cost model counts exactly; the iterations that are
/// beyond the bound are not executed. ZigZag (Mei et al. 2021) and Timeloop's later mappers search uneven factors, too; they do
/// so directly, where this tries few roundings of all bounds at once and so finds some, not all, imperfect mappings.
public enum RoundedLayers {
  /// Most a bound may grow by, as a share.
  static let largestGrowth = 0.25

  /// Rounder layers to try on a machine, none equal to the layer itself or to each other.
  ///
  /// Bounds are rounded up to multiples of 2, 4, 8 or 16, and of the machine's fan-outs along X and Y, where that is at most a
  /// quarter more.
  /// - Returns: Layers in a fixed order; empty where every bound is round.
  public static func candidates(for layer: Layer, on architecture: Architecture) -> [Layer] {
    var grains = [2, 4, 8, 16]
    for index in architecture.levels.indices {
      let fanOut = architecture.fanOut(below: index)
      for size in [fanOut.x, fanOut.y] where size > 1 && !grains.contains(size) {
        grains.append(size)
      }
    }
    let bounds = layer.dimensions.map(\.bound)
    var seen: Set<[Int]> = [bounds]
    return grains.compactMap { grain in
      let rounded = bounds.map { Self.rounded($0, to: grain) }
      guard seen.insert(rounded).inserted else { return nil }
      let dimensions = zip(layer.dimensions, rounded).map {
        LoopDimension(name: $0.name, bound: $1)
      }
      return try? Layer(name: layer.name, dimensions: dimensions, operands: layer.operands)
    }
  }

  private static func rounded(_ bound: Int, to grain: Int) -> Int {
    let next = (bound + grain - 1) / grain * grain
    let most = Double(bound) * (1 + largestGrowth)
    return Double(next) <= most && next <= Layer.largestBound ? next : bound
  }

  /// A mapping of a rounder layer as one of the layer itself.
  ///
  /// In the iteration space of the rounder layer the last iteration of a bound has one digit for each loop; these digits
  /// are the residuals. An outermost loop is cut to its residual, since it has no outer loop that would let it run in full.
  /// - Parameters:
  ///   - mapping: A perfect mapping of a layer of the same dimensions with bounds at least as large.
  ///   - layer: The layer.
  ///   - architecture: The machine.
  /// - Throws: `MappingError` when the mapping is of something else.
  /// - Complexity: O(loops x dimensions).
  public static func mapping(
    _ mapping: Mapping, as layer: Layer, on architecture: Architecture
  ) throws(MappingError) -> Mapping {
    // What is left of the last iteration's place, from the innermost loop outwards.
    var places = layer.dimensions.map { $0.bound - 1 }
    var nests = mapping.nests
    func cut(_ loops: [Loop]) -> [Loop] {
      var result = loops
      for index in loops.indices.reversed() {
        let loop = loops[index]
        let digit = places[loop.dimension] % loop.factor
        places[loop.dimension] /= loop.factor
        // Nothing is left outside: this loop never runs in full.
        let factor = places[loop.dimension] == 0 ? digit + 1 : loop.factor
        result[index] = Loop(dimension: loop.dimension, factor: factor, residual: digit + 1)
      }
      return result
    }
    for level in nests.indices.reversed() {
      nests[level].spatialX = cut(nests[level].spatialX)
      nests[level].spatialY = cut(nests[level].spatialY)
      nests[level].temporal = cut(nests[level].temporal)
    }
    return try Mapping(nests: nests, for: layer, on: architecture)
  }
}
