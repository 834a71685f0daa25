import Accelerator
import Workload

/// A strip of output rows of one layer that the row-stationary mapping covers without a remainder.
struct EyerissPart {
  /// The rows of the layer in this part.
  var layer: Layer
  /// The PEs it is placed on.
  var mesh: Mesh
  var nests: [LoopNest]

  /// The parts of a layer.
  ///
  /// CONV1 has 55 output rows in strips of 7: 49 rows in full strips, then 6 in one strip of 6; both parts are perfect.
  /// Sets wider than the grid (CONV2 has 5 x 27 PEs), which the chip folds, and sets both beside and above each other
  /// lie on a flat grid of 168 x 1, which changes no count of this model (no network energies are on).
  static func parts(of work: EyerissWork) throws -> [EyerissPart] {
    let rows = work.shape.output
    let strip = work.mapping.e
    let full = rows / strip * strip
    var parts = [try part(of: work, rows: full, strip: strip)]
    if full < rows { parts.append(try part(of: work, rows: rows - full, strip: rows - full)) }
    return parts
  }

  private static func part(of work: EyerissWork, rows: Int, strip: Int) throws -> EyerissPart {
    let s = work.shape
    let map = work.mapping
    var shape = Layer.ConvolutionShape(
      inputChannels: s.channels, outputChannels: s.filters / s.groups, kernel: (s.kernel, s.kernel),
      output: (s.output, rows))
    shape.batch = work.batch
    shape.groups = s.groups
    shape.stride = (s.stride, s.stride)
    let layer = try Layer.convolution(name: work.name, shape)
    let array = Mesh(x: EyerissFigures.array.x, y: EyerissFigures.array.y)
    // One PE set is `kernel` rows by `strip` columns.
    let isTall = strip <= array.x && s.kernel * map.r * map.t <= array.y
    let isWide = map.r == 1 && map.t * strip <= array.x
    let mesh = isTall || isWide ? array : Mesh(x: array.count, y: 1)
    let x: [(String, Int)]
    let y: [(String, Int)]
    if isTall {
      (x, y) = ([("Q", strip)], [("M", map.t), ("C", map.r), ("S", s.kernel)])
    } else if isWide {
      (x, y) = ([("M", map.t), ("Q", strip)], [("S", s.kernel)])
    } else {
      (x, y) = ([("M", map.t), ("C", map.r), ("S", s.kernel), ("Q", strip)], [])
    }
    let loops = { (list: [(String, Int)]) in
      list.compactMap { name, factor in
        layer.dimensionIndex(named: name).map { Loop(dimension: $0, factor: factor) }
      }
    }
    return EyerissPart(
      layer: layer, mesh: mesh,
      nests: [
        LoopNest(
          temporal: loops([
            ("G", s.groups), ("M", s.filters / s.groups / map.m), ("N", shape.batch / map.n),
            ("Q", rows / strip), ("C", s.channels / (map.q * map.r)),
          ]), keeps: [true, true, true]),
        LoopNest(
          temporal: loops([("M", map.m / (map.p * map.t)), ("N", map.n), ("P", s.output)]),
          spatialX: loops(x), spatialY: loops(y), keeps: [false, true, true]),
        LoopNest(keeps: [false, true, false]),
        LoopNest(keeps: [true, false, false]),
        LoopNest(
          temporal: loops([("C", map.q), ("R", s.kernel), ("M", map.p)]),
          keeps: [false, false, true]),
      ])
  }
}
