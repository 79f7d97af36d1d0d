// swift-tools-version: 6.2
import PackageDescription

// The layers, from the bottom up. `RepositoryTests` compares every `import` line with this table.

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

// A release is one file with Swift's runtime and Foundation in it: it runs without a toolchain, and maps less.
let staticFlags = ["-static-stdlib"]
let linkFlags = staticFlags + ["-use-ld=lld", "-Xlinker", "--icf=all"]

// No file imports regular expressions by itself. Foundation brings them all the same, 1.3 MB of the static binary: its JSON needs dates,
// those attributed strings, and those name them.
let sourceSettings: [SwiftSetting] =
  swiftSettings + [
    .unsafeFlags(["-Xfrontend", "-disable-implicit-string-processing-module-import"]),
    .unsafeFlags(staticFlags, .when(configuration: .release)),
  ]

// Code that runs once a load, a plan or a command: smaller serves better than faster.
let smallSettings = sourceSettings + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

func library(
  _ name: String,
  _ dependencies: [Target.Dependency] = [],
  settings: [SwiftSetting] = sourceSettings
) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
  _ name: String,
  _ dependencies: [Target.Dependency],
  exclude: [String] = []
) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: dependencies + ["TestSupport"],
    exclude: exclude,
    swiftSettings: swiftSettings
  )
}

let package = Package(
  name: "martlet",
  products: [.executable(name: "martlet", targets: ["martlet"])],
  targets: [
    // Layer 0
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CLinux"),
    .target(
      name: "CKernels",
      cSettings: [
        // Debug builds and `swift test` run the same optimised kernels as release builds.
        .unsafeFlags(["-O3", "-std=c17", "-Wall", "-Wextra", "-Werror", "-fno-math-errno"])
      ],
      linkerSettings: [.linkedLibrary("m")]
    ),
    library("Storage"),
    library("Tensors", ["CZlib", "Storage"]),
    library("HTTP", ["CLinux"]),
    library("Jobs", ["Storage"], settings: smallSettings),
    library("CommandLineTool", settings: smallSettings),
    // Layer 1
    library("GraphIR", ["Tensors"], settings: smallSettings),
    library("Datasets", ["CZlib", "Storage", "Tensors"]),
    // Layer 2
    library(
      "ONNXFormat",
      ["Datasets", "GraphIR", "Storage", "Tensors"],
      settings: smallSettings
    ),
    library("Autodiff", ["GraphIR", "Tensors"], settings: smallSettings),
    library("NN", ["GraphIR", "Tensors"], settings: smallSettings),
    // Layer 3
    library("Engine", ["CKernels", "GraphIR", "Tensors"]),
    // Layer 4
    library(
      "Training",
      ["Autodiff", "CKernels", "Datasets", "Engine", "GraphIR", "NN", "Storage", "Tensors"]
    ),
    // Layer 5
    library(
      "Reinforcement",
      [
        "Autodiff", "CKernels", "Datasets", "Engine", "GraphIR", "NN", "Storage", "Tensors",
        "Training",
      ]
    ),
    // Layer 6
    library(
      "Zoo",
      [
        "Autodiff", "Datasets", "Engine", "GraphIR", "NN", "ONNXFormat", "Reinforcement", "Storage",
        "Tensors", "Training",
      ],
      settings: smallSettings
    ),
    library(
      "Service",
      [
        "CKernels", "CLinux", "Datasets", "Engine", "GraphIR", "HTTP", "Jobs", "ONNXFormat",
        "Reinforcement", "Storage", "Tensors", "Training",
      ]
    ),
    // Layer 7
    .executableTarget(
      name: "martlet",
      dependencies: [
        "Autodiff", "CKernels", "CommandLineTool", "Datasets", "Engine", "GraphIR", "HTTP", "Jobs",
        "NN", "ONNXFormat", "Reinforcement", "Service", "Storage", "Tensors", "Training", "Zoo",
      ],
      swiftSettings: smallSettings,
      linkerSettings: [.unsafeFlags(linkFlags, .when(configuration: .release))]
    ),

    .target(
      name: "TestSupport",
      dependencies: [
        "Autodiff", "Engine", "GraphIR", "Jobs", "NN", "Storage", "Tensors", "Training",
      ],
      path: "Tests/TestSupport",
      swiftSettings: swiftSettings
    ),
    tests("CKernels", ["CKernels"]),
    tests("Storage", ["Storage"]),
    tests("Tensors", ["Storage", "Tensors"]),
    tests("HTTP", ["HTTP"]),
    tests("Jobs", ["Jobs", "Storage"]),
    tests("CommandLineTool", ["CommandLineTool"]),
    tests("GraphIR", ["GraphIR", "Tensors"]),
    tests("Datasets", ["Datasets", "Storage", "Tensors"], exclude: ["Fixtures/jpeg.npz"]),
    tests("ONNXFormat", ["Datasets", "Engine", "GraphIR", "ONNXFormat", "Storage", "Tensors"]),
    tests("Autodiff", ["Autodiff", "Engine", "GraphIR", "Tensors"]),
    tests("NN", ["Autodiff", "Engine", "GraphIR", "NN", "Tensors"]),
    tests("Engine", ["CKernels", "Engine", "GraphIR", "Tensors"]),
    tests(
      "Training",
      ["Autodiff", "Datasets", "Engine", "GraphIR", "NN", "Tensors", "Training"],
      exclude: ["Fixtures/make_optimizer_fixtures.py"]
    ),
    tests(
      "Reinforcement",
      [
        "Autodiff", "Datasets", "Engine", "GraphIR", "NN", "Reinforcement", "Storage", "Tensors",
        "Training",
      ],
      exclude: ["Fixtures"]
    ),
    tests(
      "Zoo",
      [
        "Datasets", "Engine", "GraphIR", "NN", "ONNXFormat", "Reinforcement", "Storage", "Tensors",
        "Training", "Zoo",
      ]
    ),
    tests(
      "Service",
      [
        "Datasets", "Engine", "GraphIR", "HTTP", "Jobs", "ONNXFormat", "Reinforcement", "Service",
        "Storage", "Tensors", "Training",
      ]
    ),
    tests("Martlet", ["CommandLineTool", "Reinforcement", "martlet"]),
    tests("Repository", ["GraphIR", "Autodiff", "Engine", "HTTP", "Service"]),
  ],
  cLanguageStandard: .c17
)
