import Accelerator
import Foundation
import Interchange
import Testing
import Workflows
import Workload

/// Small files in the style of each peer, in our own words.
enum ForeignExamples {
  static let topology = """
    Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
    stem, 33, 35, 3, 5, 3, 8, 2,
    DPmiddle, 18, 18, 3, 3, 16, 1, 1,
    stem, 8, 8, 1, 1, 16, 4, 1,
    """
  static let products = "Layer,M,N,K,\nscores,64,32,16,\n"
  static let maestro = """
    // A comment
    Constant Wide 64;
    Network tiny {
      Layer first {
        Type: CONV
        Stride { X: 2, Y: 2 }
        Dimensions { K 8,C 3,R 3,S 3,Y 33,X 33 }
        Dataflow { SpatialMap(1,1) K; Cluster(4, P); }
      }
      Layer second { Type: DSCONV Dimensions { K: 1, C: 8, R: 3, S: 3, Y: 16, X: 16 } }
      Layer third { Type: NGCONV Dimensions { G: 4, K: 2, C: 8, R: 1, S: 1, Y: 4, X: 4 } }
      Layer pool { Type: POOL Dimensions { C: 8, R: 2, S: 2, Y: 4, X: 4 } }
      Layer last { Type: GEMM Dimensions { M: 5, N: 7, K: Wide } }
    }
    """
  static let zigzag = """
    - id: 0
      name: front
      operator_type: Conv
      equation: O[b][k][oy][ox]+=W[k][c][fy][fx]*I[b][c][iy][ix]
      dimension_relations: [ix=2*ox+1*fx, iy=oy+fy]
      loop_dims: [B, K, C, OY, OX, FY, FX]
      loop_sizes: [1, 8, 3, 6, 7, 3, 5]
      operand_precision: {W: 8, I: 8, O: 16, O_final: 8}
      operand_source: {I: 0, W: 0}
    - id: 1
      operator_type: Add
      equation: O[b][k]=X[b][k]+Y[b][k]
      loop_dims: [B, K]
      loop_sizes: [1, 8]
      operand_precision: {X: 8, Y: 8, O: 16, O_final: 8}
    """
  static let problem = """
    problem:
      version: 0.4
      shape: &shape
        name: slide
        dimensions: [C, P, R]
        coefficients: [{name: Wstride, default: 2}]
        data_spaces:
          - {name: Weights, projection: [C, R]}
          - {name: Inputs, projection: [[[C]], [[P, Wstride], [R]]]}
          - {name: Outputs, projection: [[[P]]], read_write: True}
      instance: {C: 4, P: 6, R: 3, Wpad: 1, densities: {Inputs: 0.5}}
    """
}

private func read(_ text: String, _ name: String) throws -> Imported<Network> {
  try anyNetwork(Data(text.utf8), name)
}

/// Another tool's network or one of ours.
func anyNetwork(_ bytes: Data, _ name: String) throws(SpecificationError) -> Imported<Network> {
  if let foreign = try foreignNetwork(parsing: bytes, named: name) { return foreign }
  return Imported(try WorkloadFile(parsing: bytes, named: name).resolve().network)
}

private func problem(_ text: String, _ name: String) -> String {
  do {
    _ = try read(text, name)
    return "read"
  } catch {
    return "\(error)"
  }
}

@Suite struct ForeignNetworkTests {
  @Test func topologiesAreRead() throws {
    let result = try read(ForeignExamples.topology, "Models/net.csv")
    let layers = result.value.entries.map(\.layer)
    #expect(result.value.name == "net")
    #expect(layers.map(\.name) == ["stem", "DPmiddle", "stem-2"])
    // Output 16 x 16 of 33 x 35 with a 3 x 5 filter and stride 2: (33 - 3) / 2 + 1 and (35 - 5) / 2 + 1.
    #expect(layers[0].macCount == 16 * 16 * 3 * 5 * 3 * 8)
    #expect(layers[1].macCount == 16 * 16 * 3 * 3 * 16)
    #expect(layers[2].macCount == 8 * 8 * 16 * 4)
    #expect(result.warnings.map(\.description) == ["Models/net.csv:4: stem: is called stem-2"])
    let product = try read(ForeignExamples.products, "p.csv").value.entries[0].layer
    #expect(
      try product == .matrixProduct(name: "scores", rows: 64, columns: 32, inner: 16))
  }

  @Test func maestroNetworksAreRead() throws {
    let result = try read(ForeignExamples.maestro, "tiny.m")
    let layers = result.value.entries.map(\.layer)
    #expect(result.value.name == "tiny")
    #expect(layers.map(\.name) == ["first", "second", "third", "last"])
    #expect(
      layers.map(\.macCount) == [
        16 * 16 * 3 * 3 * 3 * 8, 14 * 14 * 3 * 3 * 8, 4 * 4 * 4 * 2 * 2, 5 * 7 * 64,
      ])
    #expect(
      result.warnings.map(\.description) == [
        "tiny.m:8: first: Dataflow of the layers left out",
        "tiny.m:11: third: C read as channels of all groups, K as filters of one group",
        "tiny.m:12: pool: type POOL has no counterpart, layer left out",
      ])
  }

  @Test func zigzagWorkloadsAreRead() throws {
    let result = try read(ForeignExamples.zigzag, "net.yaml")
    #expect(result.value.entries.count == 1)
    let layer = result.value.entries[0].layer
    #expect(layer.name == "front")
    #expect(layer.macCount == 8 * 3 * 6 * 7 * 3 * 5)
    #expect(layer.operands.map(\.name) == ["Outputs", "Weights", "Inputs"])
    #expect(layer.operands.map(\.bits) == [16, 8, 8])
    #expect(layer.wordCount(of: 2) == 3 * (5 + 3) * (2 * 6 + 5))
    #expect(
      result.warnings.map(\.description) == [
        "net.yaml:9: [0].operand_source: no counterpart, left out in every layer",
        "net.yaml:8: [0].operand_precision.O_final: precision of final results left out in every layer",
        "net.yaml:12: [1].equation: Add-1 is no product of two tensors, left out",
      ])
  }

  @Test func timeloopProblemsAreRead() throws {
    let result = try read(ForeignExamples.problem, "p.yaml")
    let layer = result.value.entries[0].layer
    #expect(layer.name == "slide")
    #expect(layer.macCount == 4 * 6 * 3)
    #expect(layer.wordCount(of: 1) == 4 * (2 * 5 + 3))
    #expect(
      result.warnings.map(\.description) == [
        "p.yaml:11: problem.instance.Wpad: not a dimension, not used",
        "p.yaml:11: problem.instance.densities: sparsity has no counterpart, read as dense",
      ])
    let named =
      "problem:\n  shape: cnn-layer\n  instance: {R: 1, S: 1, P: 2, Q: 2, C: 3, K: 4, N: 1}\n"
    #expect(try read(named, "p.yaml").value.macCount == 48)
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var testDescription: String { "\(file): \(find)" }
    var text: String
    var file: String
    var find: String
    var replacement: String
    var message: String
  }

  static let damages: [Damage] = [
    Damage(
      text: ForeignExamples.topology, file: "t.csv", find: ", 33, 35", replacement: ", 0, 35",
      message: "t.csv:2: stem.input height: got \"0\", expected a whole number in 1...134217728"),
    Damage(
      text: ForeignExamples.topology, file: "t.csv", find: "8, 2,", replacement: "8",
      message:
        "t.csv:2: stem: got 7 columns, expected name, input height, width, filter height, width, "
        + "channels, filters, stride"),
    Damage(
      text: ForeignExamples.topology, file: "t.csv", find: ", 3, 5,", replacement: ", 34, 5,",
      message: "t.csv:2: stem.filter height: got 34, expected at most the input height, 33"),
    Damage(
      text: ForeignExamples.products, file: "t.csv", find: "Layer,M,N,K,\n", replacement: "",
      message:
        "t.csv:1: got \"scores,64,32,16\", expected a heading of a convolution topology or Layer,M,N,K"
    ),
    Damage(
      text: ForeignExamples.maestro, file: "n.m", find: "Stride {", replacement: "Strides {",
      message: "n.m:6: first: unknown part of a layer \"Strides\"\nhint: did you mean \"Stride\"? "
        + "known part of a layers: Dataflow, Dimensions, Stride, Type"),
    Damage(
      text: ForeignExamples.maestro, file: "n.m", find: "K: Wide", replacement: "K: Narrow",
      message:
        "n.m:13: last.K: got \"Narrow\", expected a constant or a whole number in 1...134217728"
    ),
    Damage(
      text: ForeignExamples.maestro, file: "n.m", find: "Y 33", replacement: "Y 2",
      message: "n.m:4: first: got input Y 2 and kernel 3, expected an input of at least the kernel"),
    Damage(
      text: ForeignExamples.maestro, file: "n.m", find: "N: 7, ", replacement: "",
      message: "n.m:13: last: key \"N\" is absent, expected a dimension of a GEMM layer"),
    Damage(
      text: ForeignExamples.zigzag, file: "z.yaml", find: "8, 3, 6, 7, 3, 5]", replacement: "8]",
      message: "z.yaml:7: [0].loop_sizes: got 2 sizes, expected one for each of 7 dims"),
    Damage(
      text: ForeignExamples.zigzag, file: "z.yaml", find: "2*ox", replacement: "2*oz",
      message: "z.yaml:5: [0].dimension_relations[0]: unknown dimension \"oz\"\n"
        + "hint: known dimensions: B, C, FX, FY, K, OX, OY"),
    Damage(
      text: ForeignExamples.problem, file: "p.yaml", find: "[P, Wstride]",
      replacement: "[P, Hstride]",
      message:
        "p.yaml:9: problem.shape.data_spaces[1].projection[1][0][1]: unknown coefficient \"Hstride\"\n"
        + "hint: did you mean \"Wstride\"? known coefficients: Wstride"),
    Damage(
      text: ForeignExamples.problem, file: "p.yaml", find: "P: 6", replacement: "P: 2*3",
      message: "p.yaml:11: problem.instance.P: got 2*3, expected a whole number in 1...134217728\n"
        + "hint: write the number out; Timeloop's front end writes evaluated expressions to "
        + "parsed-processed-input.yaml"),
    Damage(
      text: ForeignExamples.problem, file: "p.yaml", find: "C: 4", replacement: "C: {{ channels }}",
      message:
        "p.yaml:11: got a template ({{), expected plain YAML\nhint: expand the jinja2 templates "
        + "first; Timeloop's front end writes the expanded text to parsed-processed-input.yaml"),
    Damage(
      text: ForeignExamples.problem, file: "p.yaml", find: "[C, P, R]",
      replacement: "!include s.yaml",
      message: "p.yaml:5: got !include, expected plain YAML\n"
        + "hint: put the content that !include stands for in its place"),
    Damage(
      text: ForeignExamples.products, file: "t.txt", find: "scores", replacement: "scores",
      message:
        "t.txt:1: unknown file extension \"txt\"\nhint: known file extensions: csv, m, onnx, yaml, yml"
    ),
  ]

  @Test(arguments: damages)
  func damagedFilesSayWhatIsWrong(damage: Damage) throws {
    let range = try #require(damage.text.range(of: damage.find))
    let text = damage.text.replacingCharacters(in: range, with: damage.replacement)
    #expect(problem(text, damage.file) == damage.message)
  }

  @Test func aliasBombsAreRefused() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let list = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(list)]\n"
    }
    #expect(
      problem(text, "bomb.yaml").contains(
        "got aliases that expand to more than 200000 values, expected fewer"))
    #expect(
      problem(text + "? *a9\n: 1\n", "bomb.yaml").contains(
        "got an alias or a collection as a key, expected a name"))
    for line in [
      "{\" #\": 1, *a9 : 2}", "x: {k: \"a\n # b\", *a9 : 2}", "?\n  *a9\n:\n  1", "- ? *a9",
      "x: {? *a9 : 2}",
    ] {
      #expect(problem(text + line + "\n", "bomb.yaml").contains("as a key, expected a name"))
    }
    #expect(
      problem("a: 1\r\nb: 2 # x\r\nc: {{ d }}\r\n", "crlf.yaml").hasPrefix(
        "crlf.yaml:3: got a template"))
    #expect(
      problem(text + "[*a9]: 1\n", "bomb.yaml").contains(
        "got an alias or a collection as a key, expected a name"))
  }
}
