import Foundation
import Quantities

extension ComponentLibrary {
  /// Silicon area per bit and nanometer of node name, in um^2, macro with its read logic.
  ///
  /// Against published chips the rule is off by -6 % (7 nm, TPU v4i), -2 % (16 nm, NVDLA), +11 and +19 % (22 nm,
  /// Gemmini; the node is unverified), -1 % (28 nm, NVDLA) and +40 % (45 nm, EIE), so it ends at 28 nm.
  public static let areaPerBitAndNanometer = 0.014
  /// The published bit cell of 7 nm, in um^2: no SRAM bit is smaller.
  static let smallestBitCell = 0.027
  /// Silicon over CACTI at 45 nm; EIE's three memories show 1.09, 1.10 and 1.20.
  static let siliconOverCACTI = 1.15

  /// Area of an SRAM.
  ///
  /// At 28 nm and below the rule above; at 45 nm and above CACTI times `siliconOverCACTI`, `ln`-interpolated between
  /// its nodes; between 28 and 45 nm `ln`-interpolated between the two over `ln` node. CACTI alone would be too small
  /// below 45 nm, because its bit cell of 146 F^2 shrinks faster than real ones. A bank of 512 bytes or less takes
  /// twice as much, falling to once at 2 KB linearly over `ln` size (planning choice: such macros are all periphery).
  func area(
    of request: SRAMRequest, macros: Int, bankBytes: Double, nanometers: Double
  ) throws(TechnologyError) -> Area {
    let bits = 8 * request.bytes * Double(macros)
    let rule = { (nanometers: Double) in
      max(Self.areaPerBitAndNanometer * nanometers, Self.smallestBitCell) * bits * 1e-6
    }
    let last = 28.0
    let first = 45.0
    guard nanometers > last else {
      return Area(squareMillimeters: rule(nanometers) * Self.smallBankFactor(bankBytes))
    }
    let array = try array(request, nanometers: max(nanometers, first)).point
    let scaled = exp(array.area) * Double(macros) * Self.siliconOverCACTI
    let share = min(1, log(nanometers / last) / log(first / last))
    let area = share == 1 ? scaled : exp(mixed(log(rule(last)), log(scaled), share: share))
    return Area(squareMillimeters: area * Self.smallBankFactor(bankBytes))
  }

  /// 2 up to 512 bytes, 1 from 2 KB on.
  static func smallBankFactor(_ bytes: Double) -> Double {
    2 - min(max(log(bytes / 512) / log(4), 0), 1)
  }
}
