import BayesianOptimization
import DesignSpace
import Execution
import Study
import Testing

@testable import Workflows

@Suite struct DesignerChoiceTests {
  /// Reference: the best designs of the other workload, by its own values.
  @Test(arguments: DesignerChoice.allCases)
  func everyDesignerBeginsWithTheBestOfOtherWorkloads(choice: DesignerChoice) throws {
    let sample = try StudyProblem(limit: 10)
    defer { sample.remove() }
    let trials = try (0..<20).map { index in
      let (a, b) = (index % 10, index / 10)
      return try sample.trial(
        index, a, b, [Double(100 - index), index == 19 ? 11 : 5], context: "other")
    }
    let others = TransferredStudies([
      TransferredStudies.Source(name: "other", trials: trials, isSameWorkload: false)
    ])
    var warm = choice.designer(for: sample.problem, seed: Seed(1), after: others)
    var generator = Seed(2).generator()
    let first = try warm.suggest(count: 1, using: &generator)
    // The 19th has the lowest cost within the limit.
    #expect(first == [try sample.point(8, 1)])
    var cold = choice.designer(for: sample.problem, seed: Seed(1))
    let designs = try cold.suggest(count: 3, using: &generator)
    #expect(Set(designs).count == 3)
    #expect(DesignerChoice.names.contains(choice.rawValue))
  }
}
