import DesignSpace
import Execution
import Foundation

/// Moves designs to lower predicted costs, one parameter at a time, by the gradient of the network at their columns.
///
/// The gradient estimates what every other value of every parameter would change: `g . (new columns - old columns)`. A
/// move is drawn with a probability in proportion to `exp(-change / (2 temperature))` and taken when it is legal.
///
/// Differs from the source: no Metropolis correction, since negatives need not follow a distribution. Differs from
/// PRIME's release, which adds the gradient of the first design of a batch to all of them and leaves the one-hot corners.
/// - SeeAlso: Grathwohl et al. 2021, "Oops I took a gradient: scalable sampling for discrete distributions", equation 3.
struct GradientMoves {
  let options: NegativeMining.GradientOptions
  let encoding: InputEncoding
  private let block: Buffer<Float>

  private struct Candidate {
    var parameter: Int
    var coordinate: Double
    var change: Double
  }

  init(_ options: NegativeMining.GradientOptions, _ encoding: InputEncoding) {
    self.options = options
    self.encoding = encoding
    block = Buffer(encoding.width, 0)
  }

  /// Moves designs `moveCount` times; they are left in the rows of the buffers from `start` on.
  ///
  /// - Parameter contexts: One a design, already in the buffers' rows.
  func move(
    _ designs: [[Double]], _ buffers: TrainingBuffers, at start: Int,
    using generator: inout SeededGenerator
  ) {
    var designs = designs
    for (index, design) in designs.enumerated() {
      encoding.write(design, to: buffers.inputs.base + (start + index) * encoding.width)
    }
    for _ in 0..<options.moveCount {
      buffers.differentiateInputs(start..<(start + designs.count))
      for index in designs.indices {
        let row = (start + index) * encoding.width
        let candidates = candidates(designs[index], buffers.inputGradients.base + row)
        // A few draws, because the likeliest moves may be illegal.
        for _ in 0..<4 {
          guard let choice = draw(candidates, using: &generator) else { break }
          var changed = designs[index]
          changed[choice.parameter] = choice.coordinate
          let completed = encoding.space.completed(changed, using: &generator)
          guard let point = encoding.space.point(coordinates: completed),
            encoding.space.isLegal(point)
          else { continue }
          designs[index] = point.coordinates
          encoding.write(point.coordinates, to: buffers.inputs.base + row)
          break
        }
      }
    }
  }

  /// What every single change is estimated to do.
  private func candidates(_ design: [Double], _ gradient: UnsafePointer<Float>) -> [Candidate] {
    var candidates: [Candidate] = []
    for (parameter, block) in encoding.blocks.enumerated() where design[parameter].isFinite {
      let old = value(design[parameter], parameter, gradient)
      let coordinates: [Double]
      if case .oneHot(let count, _) = block.kind {
        coordinates = (0..<count).map(Double.init).filter { $0 != design[parameter] }
      } else {
        coordinates = encoding.space.neighborCoordinates(of: parameter, from: design[parameter])
      }
      for coordinate in coordinates {
        candidates.append(
          Candidate(
            parameter: parameter, coordinate: coordinate,
            change: value(coordinate, parameter, gradient) - old))
      }
    }
    return candidates
  }

  /// The gradient times the columns of one parameter.
  private func value(_ coordinate: Double, _ parameter: Int, _ gradient: UnsafePointer<Float>)
    -> Double
  {
    encoding.write(coordinate, of: parameter, to: block.base)
    let columns = encoding.blocks[parameter].columns
    return Double(
      Loops.dot(
        block.base + columns.lowerBound, gradient + columns.lowerBound, columns.count))
  }

  private func draw(_ candidates: [Candidate], using generator: inout SeededGenerator)
    -> Candidate?
  {
    guard let best = candidates.min(by: { $0.change < $1.change }) else { return nil }
    guard options.temperature > 0 else { return best }
    let weights = candidates.map { exp((best.change - $0.change) / (2 * options.temperature)) }
    var rest = generator.unitInterval() * weights.reduce(0, +)
    for (candidate, weight) in zip(candidates, weights) {
      rest -= weight
      if rest < 0 { return candidate }
    }
    return best
  }
}
