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
      name: "CostModel", dependencies: ["Accelerator", "Quantities", "Workload"],
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
      name: "TestSupport", dependencies: ["Accelerator", "Workload"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .testTarget(
      name: "CostModelTests",
      dependencies: ["Accelerator", "CostModel", "Quantities", "TestSupport", "Workload"],
      swiftSettings: strict),
  ]
)
