import DesignSpace
import Execution
import Foundation
import Study
import Testing

@testable import Surrogate

@Suite(.serialized) struct SurrogateCheckpointTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("surrogate-\(UUID().uuidString)")

  private func withFolder(_ body: (String) throws -> Void) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appendingPathComponent("c.dvs").path)
  }

  private func make(_ steps: Int, seed: UInt64 = 1, rows: Int = 120) throws
    -> SurrogateTraining
  {
    let data = try SurrogateProblems.bowlData(rows)
    return try SurrogateTraining(
      data, architecture: SurrogateProblems.smallAttention(data),
      options: SurrogateProblems.quickOptions(steps), seed: Seed(seed))
  }

  private func read(_ file: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
  }

  @Test func interruptedTrainingsEndLikeOthersByteForByte() throws {
    try withFolder { file in
      var whole = try make(26)
      try whole.run()
      try whole.write(to: file)
      let expected = try read(file)
      for stop in [0, 1, 20, 25] {
        var first = try make(26)
        try first.run(until: stop)
        #expect(first.step == stop)
        try first.write(to: file)
        var second = try make(26)
        try second.resume(from: file)
        try second.run()
        try second.write(to: file)
        #expect(try read(file) == expected)
        #expect(second.network.weights == whole.network.weights)
        #expect(second.validations == whole.validations)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["c.dvs"])
    }
  }

  /// Conditional parameters are inactive in some designs of the swarm, real ones have all their digits.
  @Test func swarmsOfMixedSpacesSurvive() throws {
    try withFolder { file in
      let space = try SurrogateProblems.mixedSpace()
      var generator = Seed(1).generator()
      let trials = try space.sample(count: 40, using: &generator).enumerated().map {
        SurrogateProblems.trial($0, $1, .measured([Double($0 + 1), 0]))
      }
      let data = try SurrogateData(problem: SurrogateProblems.problem(space), trials: trials)
      func begin() throws -> SurrogateTraining {
        try SurrogateTraining(
          data, architecture: SurrogateProblems.smallPerceptron(data),
          options: SurrogateProblems.quickOptions(8), seed: Seed(1))
      }
      var whole = try begin()
      try whole.run()
      var first = try begin()
      try first.run(until: 4)
      try first.write(to: file)
      var second = try begin()
      try second.resume(from: file)
      #expect(second.state == first.state)
      try second.run()
      #expect(second.state == whole.state)
    }
  }

  @Test func trainingGoesOnWithMoreSteps() throws {
    try withFolder { file in
      var short = try make(5)
      try short.run()
      try short.write(to: file)
      var long = try make(9)
      try long.resume(from: file)
      try long.run()
      #expect(long.step == 9)
    }
  }

  @Test func otherTrainingsAreRefused() throws {
    try withFolder { file in
      var original = try make(3)
      try original.run()
      try original.write(to: file)
      let hint =
        "\nhint: resume with the data, seed and settings of the checkpoint, or use another file"
      func message(_ training: SurrogateTraining) -> String? {
        var training = training
        let before = training.state
        let error = #expect(throws: SurrogateError.self) { try training.resume(from: file) }
        #expect(training.state == before)
        return error?.description
      }
      #expect(
        message(try make(3, seed: 2)) == "\(file): seed: got 1, expected 2" + hint)
      #expect(
        message(try make(3, rows: 121))
          == "\(file): data: got other rows, targets or limits, expected the same" + hint)
      var other = try make(3)
      other.options.learningRate = 1
      #expect(message(other) == "\(file): settings: got other options, expected the same" + hint)
      let data = try SurrogateProblems.bowlData(120)
      let perceptron = try SurrogateTraining(
        data, architecture: SurrogateProblems.smallPerceptron(data),
        options: SurrogateProblems.quickOptions(3), seed: Seed(1))
      let count = original.plan.layout.count
      #expect(
        message(perceptron)
          == "\(file): network: got \(count) weights, expected \(perceptron.plan.layout.count) "
          + "weights of the same architecture" + hint)
    }
  }

  @Test func damagedAndForeignFilesAreNamed() throws {
    try withFolder { file in
      var original = try make(21)
      try original.run()
      try original.write(to: file)
      let bytes = try read(file)
      func message(_ bytes: [UInt8]) throws -> String? {
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        var training = try make(21)
        return #expect(throws: SurrogateError.self) { try training.resume(from: file) }?.description
      }
      let train = "\nhint: checkpoints are written while a surrogate is trained"
      #expect(
        try message([]) == "\(file): got an empty file, expected a checkpoint of a surrogate"
          + train)
      #expect(
        try message(Array("hello, world, this is no such file".utf8))
          == "\(file): got a file of something else, expected a checkpoint of a surrogate" + train)
      let again = "\nhint: delete the file and train again"
      #expect(
        try message(Array(bytes.prefix(30)))
          == "\(file): size: got 30 bytes, expected at least 40" + again)
      var newer = bytes
      newer[20] = 2
      #expect(
        try message(newer) == "\(file): got a checkpoint of version 2, expected at most 1\n"
          + "hint: update this program, or train again with it")
      for cut in [bytes.count / 2, bytes.count - 1] {
        let text = try #require(try message(Array(bytes.prefix(cut))))
        #expect(text.hasPrefix("\(file): hash: got "))
        #expect(text.hasSuffix(again))
      }
      try FileManager.default.removeItem(atPath: file)
      var training = try make(21)
      #expect(throws: SurrogateError.file(file: file, problem: "no such file")) {
        try training.resume(from: file)
      }
      let nowhere = folder.appendingPathComponent("absent/c.dvs").path
      #expect(
        throws: SurrogateError.file(
          file: nowhere, problem: "cannot be written: No such file or directory")
      ) { try training.write(to: nowhere) }
    }
  }

  /// Random damage with a right hash must not get past the checks of the header either.
  @Test func changedBytesNeverCrash() throws {
    var original = try make(2)
    try original.run()
    try withFolder { file in
      try original.write(to: file)
      let bytes = try read(file)
      var generator = Seed(9).generator()
      for _ in 0..<60 {
        var changed = bytes
        let end = generator.index(below: 3) == 0 ? bytes.count : 1_500
        for _ in 0...generator.index(below: 3) {
          changed[generator.index(below: end)] = UInt8(generator.index(below: 256))
        }
        if generator.index(below: 4) == 0 {
          changed.removeLast(generator.index(below: changed.count))
        }
        if changed.count >= 48 {
          var digest = Digest()
          digest.add(Array(changed.dropLast(8)))
          for index in 0..<8 {
            changed[changed.count - 8 + index] = UInt8(
              truncatingIfNeeded: digest.value >> (8 * index))
          }
        }
        var training = original
        if let checkpoint = try? SurrogateCheckpoint(changed, file: file) {
          try? training.restore(checkpoint, file: file)
          #expect(training.state.weights.count == original.state.weights.count)
        }
      }
    }
  }

  @Test func ensemblesDoNotDependOnThreads() throws {
    let data = try SurrogateProblems.bowlData(150)
    func ensemble(_ threadCount: Int) throws -> SurrogateEnsemble {
      var ensemble = try SurrogateEnsemble(count: 3, seed: Seed(5)) { seed in
        try SurrogateTraining(
          data, architecture: SurrogateProblems.smallPerceptron(data),
          options: SurrogateProblems.quickOptions(50), seed: seed)
      }
      var slices = 0
      try ensemble.run(threadCount: threadCount) { _ in slices += 1 }
      #expect(slices == 3)
      #expect(ensemble.isFinished)
      return ensemble
    }
    let one = try ensemble(1)
    let four = try ensemble(4)
    #expect(one.members.map(\.state) == four.members.map(\.state))
    #expect(Set(one.networks.map(\.weights)).count == 3)
    let surrogate = ConservativeSurrogate(one)
    let points = Array(data.points.prefix(20))
    let predictions = try surrogate.predictions(of: points)
    for (index, prediction) in predictions.enumerated() {
      let votes = one.networks.map {
        Double($0.predictions(of: data.encoding.row(of: points[index]))[0])
      }
      let mean = votes.reduce(0, +) / 3
      #expect(abs(prediction.standardized - mean) < 1e-5)
      #expect(prediction.deviation > 0)
      #expect(abs(prediction.cost / data.scales[0].cost(of: mean) - 1) < 1e-4)
    }
    #expect(
      throws: SurrogateError.option(name: "members", got: "0", expected: "a number in 1...1000")
    ) { try SurrogateEnsemble(count: 0, seed: Seed(1)) { _ in throw CancellationError() } }
  }

  @Test func cancelledTrainingsKeepWhatWasDone() async throws {
    let task = Task {
      var training = try make(100_000)
      var isCancelled = false
      do {
        try training.run { _ in withUnsafeCurrentTask { $0?.cancel() } }
      } catch is CancellationError {
        isCancelled = true
      }
      return (isCancelled, training)
    }
    let (isCancelled, training) = try await task.value
    #expect(isCancelled)
    #expect(training.step >= 20 && training.step <= 36)
    var again = try make(100_000)
    try again.run(until: training.step)
    #expect(again.state == training.state)
  }
}
