import Accelerator
import Technology
import Testing

@testable import Workflows

/// What the prediction of another network rests on, all of it checked on AlexNet.
@Suite struct EyerissModelTests {
  /// Table III of the paper, all seven parameters of all five layers, from either order of the criteria.
  @Test(arguments: EyerissMappingRule.Priority.allCases)
  func ruleGivesThePublishedMappings(priority: EyerissMappingRule.Priority) {
    for layer in EyerissFigures.alexNet {
      let rule = EyerissMappingRule(
        shape: layer.shape, batch: EyerissFigures.batch, priority: priority)
      #expect(rule.choice == layer.mapping, "\(layer.name)")
    }
  }

  /// A layer whose kernel does not fit the scratchpad has no mapping.
  @Test func ruleFindsNothingForAKernelThatIsTooLarge() {
    var shape = EyerissFigures.alexNet[0].shape
    shape.kernel = 13
    #expect(EyerissMappingRule(shape: shape, batch: 1).choice == nil)
    #expect(
      "\(SiliconValidationError.noMapping(layer: "X"))"
        == "layer \"X\": got no row-stationary mapping that fits the chip, expected at least one")
  }

  /// Words from an independent implementation: passes of the paper, a halo per strip, filters in every pass.
  @Test func offChipWordsAreThoseOfThePasses() throws {
    let machine = try EyerissMachine(library: .shipped, bufferBandwidth: .init())
    let runs = try EyerissWork.alexNet.map { try EyerissRun(of: $0, on: machine) }
    #expect(
      runs.map(\.offChipWords.filters) == [1_115_136, 1_228_800, 884_736, 663_552, 442_368])
    #expect(
      runs.map(\.offChipWords.inputs) == [751_824, 738_048, 1_382_400, 1_036_800, 691_200])
    #expect(
      runs.map(\.offChipWords.outputs) == [1_161_600, 746_496, 259_584, 259_584, 173_056])
  }

  @Test func fitIsDecidedByAlexNetAlone() throws {
    let transfers = try EyerissValidation(timeBasis: .computeAndTransfers)
    let compute = try EyerissValidation(timeBasis: .compute)
    print(transfers.layers.map(\.offChipMegabytes), transfers.layers.map(\.milliseconds), transfers.time.mean, transfers.fitted.mean, transfers.leaveOneOut.mean, compute.time.mean, compute.fitted.mean, compute.leaveOneOut.mean, transfers.switchingFactor, transfers.idleEnergyPerCycle, transfers.averageMilliwatts)
  }
}
