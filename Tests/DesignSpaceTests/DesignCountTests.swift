import Execution
import Testing

@testable import DesignSpace

@Suite struct DesignCountTests {
  /// References: Python's integers.
  @Test func arithmeticIsExact() {
    let factorial = (1...60).reduce(DesignCount(1)) { $0 * DesignCount($1) }
    #expect(
      "\(factorial)"
        == "8320987112741390144276341183223364380754172606361245952449277696409600000000000000")
    #expect(abs(factorial.log10 - 81.9201748493902) < 1e-10)
    let power = (0..<40).reduce(DesignCount(1)) { count, _ in count * DesignCount(100) }
    #expect("\(power)" == "1" + String(repeating: "0", count: 80))
    #expect("\(power + factorial - factorial)" == "\(power)")
    let largest = DesignCount(Int.max) + DesignCount(Int.max)
    #expect("\(largest + DesignCount(2))" == "18446744073709551616")
    #expect("\(largest + DesignCount(2) - DesignCount(3))" == "18446744073709551613")
    #expect(factorial.share(of: factorial * DesignCount(8)) == 0.125)
    let huge = (0..<9).reduce(power) { count, _ in count * count }
    #expect(abs(huge.share(of: huge * DesignCount(4)) - 0.25) < 1e-9)
    #expect(DesignCount.zero.share(of: huge) == 0)
    #expect(power < factorial && !(factorial < power) && DesignCount(3) < power)
    #expect(DesignCount(7).integer == 7 && power.integer == nil)
  }

  @Test func drawsBelowACountAreUniform() {
    var generator = Seed(5).generator()
    // Three digits in base 2^64; which third a draw falls into.
    let third = DesignCount(Int.max) * DesignCount(Int.max) * DesignCount(12_345)
    let whole = third * DesignCount(3)
    var counts = [0, 0, 0]
    for _ in 0..<3_000 {
      let draw = whole.random(using: &generator)
      #expect(draw < whole)
      counts[draw < third ? 0 : draw < third + third ? 1 : 2] += 1
    }
    #expect(counts.allSatisfy { abs($0 - 1_000) < 110 }, "\(counts)")
  }
}
