// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
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
    .target(name: "Quantities", swiftSettings: strict),
    .target(name: "Workload", swiftSettings: strict),
    .target(name: "Accelerator", dependencies: ["Quantities", "Workload"], swiftSettings: strict),
    .target(
      name: "Technology", dependencies: ["Quantities"], exclude: ["Data"], swiftSettings: strict),
    .target(
      name: "CostModel", dependencies: ["Accelerator", "Quantities", "Workload"],
      swiftSettings: strict),
    .target(
      name: "Workflows",
      dependencies: [
        "Accelerator", "CostModel", "Quantities", "Technology", "Workload",
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "dovetail",
      dependencies: [
        "CostModel",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["CostModel"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .testTarget(
      name: "TechnologyTests", dependencies: ["Technology", "Quantities"], swiftSettings: strict),
    .testTarget(
      name: "WorkflowsTests",
      dependencies: ["Accelerator", "CostModel", "Quantities", "Technology", "Workflows"],
      swiftSettings: strict),
    .testTarget(
      name: "WorkflowTests",
      dependencies: ["Accelerator", "CostModel", "Quantities", "Workflows", "Workload"],
      swiftSettings: strict),
    .testTarget(
      name: "CostModelTests",
      dependencies: ["Accelerator", "CostModel", "Quantities", "TestSupport"],
      swiftSettings: strict),
  ]
)
