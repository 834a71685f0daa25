import DesignSpace
import Execution
import Foundation
import Study
import Testing

@testable import Surrogate

/// What a surrogate's files are made of: equal after reading, the same predictions bit for bit, and damage is told.
@Suite struct SurrogateFileTests {
  private func copy<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  @Test func valuesAreReadAsTheyWereWritten() throws {
    var shape = AttentionShape()
    shape.layerCount = 3
    shape.dropoutRate = 0.3
    let trunks: [NetworkArchitecture.Trunk] = [.none, .dense(77), .attention(shape)]
    for trunk in trunks {
      let architecture = NetworkArchitecture(
        blockWidths: [3, 1, 9], contextWidth: 4, trunk: trunk, hiddenWidths: [5, 6],
        expertCount: 2, headDropoutRate: 0.1)
      #expect(try copy(architecture) == architecture)
    }
    for holdOut in [HoldOut.none, .random(share: 0.1), .best(share: 0.25)] {
      #expect(try copy(holdOut) == holdOut)
    }
    for selection in TrainingOptions.Selection.allCases {
      #expect(try copy([selection]) == [selection])
    }
    var loss = ConservativeLoss()
    loss.negativeWeight = 0.1
    loss.rankingWeight = 0.3
    #expect(try copy(loss) == loss)
  }

  @Test func scalesMapBitForBitAlike() throws {
    for seed in 0..<10 as Range<UInt64> {
      var generator = Seed(seed).generator()
      let costs = (0..<200).map { _ in exp(3 * generator.normal()) }
      for kind in TargetScale.Kind.allCases {
        let scale = try TargetScale(fitting: costs, kind: kind)
        let again = try copy(scale)
        #expect(again == scale)
        for _ in 0..<20 {
          let number = 3 * generator.normal()
          #expect(again.cost(of: number).bitPattern == scale.cost(of: number).bitPattern)
        }
      }
    }
  }

  private func trained(_ steps: Int) throws -> SurrogateTraining {
    let data = try SurrogateProblems.bowlData(90)
    var training = try SurrogateTraining(
      data, architecture: SurrogateProblems.smallPerceptron(data, expertCount: 2),
      options: SurrogateProblems.quickOptions(steps), seed: Seed(3))
    try training.run()
    return training
  }

  @Test func checkpointsPredictBitForBitAlike() throws {
    let training = try trained(30)
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("surrogate-\(UUID().uuidString).dvs").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try training.write(to: file)
    let data = training.data
    var again = try SurrogateTraining(
      data, architecture: training.plan.architecture,
      options: SurrogateProblems.quickOptions(30), seed: Seed(3))
    try again.resume(from: file)
    let rows = data.encoding.rows(of: data.points)
    let one = training.network.predictions(of: rows)
    let two = again.network.predictions(of: rows)
    #expect(one.map(\.bitPattern) == two.map(\.bitPattern))
    #expect(Set(one).count > 10)
  }

  /// The hash fits, the header does not.
  @Test func damagedHeadersAreTold() throws {
    let training = try trained(4)
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("surrogate-\(UUID().uuidString).dvs").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try training.write(to: file)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    func complaint(_ change: (inout [UInt8]) -> Void) -> String? {
      var changed = Array(bytes.dropLast(8))
      change(&changed)
      var digest = Digest()
      digest.add(changed)
      changed += (0..<8).map { UInt8(truncatingIfNeeded: digest.value >> (8 * $0)) }
      do {
        _ = try SurrogateCheckpoint(changed, file: "c.dvs")
        return nil
      } catch {
        return error.description
      }
    }
    let again = "\nhint: delete the file and train again"
    let start = SurrogateCheckpoint.magic.count + 12
    #expect(complaint { _ in } == nil)
    #expect(
      complaint { $0[start] = UInt8(ascii: "[") }
        == "c.dvs: header: got unreadable JSON, expected that of version 1" + again)
    #expect(
      complaint { $0[start - 1] = 1 }?
        .hasPrefix("c.dvs: length of the header: got 72057594037") == true)
    let count = training.plan.layout.count
    let lists = training.state.best == nil ? 3 : 4
    #expect(
      complaint { $0.removeLast(4) }
        == "c.dvs: size: got \(bytes.count - 4) bytes, expected \(lists) lists of \(count) weights"
        + " after the header" + again)
  }
}
