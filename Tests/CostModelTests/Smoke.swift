import Testing
@testable import CostModel
@Test func nothing() { #expect(CostTerms.countingOnly.networks) }
