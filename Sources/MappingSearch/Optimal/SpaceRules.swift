/// What a user's constraints leave of the choices of the certified search.
struct SpaceRules {
  init() {}

  func allowsOrder(_ level: Int, _ sequence: [Int]) -> Bool { true }
  func allowsLoops(_ level: Int, _ outer: Int, _ inner: Int, _ shapes: TileShapes) -> Bool { true }
  func allowsUse(_ level: Int, _ used: Int) -> Bool { true }
  func allowsTotal(_ used: Double) -> Bool { true }
  func allowsSplit(_ level: Int, _ dimension: Int, _ x: Int, _ y: Int) -> Bool { true }
  func innermostOrder(_ level: Int, _ dimensions: [Int]) -> [Int] { dimensions }
}
