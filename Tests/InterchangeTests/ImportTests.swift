import Foundation
import Interchange
import Testing
import Workload

/// Symbols, bodies, warnings and errors of the importer, with their full messages.
@Suite struct ImportTests {
  /// The reshape of attention as exporters write it: sizes travel through Shape, Gather, Unsqueeze and Concat.
  private let headSplit = model { graph in
    graph.input("ids", ["batch", "sequence"], type: 7)
    graph.input("mask", ["batch", "past + sequence"], type: 7)
    graph.weight("table", [1000, 64])
    graph.weight("w", [64, 64])
    graph.integers("zero", [], [0])
    graph.integers("one", [], [1])
    graph.integers("axis", [1], [0])
    graph.integers("heads", [2], [4, -1])
    graph.node("Gather", ["table", "ids"], ["x"])
    graph.node("MatMul", ["x", "w"], ["q"], name: "query")
    graph.node("Shape", ["x"], ["s"])
    graph.node("Gather", ["s", "zero"], ["b"])
    graph.node("Gather", ["s", "one"], ["l"])
    graph.node("Unsqueeze", ["b", "axis"], ["b1"])
    graph.node("Unsqueeze", ["l", "axis"], ["l1"])
    graph.node("Concat", ["b1", "l1", "heads"], ["target"], [("axis", .integer(0))])
    graph.node("Reshape", ["q", "target"], ["split"])
    graph.node("Transpose", ["split"], ["t"], [("perm", .integers([0, 2, 1, 3]))])
    graph.node("Transpose", ["split"], ["tk"], [("perm", .integers([0, 2, 3, 1]))])
    graph.node("MatMul", ["t", "tk"], ["scores"], name: "scores")
    graph.output("scores")
    graph.output("mask")
  }

  @Test func sizesTravelThroughShapeOperators() throws {
    let network = try load(headSplit, ["batch": 2, "sequence": 5, "past": 3])
    #expect(
      short(network) == [
        "MatMul gemm N1 K64 C64 P10x1 g1 x1 weight 40960",
        "MatMul bmm N8 K5 C16 P5x1 g1 x1 activation 3200",
      ])
    #expect(network.outputs.map(\.dimensions) == [[2, 4, 5, 5], [2, 8]])
  }

  @Test func freeSymbolsAreNamed() {
    #expect(
      message(headSplit, ["sequence": 5]) == """
        layer "query" needs a free dimension: batch
        hint: bind it: --dim batch=1
        """)
    #expect(
      message(headSplit) == """
        layer "query" needs free dimensions: batch, sequence
        hint: bind them: --dim batch=1 --dim sequence=1
        """)
    #expect(
      message(headSplit, ["sequenc": 5]) == """
        unknown dimension "sequenc"
        hint: did you mean "sequence"? known: batch, sequence, past
        """)
    #expect(
      message(headSplit, ["batch": -3, "sequence": 5])
        == "dimension \"batch\": got -3, expected 0 to 1099511627776")
  }

  @Test func batchReplacesSizesThatAreBakedIn() throws {
    let bytes = model { graph in
      graph.input("x", [1, 8, 64])
      graph.weight("w", [64, 64])
      graph.integers("target", [4], [1, -1, 4, 16])
      graph.node("MatMul", ["x", "w"], ["q"])
      graph.node("Reshape", ["q", "target"], ["y"])
      graph.output("y")
    }
    #expect(try load(bytes, batch: 3).outputs.map(\.dimensions) == [[3, 8, 4, 16]])
    #expect(try load(headSplit, ["sequence": 5], batch: 3).rows.count == 2)
  }

  @Test func unknownOperatorBlocksOnlyWhatDependsOnIt() throws {
    let network = try load(
      model { graph in
        graph.input("x", [1, 8])
        graph.weight("w", [8, 8])
        graph.node("MatMul", ["x", "w"], ["a"], name: "first")
        graph.node("Mystery", ["a"], ["b"], name: "strange", domain: "custom")
        graph.node("MatMul", ["b", "w"], ["c"], name: "second")
        graph.node("MatMul", ["c", "w"], ["d"], name: "third")
        graph.node("MatMul", ["a", "w"], ["e"], name: "fourth")
      })
    #expect(network.rows.map(\.name) == ["first", "fourth"])
    #expect(
      network.warnings.map(\.text) == [
        "node \"strange\" (Mystery): operator custom.Mystery is not known; left out, because their shapes depend on "
          + "it: \"second\", \"third\""
      ])
  }

  @Test func declaredShapesReplaceUnknownOperators() throws {
    let network = try load(
      model { graph in
        graph.input("x", [1, 8])
        graph.weight("w", [8, 8])
        graph.node("Mystery", ["x"], ["b"], name: "strange", domain: "custom")
        graph.declare("b", [1, 8])
        graph.node("MatMul", ["b", "w"], ["c"], name: "second")
      })
    #expect(network.rows.map(\.name) == ["second"])
    #expect(
      network.warnings.map(\.text) == [
        "node \"strange\" (Mystery): operator custom.Mystery is not known"
      ])
  }

  @Test func loopsAndOpenBranchesAreNamed() throws {
    let network = try load(
      model { graph in
        graph.input("x", [1, 8])
        graph.input("c", [], type: 9)
        graph.weight("w", [8, 8])
        graph.node("Loop", ["", "c", "x"], ["l"], name: "loop")
        graph.node(
          "If", ["c"], ["i"], name: "choice",
          [("then_branch", .graph { $0.node("MatMul", ["x", "w"], ["a"]) })])
        graph.node("MatMul", ["l", "w"], ["y"], name: "after")
      })
    #expect(
      network.warnings.map(\.text) == [
        "node \"loop\" (Loop): operator Loop is not covered: how often the body runs depends on data; left out, "
          + "because their shapes depend on it: \"after\"",
        "node \"choice\" (If): which branch runs depends on data; 1 products inside are left out",
      ])
  }

  @Test func constantBranchesAreTaken() throws {
    let network = try load(
      model { graph in
        graph.input("x", [1, 8])
        graph.weight("w", [8, 8])
        graph.integers("c", [], [1])
        graph.node(
          "If", ["c"], ["y"], name: "choice",
          [
            (
              "then_branch",
              .graph {
                $0.node("MatMul", ["x", "w"], ["a"], name: "inside")
                $0.output("a")
              }
            ), ("else_branch", .graph { $0.output("x") }),
          ])
        graph.output("y")
      })
    #expect(network.rows.map(\.name) == ["choice/inside"])
    #expect(network.outputs.map(\.dimensions) == [[1, 8]])
  }

  @Test func functionsAreInlined() throws {
    let bytes = model(extra: { message in
      message.message(25) { function in
        function.text(1, "Dense")
        function.text(4, "a")
        function.text(4, "b")
        function.text(5, "r")
        function.text(6, "flip")
        function.message(7) {
          GraphWriter.writeNode(
            "Gemm", ["a", "b"], ["r"], "product", "", [("transB", .reference("flip"))], &$0)
        }
        function.text(10, "mine")
      }
    }) { graph in
      graph.input("x", [2, 8])
      graph.weight("w", [3, 8])
      graph.node(
        "Dense", ["x", "w"], ["y"], name: "dense", domain: "mine", [("flip", .integer(1))])
    }
    let network = try load(bytes)
    #expect(network.rows.map(\.name) == ["dense/product"])
    #expect(short(network) == ["Gemm gemm N1 K3 C8 P2x1 g1 x1 weight 48"])
  }

  @Test func functionsThatCallThemselvesEnd() {
    let bytes = model(extra: { message in
      message.message(25) { function in
        function.text(1, "Again")
        function.text(4, "a")
        function.text(5, "r")
        function.message(7) { GraphWriter.writeNode("Again", ["a"], ["r"], "n", "mine", [], &$0) }
        function.text(10, "mine")
      }
    }) { graph in
      graph.input("x", [2])
      graph.node("Again", ["x"], ["y"], name: "start", domain: "mine")
    }
    #expect(message(bytes).hasSuffix("a function or branch is nested more than 32 deep"))
  }

  @Test func contradictionsAreErrors() {
    #expect(
      message(
        model { graph in
          graph.node("Relu", ["b"], ["a"], name: "one")
          graph.node("Relu", ["a"], ["b"], name: "two")
        }) == "node \"one\": input \"b\" depends on the node's own output")
    #expect(
      message(
        model { graph in
          graph.input("x", [1])
          graph.node("Relu", ["x"], ["a"], name: "one")
          graph.node("Relu", ["x"], ["a"], name: "two")
        }) == "node \"two\": value \"a\" is already defined, expected one producer")
    #expect(
      message(model { $0.node("Relu", ["x"], ["a"], name: "one") })
        == "node \"one\": input \"x\" is defined nowhere")
  }

  @Test func nodesInAnyOrder() throws {
    let network = try load(
      model { graph in
        graph.input("x", [1, 8])
        graph.weight("w", [8, 8])
        graph.node("MatMul", ["b", "w"], ["c"], name: "second")
        graph.node("MatMul", ["x", "w"], ["b"], name: "first")
      })
    #expect(network.rows.map(\.name) == ["first", "second"])
  }

  @Test func countsThatDoNotFitAreErrors() {
    let size = 1 << 30
    #expect(
      message(
        model { graph in
          graph.input("x", [size, size])
          graph.input("w", [size, size])
          graph.node("MatMul", ["x", "w"], ["c"], name: "huge")
        }) == "layer \"huge\": its number of multiply-accumulates exceeds 2^63 - 1")
  }

  @Test func equalNamesAreNumbered() throws {
    let network = try load(
      model { graph in
        graph.input("x", [1, 8])
        graph.weight("w", [8, 8])
        graph.weight("v", [8, 4])
        graph.node("MatMul", ["x", "w"], ["b"], name: "same")
        graph.node("MatMul", ["b", "v"], ["c"], name: "same")
      })
    #expect(network.network().network?.entries.map(\.layer.name) == ["same", "same#2"])
  }

  @Test func batchLeavesOtherFixedSizesAlone() throws {
    let bytes = model { graph in
      graph.input("x", ["batch", 8])
      graph.input("state", [2, "batch", 4])
      graph.output("x")
      graph.output("state")
    }
    #expect(try load(bytes, batch: 3).outputs.map(\.dimensions) == [[3, 8], [2, 3, 4]])
  }

  @Test func namesWithCommasAreQuoted() throws {
    let network = try load(
      model { graph in
        graph.input("x", [1, 8])
        graph.weight("w", [8, 8])
        graph.node("MatMul", ["x", "w"], ["b"], name: "a,\"b\"")
      })
    #expect(network.rows[0].csv(index: 0).hasPrefix("0,\"a,\"\"b\"\"\",MatMul,gemm,"))
  }

  @Test func infiniteRangesEnd() throws {
    let network = try load(
      model { graph in
        graph.input("x", [1])
        graph.integers("one", [], [1])
        graph.integers("zero", [], [0])
        graph.node("Cast", ["one"], ["r1"], [("to", .integer(1))])
        graph.node("Cast", ["zero"], ["r0"], [("to", .integer(1))])
        graph.node("Div", ["r1", "r0"], ["inf"])
        graph.node("Range", ["inf", "r0", "r1"], ["y"])
        graph.node("Range", ["r0", "inf", "r1"], ["z"])
        graph.output("y")
        graph.output("z")
      })
    #expect(network.outputs.map(\.dimensions) == [[0], nil])
    #expect(network.warnings.map(\.text) == ["node \"Range_z\" (Range): it has inf elements"])
  }

  @Test func externalWeightsAreNeverOpened() throws {
    let network = try load(
      model { graph in
        graph.input("x", [1, 8])
        graph.weight("w", [8, 8], external: true)
        graph.node("MatMul", ["x", "w"], ["b"], name: "same")
      })
    #expect(network.rows.count == 1)
    #expect(network.parameterCount == 64)
  }

  @Test func filesThatAreNoModels() throws {
    #expect(
      message([]) == """
        got 0 bytes without a graph, expected an ONNX model
        hint: is it an .onnx file, complete and not compressed?
        """)
    #expect(throws: ONNXError.unreadable(operation: "open", reason: "No such file or directory")) {
      try ImportedNetwork(readingONNX: "/nonexistent.onnx")
    }
    #expect(throws: ONNXError.unreadable(operation: "map", reason: "not a regular file")) {
      try ImportedNetwork(readingONNX: "/")
    }
  }

  @Test func everyOperatorHasOneDecision() throws {
    let names = ONNXOperator.all.map { "\($0.domain) \($0.name)" }
    #expect(Set(names).count == names.count)
    let page = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Interchange/Interchange.docc/ONNXOperators.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1",
      let start = text.range(of: "| operator |")
    {
      try (text[..<start.lowerBound] + ONNXOperator.markdownTable)
        .write(to: page, atomically: true, encoding: .utf8)
    } else {
      #expect(text.hasSuffix(ONNXOperator.markdownTable))
    }
  }
}
