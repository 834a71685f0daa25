import LinearAlgebra
import Testing

@Suite(.serialized) struct BLASRuntimeTests {
  @Test func oneThreadIsKept() {
    BLASRuntime.useOneThread()
    #expect(BLASRuntime.threadCount == 1)
  }

  @Test func kernelHasAName() {
    #expect(!BLASRuntime.kernelName.isEmpty)
  }
}
