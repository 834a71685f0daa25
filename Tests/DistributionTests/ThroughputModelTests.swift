import Foundation
import Testing

@testable import Distribution

@Suite struct ThroughputModelTests {
  /// Counted by hand: 1,000,000 evaluations of 1 s on 100 places.
  @Test func aMillionByHand() {
    let cost = ThroughputModel(placeCount: 100).cost(of: 1_000_000, seconds: 1)
    // Half a minute: 30 a task; 33,334 tasks; 1001 tasks an array hold 30,030 evaluations.
    #expect(cost.shardSize == 30)
    #expect(cost.taskCount == 33_334)
    #expect(cost.manifestCount == 34)
    // Results; manifest, script and events of each array; log and lease.
    #expect(cost.fileCount == 33_438)
    // 334 rounds of 30.4 s, to rounding.
    #expect(abs(cost.seconds - 10_153.6) < 1e-6)
    let share = 0.4 / 30.4
    #expect(abs(cost.overheadShare - share) < 1e-12)
    #expect(!cost.isBoundByRecording)
    // 260 MB, 10,000,200 and 34,000.
    #expect(cost.byteCount == 270_034_200)
  }

  @Test func tinyEvaluationsAreBoundByRecording() {
    let cost = ThroughputModel(placeCount: 100).cost(of: 1_000_000, seconds: 1e-6)
    #expect(cost.isBoundByRecording)
    #expect(abs(cost.seconds - 130) < 1e-9)
    // Four tasks a place at least.
    #expect(cost.taskCount >= 400)
  }

  @Test func longEvaluationsAreTasksOfTheirOwn() {
    let cost = ThroughputModel(placeCount: 100).cost(of: 1_000, seconds: 600)
    #expect(cost.shardSize == 1)
    #expect(cost.taskCount == 1_000)
    #expect(cost.manifestCount == 1)
  }

  /// What the guide prints is what the model says.
  @Test func theGuideShowsTheModel() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/dovetail/Dovetail.docc/Cluster.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let table = ThroughputModel(placeCount: 100).table
    #expect(text.contains(table), "expected in Cluster.md:\n\(table)")
  }
}
