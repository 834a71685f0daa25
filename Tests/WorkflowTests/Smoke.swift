import Testing
@testable import Workflows
@Test func nearestNameFindsTypos() { #expect(nearestName(to: "enery", among: ["energy", "area"]) == "energy") }
