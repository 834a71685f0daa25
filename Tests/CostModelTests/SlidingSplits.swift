import Accelerator
import TestSupport
import Workload

/// A convolution along one axis whose output dimension P is split three times, in every way up to small factors.
///
/// `M` is outermost, then a temporal loop over `P`, a fan-out over `P` (and `R` or not), and a second fan-out over
/// `P`; the level between the fan-outs keeps everything or nothing. Two levels inside keep everything.
enum SlidingSplits {
  static func all() throws -> [RandomProblem] {
    var problems: [RandomProblem] = []
    for time in loops(2...3) {
      for outer in loops(2...4) {
        for inner in loops(1...2) {
          for kernel in [1, 3] {
            for keepsBetween in [false, true] {
              problems.append(
                try problem([time, outer, inner], kernel: kernel, keepsBetween: keepsBetween))
            }
          }
        }
      }
    }
    return problems
  }

  /// Loops over `P` with every factor in the range and every residual.
  private static func loops(_ factors: ClosedRange<Int>) -> [Loop] {
    factors.flatMap { factor in
      (1...factor).map { Loop(dimension: 0, factor: factor, residual: $0) }
    }
  }

  private static func problem(_ p: [Loop], kernel: Int, keepsBetween: Bool) throws -> RandomProblem
  {
    let bound =
      (p[0].residual - 1) * p[1].factor * p[2].factor + (p[1].residual - 1) * p[2].factor
      + p[2].residual
    let term = { (d: Int) in Operand.Term(dimension: d) }
    let layer = try Layer(
      name: "splits",
      dimensions: [
        LoopDimension(name: "P", bound: bound), LoopDimension(name: "R", bound: kernel),
        LoopDimension(name: "M", bound: 2),
      ],
      operands: [
        Operand(name: "Inputs", axes: [.init(terms: [term(0), term(1)])], role: .input),
        Operand(
          name: "Weights", axes: [.init(terms: [term(1)]), .init(terms: [term(2)])], role: .input),
        Operand(
          name: "Outputs", axes: [.init(terms: [term(0)]), .init(terms: [term(2)])],
          role: .result),
      ])
    let meshes = [
      Mesh(x: 1, y: 1), Mesh(x: kernel, y: p[1].factor),
      Mesh(x: kernel, y: p[1].factor * p[2].factor),
      Mesh(x: kernel, y: p[1].factor * p[2].factor),
    ]
    let architecture = try Architecture(
      name: "splits",
      levels: meshes.enumerated().map { index, mesh in
        MemoryLevel(
          name: "level \(index)", kind: .sram, mesh: mesh, capacityWords: nil, wordBits: 8,
          energy: AccessEnergy(read: 1, fill: 1, update: 1))
      },
      compute: ComputeArray(name: "macs", mesh: meshes[2], wordBits: 8, energyPerOperation: 1))
    let mapping = try Mapping(
      nests: [
        LoopNest(
          temporal: [Loop(dimension: 2, factor: 2), p[0]],
          spatialX: [Loop(dimension: 1, factor: kernel)], spatialY: [p[1]],
          keeps: [true, true, true]),
        LoopNest(spatialY: [p[2]], keeps: Array(repeating: keepsBetween, count: 3)),
        LoopNest(keeps: [true, true, true]), LoopNest(keeps: [true, true, true]),
      ], for: layer, on: architecture)
    return RandomProblem(layer: layer, architecture: architecture, mapping: mapping)
  }
}
