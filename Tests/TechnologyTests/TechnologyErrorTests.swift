import Testing

@testable import Technology

@Suite struct TechnologyErrorTests {
  let library = ComponentLibrary.shipped

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func nodesOutsideTheTablesAreRefused() {
    #expect(
      message { _ = try ProcessNode(nanometers: 5, supply: 0.7) }
        == "node.nanometers: got 5, expected a number of nm in 7.0...90.0")
    #expect(
      message { _ = try ProcessNode(nanometers: 28, supply: 1.8) }
        == "node.supply: got 1.8, expected a number of V in 0.6...1.4")
    #expect(
      message { _ = try ProcessNode(nanometers: .nan, supply: 1) }
        == "node.nanometers: got nan, expected a number of nm in 7.0...90.0")
  }

  @Test func memoriesOutsideTheTablesAreRefused() throws {
    let node = try ProcessNode(nanometers: 28, supply: 0.9)
    #expect(
      message { _ = try library.sram(capacityBits: 1_024, accessBits: 8, node: node) }
        == "capacityBits: got 1024, expected a whole number in 2048...8589934592")
    #expect(
      message { _ = try library.sram(capacityBits: 1 << 20, accessBits: 0, node: node) }
        == "accessBits: got 0, expected a whole number in 1...65536")
    #expect(
      message { _ = try library.sram(capacityBits: 1 << 20, accessBits: 8, banks: 0, node: node) }
        == "banks: got 0, expected a whole number in 1...4096")
    #expect(
      message { _ = try library.sram(capacityBits: 8_192, accessBits: 8, banks: 8, node: node) }
        == """
        capacityBits: got 8192 bits in 8 banks, expected at least 2048 bits (256 bytes) per bank
        hint: declare the memory as registers, or use fewer banks
        """)
    #expect(
      message { _ = try library.sram(capacityBits: 2_048, accessBits: 4_096, node: node) }
        == "accessBits: got 4096, expected at most the 2048 bits of one bank")
  }

  @Test func registerFilesOutsideTheirRangeAreRefused() throws {
    let node = try ProcessNode(nanometers: 28, supply: 0.9)
    #expect(
      message { _ = try library.registerFile(capacityBits: 0, accessBits: 1, node: node) }
        == "capacityBits: got 0, expected a whole number in 1...524288")
    #expect(
      message { _ = try library.registerFile(capacityBits: 8, accessBits: 16, node: node) }
        == "accessBits: got 16, expected a whole number in 1...8")
  }

  @Test func damagedTablesAreRefused() {
    let table = { (text: String) in try TextTable(name: "t.csv", text: text) }
    #expect(message { _ = try table("") } == "t.csv: got no row \"header\", expected one")
    #expect(
      message { _ = try table("a,b\n1\n") }
        == "t.csv:2: column \"b\": got \"1 fields\", expected 2 fields")
    #expect(
      message { _ = try table("a,b\n1,2\n").position(of: "c") }
        == "t.csv: got no column \"c\", expected one")
    #expect(
      message { _ = try table("a,b\n1,x\n").number(row: 0, column: 1) }
        == "t.csv:2: column \"b\": got \"x\", expected a number")
  }

  @Test func quotedFieldsHoldCommasAndQuotes() throws {
    let table = try TextTable(name: "t.csv", text: "a,b\n\"1, \"\"2\"\"\",3\n")
    #expect(table.rows == [["1, \"2\"", "3"]])
  }
}
