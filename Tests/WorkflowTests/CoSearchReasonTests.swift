import Testing

@testable import Workflows

/// Machines that fail by the same level of the same layer are one bar, whatever they have.
@Suite struct CoSearchReasonTests {
  @Test(arguments: [
    (
      "hidden: layer \"DQN-K1\": ifmap_spad: layer \"DQN-K1\" needs at least 8 words (Inputs 8), has 1",
      "layer \"DQN-K1\": ifmap_spad"
    ),
    (
      "layer \"a: b\": GLB: layer \"c\" needs at least 8 words (Inputs 8), has 1",
      "layer \"a: b\": GLB: layer \"c\""
    ),
    ("hidden: crash: exit status 3", "crash: exit status 3"),
    ("limit: area_mm2 <= 2", "limit: area_mm2 <= 2"),
    (" needs at least ", ""), ("", ""),
  ])
  func reasonsAreOfTheSameKind(reason: String, kind: String) {
    #expect(CoSearchFinding.kind(ofReason: reason) == kind)
  }
}
