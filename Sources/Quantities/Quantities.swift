/// An amount of energy, stored in picojoules.
public struct Energy: Hashable, Comparable, Sendable {
  /// The amount in pJ.
  public var picojoules: Double

  /// Creates an energy from picojoules.
  public init(picojoules: Double) { self.picojoules = picojoules }

  /// No energy.
  public static let zero = Energy(picojoules: 0)

  /// The sum.
  public static func + (a: Energy, b: Energy) -> Energy {
    Energy(picojoules: a.picojoules + b.picojoules)
  }
  /// Adds in place.
  public static func += (a: inout Energy, b: Energy) { a = a + b }
  /// An energy scaled by a number.
  public static func * (factor: Double, energy: Energy) -> Energy {
    Energy(picojoules: factor * energy.picojoules)
  }
  /// The dimensionless ratio.
  public static func / (a: Energy, b: Energy) -> Double { a.picojoules / b.picojoules }
  /// Order by amount.
  public static func < (a: Energy, b: Energy) -> Bool { a.picojoules < b.picojoules }
}

/// A number of clock cycles.
public struct Cycles: Hashable, Comparable, Sendable {
  /// The number of cycles.
  public var count: Int

  /// Creates a duration from a number of cycles.
  public init(_ count: Int) { self.count = count }

  /// The sum.
  public static func + (a: Cycles, b: Cycles) -> Cycles { Cycles(a.count + b.count) }
  /// Order by duration.
  public static func < (a: Cycles, b: Cycles) -> Bool { a.count < b.count }
}

/// The product of energy and latency, in pJ times cycles.
public struct EnergyDelayProduct: Hashable, Comparable, Sendable {
  /// The product in pJ cycles.
  public var picojouleCycles: Double

  /// Multiplies an energy and a latency.
  public init(_ energy: Energy, _ latency: Cycles) {
    picojouleCycles = energy.picojoules * Double(latency.count)
  }

  /// Order by value.
  public static func < (a: Self, b: Self) -> Bool { a.picojouleCycles < b.picojouleCycles }
}

/// An area of silicon, stored in square millimetres.
public struct Area: Hashable, Comparable, Sendable {
  /// The area in mm^2.
  public var squareMillimeters: Double

  /// Creates an area from mm^2.
  public init(squareMillimeters: Double) { self.squareMillimeters = squareMillimeters }

  /// No area.
  public static let zero = Area(squareMillimeters: 0)

  /// The sum.
  public static func + (a: Area, b: Area) -> Area {
    Area(squareMillimeters: a.squareMillimeters + b.squareMillimeters)
  }
  /// Adds in place.
  public static func += (a: inout Area, b: Area) { a = a + b }
  /// An area scaled by a number.
  public static func * (factor: Double, area: Area) -> Area {
    Area(squareMillimeters: factor * area.squareMillimeters)
  }
  /// Order by size.
  public static func < (a: Area, b: Area) -> Bool { a.squareMillimeters < b.squareMillimeters }
}

/// A clock frequency, stored in megahertz.
public struct Frequency: Hashable, Comparable, Sendable {
  /// The frequency in MHz.
  public var megahertz: Double

  /// Creates a frequency from MHz.
  public init(megahertz: Double) { self.megahertz = megahertz }

  /// Duration of one cycle in ns.
  public var cycleNanoseconds: Double { 1_000 / megahertz }

  /// Milliseconds that a number of cycles takes.
  public func milliseconds(of cycles: Cycles) -> Double { Double(cycles.count) / megahertz / 1_000 }

  /// Order by frequency.
  public static func < (a: Self, b: Self) -> Bool { a.megahertz < b.megahertz }
}
