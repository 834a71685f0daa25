import CoDesign
import Foundation

/// What the networks of a co-search cost on one machine, both definitions of the energy-delay product.
public struct CoSearchCost: Sendable {
  /// One network.
  public struct NetworkCost: Sendable {
    /// Energy in pJ.
    public var energy = 0.0
    /// Latency in cycles.
    public var cycles = 0.0
    /// Sum over layers of energy times latency, in pJ cycles.
    public var sumOfLayerEDPs = 0.0

    /// (Sum of energy) x (sum of latency) in pJ cycles.
    public var networkEDP: Double { energy * cycles }

    /// The product by one of its definitions, in pJ cycles.
    public func edp(_ definition: CoSearchFile.Definition) -> Double {
      definition == .network ? networkEDP : sumOfLayerEDPs
    }
  }

  /// By network.
  public var networks: [NetworkCost]

  /// Adds up layers.
  ///
  /// - Parameter costs: One a distinct layer.
  init(_ layers: CoSearchLayers, costs: [MappingCost]) {
    networks = layers.uses.map { uses in
      uses.reduce(into: NetworkCost()) { sum, use in
        let count = Double(use.count)
        sum.energy += count * costs[use.job].energy
        sum.cycles += count * costs[use.job].cycles
        sum.sumOfLayerEDPs += count * costs[use.job].energyDelayProduct
      }
    }
  }

  /// What is minimized.
  ///
  /// - Parameter reference: Cost of the baseline, for shares of it.
  func objective(_ file: CoSearchFile, reference: CoSearchCost?) -> Double {
    let products = networks.map { $0.edp(file.edp) }
    guard products.count > 1 else { return products[0] }
    let shares = zip(products, reference?.networks.map { $0.edp(file.edp) } ?? products)
      .map { $0 / $1 }
    switch file.across {
    case .geometricMean:
      return exp(products.reduce(0) { $0 + log($1) } / Double(products.count))
    case .weightedSum: return zip(shares, file.weights).reduce(0) { $0 + $1.0 * $1.1 }
    case .worst: return shares.max() ?? .infinity
    }
  }
}
