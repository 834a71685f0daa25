// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "dovetail",
  products: [
    .executable(name: "dovetail", targets: ["dovetail"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // Layer 0: values that know nothing of each other.
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
      name: "CLAPACKE", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"])]),
    .target(
      name: "LinearAlgebra", dependencies: ["COpenBLAS", "CLAPACKE"], swiftSettings: strict),
    .target(name: "Quantities", swiftSettings: strict),
    .target(name: "Workload", swiftSettings: strict),
    .target(name: "Execution", swiftSettings: strict),
    // Layer 1
    .target(name: "Distribution", dependencies: ["Execution"], swiftSettings: strict),
    .target(
      name: "GaussianProcesses", dependencies: ["Execution", "LinearAlgebra"],
      swiftSettings: strict),
    .target(
      name: "Regression", dependencies: ["Execution", "LinearAlgebra"], swiftSettings: strict),
    .target(name: "DesignSpace", dependencies: ["Execution"], swiftSettings: strict),
    .target(
      name: "Technology", dependencies: ["Quantities"], exclude: ["Data"], swiftSettings: strict),
    // Layer 2
    .target(name: "Accelerator", dependencies: ["Quantities", "Workload"], swiftSettings: strict),
    .target(name: "Study", dependencies: ["DesignSpace", "Execution"], swiftSettings: strict),
    // Layer 3
    .target(name: "Reporting", swiftSettings: strict),
    .target(
      name: "CostModel", dependencies: ["Accelerator", "Quantities", "Workload"],
      swiftSettings: strict),
    .target(
      name: "Interchange",
      dependencies: [
        "Accelerator", "CZlib", "Execution", "Quantities", "Workload",
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .target(
      name: "Search", dependencies: ["DesignSpace", "Execution", "Study"], swiftSettings: strict),
    .target(
      name: "BayesianOptimization",
      dependencies: [
        "DesignSpace", "Execution", "GaussianProcesses", "LinearAlgebra", "Regression", "Search",
        "Study",
      ],
      swiftSettings: strict),
    .target(
      name: "SimulationLog",
      dependencies: [
        "DesignSpace", "Execution", "Study", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(
      name: "OfflineDesign",
      dependencies: [
        "DesignSpace", "Execution", "GaussianProcesses", "LinearAlgebra", "Regression", "Study",
      ],
      swiftSettings: strict),
    // Layer 4
    .target(
      name: "Surrogate",
      dependencies: ["DesignSpace", "Execution", "LinearAlgebra", "Search", "Study"],
      swiftSettings: strict),
    .target(
      name: "Evaluation", dependencies: ["DesignSpace", "Execution", "Study"],
      swiftSettings: strict),
    .target(
      name: "MappingSearch", dependencies: ["Accelerator", "CostModel", "Execution", "Workload"],
      swiftSettings: strict),
    .target(
      name: "CoDesign",
      dependencies: [
        "Accelerator", "CostModel", "DesignSpace", "Execution", "LinearAlgebra", "MappingSearch",
        "Regression", "Search", "Study", "Workload",
      ],
      swiftSettings: strict),
    // Layer 5
    .target(
      name: "Workflows",
      dependencies: [
        "Accelerator", "CostModel", "DesignSpace", "Distribution", "Evaluation", "Execution",
        "Interchange", "BayesianOptimization", "CoDesign", "LinearAlgebra", "MappingSearch",
        "OfflineDesign",
        "Quantities", "Regression", "Reporting", "Search", "SimulationLog", "Study", "Surrogate",
        "Technology", "Workload",
      ],
      swiftSettings: strict),
    // Layer 6
    .executableTarget(
      name: "dovetail",
      dependencies: [
        "Accelerator", "CostModel", "DesignSpace", "Distribution", "Execution", "Interchange",
        "MappingSearch", "LinearAlgebra", "OfflineDesign", "Quantities", "Reporting", "Search",
        "SimulationLog",
        "Study",
        "Workflows",
        "Workload",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .target(
      name: "TestSupport",
      dependencies: [
        "Accelerator", "DesignSpace", "Execution", "Quantities", "Study", "Workload",
      ],
      path: "Tests/TestSupport", swiftSettings: strict),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Accelerator", "AllocationCounter", "BayesianOptimization", "CoDesign", "CostModel",
        "DesignSpace", "Distribution", "Execution", "Interchange", "LinearAlgebra",
        "MappingSearch", "OfflineDesign", "Search", "SimulationLog", "Study", "Surrogate",
        "Workflows", "Workload",
      ],
      path: "Tests/Benchmarks", exclude: ["Results", "Tables"], swiftSettings: strict),
    .testTarget(
      name: "ReportingTests", dependencies: ["Reporting", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "DesignSpaceTests", dependencies: ["DesignSpace", "Execution", "TestSupport"],
      exclude: ["References"], swiftSettings: strict),
    .testTarget(
      name: "LinearAlgebraTests", dependencies: ["Execution", "LinearAlgebra"],
      exclude: ["References"], swiftSettings: strict),
    .testTarget(
      name: "GaussianProcessesTests",
      dependencies: ["Execution", "GaussianProcesses", "LinearAlgebra"], exclude: ["References"],
      swiftSettings: strict),
    .testTarget(
      name: "RegressionTests", dependencies: ["Execution", "LinearAlgebra", "Regression"],
      exclude: ["References"], swiftSettings: strict),
    .testTarget(
      name: "OfflineDesignTests",
      dependencies: ["DesignSpace", "Execution", "LinearAlgebra", "OfflineDesign", "Study"],
      swiftSettings: strict),
    .testTarget(
      name: "StudyTests", dependencies: ["DesignSpace", "Study"], swiftSettings: strict),
    .testTarget(
      name: "SearchTests",
      dependencies: ["DesignSpace", "Execution", "Search", "Study", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SurrogateTests",
      dependencies: [
        "DesignSpace", "Execution", "LinearAlgebra", "Search", "Study", "Surrogate",
      ],
      exclude: ["References"], swiftSettings: strict),
    .testTarget(
      name: "BayesianOptimizationTests",
      dependencies: [
        "BayesianOptimization", "DesignSpace", "Execution", "GaussianProcesses", "LinearAlgebra",
        "Search", "Study", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CoDesignTests",
      dependencies: [
        "Accelerator", "CoDesign", "CostModel", "DesignSpace", "Execution", "GaussianProcesses",
        "LinearAlgebra", "MappingSearch", "Quantities", "Study", "Workload",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EvaluationTests",
      dependencies: ["DesignSpace", "Evaluation", "Execution", "Search", "Study"],
      swiftSettings: strict),
    .testTarget(
      name: "DistributionTests", dependencies: ["Distribution"], swiftSettings: strict),
    .testTarget(name: "ExecutionTests", dependencies: ["Execution"], swiftSettings: strict),
    .testTarget(name: "WorkloadTests", dependencies: ["Workload"], swiftSettings: strict),
    .testTarget(
      name: "AcceleratorTests", dependencies: ["Accelerator", "Quantities", "Workload"],
      swiftSettings: strict),
    .testTarget(
      name: "TechnologyTests", dependencies: ["Quantities", "Technology"], swiftSettings: strict),
    .testTarget(
      name: "CostModelTests",
      dependencies: [
        "Accelerator", "CostModel", "Interchange", "Quantities", "TestSupport", "Workload",
      ],
      exclude: ["References"], swiftSettings: strict),
    .testTarget(
      name: "MappingSearchTests",
      dependencies: [
        "Accelerator", "CostModel", "Execution", "MappingSearch", "Quantities", "Workload",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SimulationLogTests",
      dependencies: [
        "DesignSpace", "Execution", "Search", "SimulationLog", "Study",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "dovetail", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], exclude: ["Cluster/slurm", "Goldens"],
      swiftSettings: strict),
    .testTarget(
      name: "InterchangeTests",
      dependencies: [
        "Accelerator", "CostModel", "Interchange", "Quantities", "TestSupport", "Workflows",
        "Workload",
      ],
      exclude: ["References"], swiftSettings: strict),
    .testTarget(
      name: "WorkflowTests",
      dependencies: [
        "Accelerator", "BayesianOptimization", "CoDesign", "CostModel", "DesignSpace", "Evaluation",
        "Execution", "Interchange", "MappingSearch", "Quantities", "Search", "SimulationLog",
        "Study", "Technology", "Workflows", "Workload",
      ],
      swiftSettings: strict),
  ]
)
