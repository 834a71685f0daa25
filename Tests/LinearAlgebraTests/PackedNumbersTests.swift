import Execution
import Foundation
import LinearAlgebra
import Testing

/// Numbers and matrices that were written and read are the same bit for bit, and damage is told.
@Suite struct PackedNumbersTests {
  private func copy<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  /// What a reader says of a text.
  private func complaint<Value: Decodable>(_ type: Value.Type, _ text: String) -> String {
    do {
      _ = try JSONDecoder().decode(type, from: Data(text.utf8))
      return "none"
    } catch DecodingError.dataCorrupted(let context) {
      return context.debugDescription
    } catch DecodingError.keyNotFound(let key, _) {
      return "no \(key.stringValue)"
    } catch {
      return "something else"
    }
  }

  @Test func everyBitSurvives() throws {
    let payload = Double(bitPattern: 0x7ff8_0000_dead_beef)
    let special = [
      0, -0.0, .infinity, -.infinity, .nan, payload, .leastNonzeroMagnitude,
      .greatestFiniteMagnitude, 1.0.nextUp,
    ]
    #expect(try copy(PackedNumbers(special)).values.map(\.bitPattern) == special.map(\.bitPattern))
    #expect(try copy(PackedNumbers([])).values.isEmpty)
    let whole: [Int32] = [0, -1, .min, .max, 77]
    #expect(try copy(PackedIntegers(whole)).values == whole)
    for seed in 0..<20 as Range<UInt64> {
      var generator = Seed(seed).generator()
      let bits = (0..<generator.index(below: 50)).map { _ in generator.next() }
      let numbers = bits.map { Double(bitPattern: $0) }
      #expect(try copy(PackedNumbers(numbers)).values.map(\.bitPattern) == bits)
      let integers = bits.map { Int32(truncatingIfNeeded: $0) }
      #expect(try copy(PackedIntegers(integers)).values == integers)
    }
  }

  /// By hand: 1 is 0x3ff0000000000000 and 258 is 0x102, lowest byte first.
  @Test func bytesAreLittleEndian() throws {
    func bytes(_ value: some Encodable) throws -> [UInt8] {
      let text = try JSONEncoder().encode(value)
      return [UInt8](try JSONDecoder().decode(Data.self, from: text))
    }
    #expect(try bytes(PackedNumbers([1])) == [0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
    #expect(try bytes(PackedIntegers([258, -1])) == [2, 1, 0, 0, 255, 255, 255, 255])
  }

  @Test func matricesSurvive() throws {
    var generator = Seed(4).generator()
    for (rows, columns) in [(0, 0), (0, 3), (3, 0), (1, 1), (5, 7)] {
      let values = (0..<(rows * columns)).map { _ in generator.normal() }
      let matrix = Matrix(rowCount: rows, columnCount: columns, values: values)
      #expect(try copy(matrix) == matrix)
    }
  }

  @Test func damageIsTold() {
    #expect(complaint(PackedNumbers.self, "\"AAAA\"") == "3 bytes, expected a multiple of 8")
    #expect(complaint(PackedIntegers.self, "\"AAAA\"") == "3 bytes, expected a multiple of 4")
    #expect(complaint(PackedNumbers.self, "\"?\"") == "Encountered Data is not valid Base64.")
    let eight = "\"AAAAAAAAAAA=\""
    func matrix(_ rows: String, _ columns: String) -> String {
      "{\"rowCount\":\(rows),\"columnCount\":\(columns),\"values\":\(eight)}"
    }
    #expect(complaint(Matrix.self, matrix("1", "1")) == "none")
    #expect(complaint(Matrix.self, matrix("2", "1")) == "1 numbers, expected 2 x 1")
    #expect(complaint(Matrix.self, matrix("-1", "-1")) == "1 numbers, expected -1 x -1")
    let huge = "4611686018427387904"
    #expect(complaint(Matrix.self, matrix(huge, "4")) == "1 numbers, expected \(huge) x 4")
    #expect(complaint(Matrix.self, "{\"rowCount\":1,\"columnCount\":1}") == "no values")
  }
}
