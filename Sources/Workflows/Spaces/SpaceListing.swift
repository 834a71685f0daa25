public import DesignSpace
import Execution

/// What is in a design space: parameters, constraints, how many designs, some of them.
public struct SpaceListing: Sendable {
  /// The file.
  public let file: SpaceFile
  /// The space.
  public let space: SearchSpace
  /// Designs of the space, legal, uniform as far as `methods` say.
  public let samples: [Point]
  /// How many designs there are.
  public let size: SpaceSize
  /// How designs are drawn.
  public let methods: [SamplingMethod]
  /// Why there are no samples, if there are none.
  public let emptiness: String?
  /// The seed the samples are drawn with.
  public let seed: UInt64

  /// Counts and draws; an empty space is a listing, too.
  public init(of file: SpaceFile, sampleCount: Int, seed: UInt64) throws {
    self.file = file
    self.seed = seed
    space = try file.resolve()
    size = space.sampler.size
    methods = space.sampler.methods
    var generator = Seed(seed).child("samples").generator()
    do throws(DesignSpaceError) {
      // One more than asked for when none is, to know whether there is any.
      let drawn = try space.sample(count: max(1, sampleCount), using: &generator)
      samples = Array(drawn.prefix(sampleCount))
      emptiness = nil
    } catch {
      samples = []
      emptiness = error.problem
    }
  }
}
