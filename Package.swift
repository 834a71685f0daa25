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
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // Layer 0: values that know nothing of each other.
    .target(name: "Quantities", swiftSettings: strict),
    .target(name: "Workload", swiftSettings: strict),
    .target(name: "Execution", swiftSettings: strict),
    // Layer 1
    .target(
      name: "Technology", dependencies: ["Quantities"], exclude: ["Data"], swiftSettings: strict),
    // Layer 2
    .target(name: "Accelerator", dependencies: ["Quantities", "Workload"], swiftSettings: strict),
    // Layer 3
    .target(
      name: "CostModel", dependencies: ["Accelerator", "Quantities", "Workload"],
      swiftSettings: strict),
    .target(
      name: "Interchange",
      dependencies: [
        "Accelerator", "Quantities", "Workload", .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    // Layer 4
    .target(
      name: "MappingSearch", dependencies: ["Accelerator", "CostModel", "Execution", "Workload"],
      swiftSettings: strict),
    // Layer 5
    .target(
      name: "Workflows",
      dependencies: [
        "Accelerator", "CostModel", "Execution", "Interchange", "MappingSearch", "Quantities",
        "Technology", "Workload",
      ],
      swiftSettings: strict),
    // Layer 6
    .executableTarget(
      name: "dovetail",
      dependencies: [
        "Accelerator", "CostModel", "Interchange", "Quantities", "Workflows", "Workload",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["Accelerator", "Quantities", "Workload"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Accelerator", "AllocationCounter", "CostModel", "Execution", "Interchange",
        "MappingSearch", "Workflows", "Workload",
      ],
      path: "Tests/Benchmarks", swiftSettings: strict),
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
      name: "CommandLineTests", dependencies: ["dovetail"], exclude: ["Goldens"],
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
        "Accelerator", "CostModel", "Interchange", "MappingSearch", "Quantities", "Technology",
        "Workflows",
        "Workload",
      ],
      swiftSettings: strict),
  ]
)
