import DesignSpace
import Execution
import Foundation
import Search

/// A firefly swarm that looks for the designs a changing model believes to be best, a batch of predictions at a time.
///
/// Forces are those of `FireflyDesigner`; all fireflies move at once, costs are the current model's, and a design may
/// come back, since it may have become good again. Only legal designs of the space are visited.
struct NegativeSwarm: Hashable, Sendable {
  struct Member: Hashable, Sendable, Codable {
    var coordinates: [Double]
    var context: Int32
    var perturbation: Double
  }

  private(set) var members: [Member]

  /// Draws legal designs; contexts take turns.
  ///
  /// - Throws: `DesignSpaceError.noLegalDesign`.
  init(
    _ options: NegativeMining.SwarmOptions, space: SearchSpace, contextCount: Int,
    using generator: inout SeededGenerator
  ) throws(DesignSpaceError) {
    members = []
    for index in 0..<options.count {
      members.append(
        Member(
          coordinates: try space.sampler.sample(using: &generator).coordinates,
          context: Int32(index % max(1, contextCount)),
          perturbation: options.forces.perturbation))
    }
  }

  init(_ members: [Member]) { self.members = members }

  /// Moves every firefly `moveCount` times and leaves the swarm in the rows of the buffers from `start` on.
  mutating func advance(
    _ options: NegativeMining.SwarmOptions, encoding: InputEncoding, _ buffers: TrainingBuffers,
    at start: Int, using generator: inout SeededGenerator
  ) {
    let rows = start..<(start + members.count)
    write(members.map(\.coordinates), encoding, buffers, start)
    guard options.moveCount > 0 else { return }
    buffers.predict(rows)
    var costs = rows.map { Double(buffers.predictions.base[$0]) }
    for _ in 0..<options.moveCount {
      let moves = proposals(options.forces, costs, encoding.space, using: &generator)
      write(
        moves.enumerated().map { $1 ?? members[$0].coordinates }, encoding, buffers, start)
      buffers.predict(rows)
      let best = costs.indices.min { costs[$0] < costs[$1] } ?? 0
      for (index, move) in moves.enumerated() {
        let cost = Double(buffers.predictions.base[start + index])
        if let move, cost < costs[index] {
          members[index].coordinates = move
          members[index].perturbation = options.forces.perturbation
          costs[index] = cost
        } else {
          members[index].perturbation *= options.forces.penalty
        }
        // The eagle flies on where a firefly has come to rest, unless it is the best one.
        if members[index].perturbation < options.forces.smallestPerturbation {
          members[index].perturbation = options.forces.perturbation
          if index != best, let point = try? encoding.space.sampler.sample(using: &generator) {
            members[index].coordinates = point.coordinates
            costs[index] = .infinity
          }
        }
      }
    }
    write(members.map(\.coordinates), encoding, buffers, start)
  }

  private func write(
    _ coordinates: [[Double]], _ encoding: InputEncoding, _ buffers: TrainingBuffers,
    _ start: Int
  ) {
    for (index, member) in members.enumerated() {
      encoding.write(
        coordinates[index], to: buffers.inputs.base + (start + index) * encoding.width)
      buffers.contexts.base[start + index] = member.context
    }
  }

  /// A legal move of every firefly; `nil` where the move is illegal or none.
  private func proposals(
    _ forces: FireflyDesigner.Options, _ costs: [Double], _ space: SearchSpace,
    using generator: inout SeededGenerator
  ) -> [[Double]?] {
    let parameters = space.parameters
    let isOrdered = parameters.map(\.isOrdered)
    let positions = members.map { member in
      parameters.indices.map { index in
        isOrdered[index] && member.coordinates[index].isFinite
          ? space.position(of: member.coordinates[index], parameter: index) : 0
      }
    }
    return members.indices.map { index in
      var coordinates = members[index].coordinates
      var moved = positions[index]
      for other in members.indices where other != index {
        let pull = costs[other] < costs[index] ? forces.gravity : -forces.negativeGravity
        let distance = squaredDistance(index, other, positions, isOrdered)
        for place in parameters.indices {
          let target = members[other].coordinates[place]
          guard coordinates[place].isFinite, target.isFinite else { continue }
          let reach = exp(-visibility(parameters[place], forces) * 10 * distance)
          if isOrdered[place] {
            moved[place] += pull * reach * (positions[other][place] - moved[place])
          } else if target != coordinates[place], generator.unitInterval() < pull * reach {
            coordinates[place] = target
          }
        }
      }
      return perturbed(
        coordinates, moved, members[index], forces, space, isOrdered, using: &generator)
    }
  }

  private func perturbed(
    _ start: [Double], _ positions: [Double], _ member: Member,
    _ forces: FireflyDesigner.Options, _ space: SearchSpace, _ isOrdered: [Bool],
    using generator: inout SeededGenerator
  ) -> [Double]? {
    var coordinates = start
    for place in coordinates.indices where coordinates[place].isFinite {
      if isOrdered[place] {
        let noise = 2 * generator.unitInterval() - 1
        let steps = space.parameters[place].valueCount.map {
          forces.discreteFactor / Double(max(1, $0 - 1))
        }
        coordinates[place] = space.coordinate(
          atPosition: positions[place] + noise * member.perturbation * max(1, steps ?? 1),
          parameter: place)
      } else if generator.unitInterval() < forces.categoricalFactor * member.perturbation / 10 {
        let choices = space.neighborCoordinates(of: place, from: coordinates[place])
        if !choices.isEmpty { coordinates[place] = choices[generator.index(below: choices.count)] }
      }
    }
    guard let point = space.point(coordinates: space.completed(coordinates, using: &generator)),
      point.coordinates != member.coordinates, space.isLegal(point)
    else { return nil }
    return point.coordinates
  }

  private func visibility(_ parameter: Parameter, _ forces: FireflyDesigner.Options) -> Double {
    switch parameter.domain {
    case .reals: forces.visibility
    case .integers, .levels: forces.discreteVisibility
    case .categories, .boolean, .permutations: forces.categoricalVisibility
    }
  }

  private func squaredDistance(
    _ a: Int, _ b: Int, _ positions: [[Double]], _ isOrdered: [Bool]
  ) -> Double {
    var sum = 0.0
    for place in isOrdered.indices {
      let (x, y) = (members[a].coordinates[place], members[b].coordinates[place])
      guard x != y else { continue }
      let difference =
        isOrdered[place] && x.isFinite && y.isFinite
        ? positions[a][place] - positions[b][place] : 1
      sum += difference * difference
    }
    return sum / Double(isOrdered.count)
  }
}
