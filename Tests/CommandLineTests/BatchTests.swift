import Foundation
import Testing

@Suite struct BatchTests {
  static let good = #"""
    {"id":"g","arch":{"name":"a","compute":{"name":"MAC","instances":4,"mesh_x":2,"mesh_y":2,"word_bits":8,"energy_pj":1},"levels":[{"name":"DRAM","instances":1,"mesh_x":1,"mesh_y":1,"capacity_words":null,"word_bits":8,"block_size":1,"technology":"DRAM","energy_pj_per_vector_access":{"read":1,"fill":1,"update":1}}]},"problem":{"layer":"l","dims":{"C":2,"M":4},"coefficients":{},"data_spaces":{"Weights":{"projection":[[["C"]],[["M"]]],"read_write":false},"Inputs":{"projection":[[["C"]]],"read_write":false},"Outputs":{"projection":[[["M"]]],"read_write":true}},"macs":8},"mapping":{"levels":[{"temporal":[["C",2],["M",4]],"spatial_x":[],"spatial_y":[],"keep":["Weights","Inputs","Outputs"]}]}}
    """#

  @Test func linesAreAnsweredInOrderAndErrorsDoNotStopTheStream() throws {
    let tooWide = Self.good.replacingOccurrences(
      of: #""temporal":[["C",2],["M",4]],"spatial_x":[]"#,
      with: #""temporal":[["C",2]],"spatial_x":[["M",4]]"#
    ).replacingOccurrences(of: #""id":"g""#, with: #""id":7"#)
    let broken = #"{"id":"b","arch":{}}"#
    let input = [Self.good, "", tooWide, broken, "not json", Self.good].joined(separator: "\n")
    let result = try DovetailProcess.run(
      ["evaluate", "--batch", "-", "--fields", "valid,cycles,energy_pj"], input: input)
    #expect(result.code == 2)
    #expect(
      result.output == """
        {"id":"g","results":{"valid":true,"cycles":8,"energy_pj":36}}
        {"id":7,"results":{"valid":false,"failures":[{"level":"MAC","reason":"mapped max Arithmetic X expansion 4 exceeds hardware instances 2","need":4,"have":2}]}}
        {"id":"b","error":{"line":4,"field":"problem","message":"missing"}}
        {"id":null,"error":{"line":5,"field":"","message":"got null, expected \\"{\\""}}
        {"id":"g","results":{"valid":true,"cycles":8,"energy_pj":36}}

        """)
    #expect(
      result.errors
        == "error: -: 2 of 5 records could not be read\n"
        + "hint: their lines have an \"error\" member with line, field and message\n")
  }

  @Test func threadsDoNotChangeABit() throws {
    let input = (0..<3_000).map {
      Self.good.replacingOccurrences(of: #""id":"g""#, with: "\"id\":\($0)")
    }.joined(separator: "\n")
    let one = try DovetailProcess.run(["evaluate", "--batch", "-", "--threads", "1"], input: input)
    let three = try DovetailProcess.run(
      ["evaluate", "--batch", "-", "--threads", "3"], input: input)
    #expect(one.code == 0)
    #expect(one.output == three.output)
    #expect(one.output.split(separator: "\n").count == 3_000)
  }

  @Test func anEmptyStreamIsFine() throws {
    let result = try DovetailProcess.run(["evaluate", "--batch", "-"], input: "")
    #expect(result.code == 0)
    #expect(result.output == "")
  }

  @Test func aLineThatIsTooLongIsAnErrorOfItsOwn() throws {
    let long = "{\"id\":\"" + String(repeating: "x", count: 7 << 20) + "\"}"
    let result = try DovetailProcess.run(
      ["evaluate", "--batch", "-", "--fields", "cycles"], input: "\(long)\n\(Self.good)\n")
    #expect(result.code == 2)
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.last == #"{"id":"g","results":{"cycles":8}}"#)
  }
}

@Suite struct InterruptTests {
  @Test func oneRecordIsAnsweredBeforeTheNextIsSent() throws {
    let process = Process()
    process.executableURL = DovetailProcess.executable
    process.arguments = ["evaluate", "--batch", "-", "--fields", "cycles"]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<3 {
      try input.fileHandleForWriting.write(contentsOf: Data("\(BatchTests.good)\n".utf8))
      let answer = output.fileHandleForReading.availableData
      #expect(
        String(decoding: answer, as: UTF8.self) == "{\"id\":\"g\",\"results\":{\"cycles\":8}}\n")
    }
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func anInterruptedStreamKeepsWhatWasAnsweredAndExitsWith130() throws {
    let process = Process()
    process.executableURL = DovetailProcess.executable
    process.arguments = ["evaluate", "--batch", "-", "--fields", "cycles"]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data("\(BatchTests.good)\n".utf8))
    let first = output.fileHandleForReading.availableData
    #expect(first.starts(with: Data(#"{"id":"g","results":{"cycles":8}}"#.utf8)))
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 130)
  }
}
