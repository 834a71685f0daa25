import Accelerator

extension MappingEvaluator {
  func raggedCost(of mapping: Mapping) -> MappingOutcome { .illegal([]) }
}
