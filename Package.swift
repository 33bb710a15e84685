// swift-tools-version: 6.2
import PackageDescription

/// The rules of the house, the same for every target of ours.
let rules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// One target a folder: its name is the folder's, its floor the folder above.
func room(_ name: String, on floor: String, uses dependencies: [String] = [], also: [SwiftSetting] = []) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) },
        path: "Sources/\(floor)/\(name)", swiftSettings: rules + also)
}

/// The tests of one room, beside it in name.
func tests(
    of name: String, uses dependencies: [String] = [], exclude: [String] = [], also: [SwiftSetting] = []
) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: ([name] + dependencies).map { .init(stringLiteral: $0) },
        path: "Tests/\(name)Tests", exclude: exclude, swiftSettings: rules + also)
}

/// A C library of the distribution: a module map and a shim, nothing else.
func library(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

let lifetimes: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes")]

let libraries: [Target] = [
    library("CLibrdkafka", pkgConfig: "rdkafka", package: "librdkafka-dev"),
    library("CMicrohttpd", pkgConfig: "libmicrohttpd", package: "libmicrohttpd-dev"),
    library("CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
    library("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
    library("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
    library("CJemalloc", pkgConfig: "jemalloc", package: "libjemalloc-dev"),
    // libphonenumber is C++ and has no pkg-config file: a shim of one C++ file stands before it.
    .target(
        name: "CPhones", path: "Sources/CLibraries/CPhones",
        linkerSettings: [.linkedLibrary("phonenumber"), .linkedLibrary("stdc++")]),
]

let platform: [Target] = [
    room("Kafka", on: "Platform", uses: ["CLibrdkafka"]),
    room("JSON", on: "Platform", also: lifetimes),
    room("HTTP", on: "Platform", uses: ["CMicrohttpd", "CCurl"]),
    room("Mail", on: "Platform", uses: ["CCurl"]),
    room("Database", on: "Platform", uses: ["CSQLite"]),
    room("Crypto", on: "Platform", uses: ["CCrypto"]),
    room("Phones", on: "Platform", uses: ["CPhones"]),
    room("Telemetry", on: "Platform"),
    room("Templates", on: "Platform"),
    room("Configuration", on: "Platform"),
    room("Allocator", on: "Platform", uses: ["CJemalloc"]),
    room("CommandLine", on: "Platform", uses: ["Configuration"]),
]

let domain: [Target] = [
    room("Orders", on: "Domain", uses: ["JSON", "Crypto", "Phones"]),
    room("Access", on: "Domain", uses: ["Crypto"]),
    room("RateLimit", on: "Domain", uses: ["Crypto"]),
]

let runtime: [Target] = [
    room("Lifecycle", on: "Runtime", uses: ["HTTP", "Orders", "Telemetry", "Configuration"]),
    room("Ledger", on: "Runtime", uses: ["Database", "Access", "Orders", "Crypto", "JSON"]),
    room("Control", on: "Runtime", uses: ["Kafka", "Access", "Ledger", "Lifecycle", "Telemetry"]),
    room("Limiter", on: "Runtime", uses: ["Kafka", "RateLimit", "Access", "Lifecycle", "Telemetry"]),
    room("Intake", on: "Runtime", uses: ["Kafka", "JSON", "Crypto", "Orders", "Ledger", "Lifecycle", "Telemetry"]),
    room(
        "Delivery", on: "Runtime", uses: ["Kafka", "Crypto", "Orders", "Ledger", "Intake", "Lifecycle", "Telemetry"]),
]

let processes: [Target] = [
    room(
        "Ingest", on: "Processes",
        uses: [
            "HTTP", "JSON", "Kafka", "Crypto", "Telemetry", "Orders", "Access", "Ledger", "Control", "Lifecycle",
            "Limiter", "RateLimit", "Configuration",
        ]),
    room(
        "Confirmations", on: "Processes",
        uses: ["Mail", "Templates", "Crypto", "Configuration", "Access", "Orders", "Ledger", "Intake", "Delivery"]),
    room("Analytics", on: "Processes", uses: ["Telemetry", "Orders", "Ledger", "Intake"]),
    room(
        "CRM", on: "Processes",
        uses: ["HTTP", "Crypto", "JSON", "Telemetry", "Orders", "Ledger", "Intake", "Delivery"]),
    room("Sandbox", on: "Processes", uses: ["HTTP", "Mail", "Telemetry", "Lifecycle"]),
]

/// What tests may use, too: all rooms but the allocator.
let everything = [
    "Kafka", "JSON", "HTTP", "Mail", "Database", "Crypto", "Phones", "Telemetry", "Templates", "Configuration",
    "CommandLine", "Orders", "Access", "RateLimit", "Lifecycle", "Ledger", "Control", "Limiter", "Intake", "Delivery",
    "Ingest", "Confirmations", "Analytics", "CRM", "Sandbox",
]

let door: [Target] = [
    .executableTarget(
        name: "OrderRelay", dependencies: (everything + ["Allocator"]).map { .init(stringLiteral: $0) },
        path: "Sources/OrderRelay", swiftSettings: rules)
]

let checks: [Target] = [
    // Breaks the Kafka module's rules on purpose, in processes of their own.
    .executableTarget(name: "KafkaControls", dependencies: ["CLibrdkafka"], path: "Tests/KafkaControls"),
    tests(of: "Kafka", uses: ["CLibrdkafka", "KafkaControls"]),
    tests(of: "JSON"), tests(of: "HTTP", uses: ["CMicrohttpd"]), tests(of: "Mail", uses: ["CCurl"]),
    tests(of: "Database"), tests(of: "Crypto"), tests(of: "Phones"), tests(of: "Telemetry"),
    tests(of: "Templates", exclude: ["Resources"]),
    tests(of: "Configuration"), tests(of: "CommandLine"), tests(of: "Orders", uses: ["JSON", "Crypto"]),
    tests(of: "Access", uses: ["Crypto"]),
    tests(of: "Control", uses: ["Access", "Kafka", "Ledger", "Database", "Telemetry"]),
    tests(of: "RateLimit"), tests(of: "Limiter", uses: ["RateLimit", "Kafka", "Telemetry"]), tests(of: "Lifecycle"),
    tests(of: "Ledger", uses: ["Database", "Orders"]),
    tests(of: "Intake", uses: ["Kafka", "Crypto", "Database", "Ledger", "Lifecycle", "Orders", "Telemetry"]),
    tests(
        of: "Delivery",
        uses: ["Kafka", "Crypto", "Database", "Ledger", "Lifecycle", "Orders", "Intake", "Telemetry"]),
    tests(
        of: "Ingest",
        uses: [
            "HTTP", "JSON", "Orders", "Access", "Crypto", "Ledger", "Database", "Kafka", "Telemetry", "RateLimit",
            "Configuration",
        ]),
    tests(
        of: "Confirmations",
        uses: ["Access", "Configuration", "Crypto", "Delivery", "Intake", "Ledger", "Mail", "Orders"]),
    tests(of: "Analytics", uses: ["Orders", "Ledger", "Intake", "Database"]),
    tests(
        of: "CRM", uses: ["Orders", "Delivery", "Ledger", "Intake", "HTTP", "JSON", "Crypto", "Sandbox", "Telemetry"]),
    tests(of: "Sandbox", uses: ["HTTP", "Mail"]),
    .testTarget(
        name: "Integration", dependencies: everything.map { .init(stringLiteral: $0) }, path: "Tests/Integration",
        exclude: ["Support/Mail"], swiftSettings: rules),
    // The simulator is a library, so that the tests run some seeds and a command, optimised, a thousand.
    .target(name: "Simulator", dependencies: ["RateLimit"], path: "Tests/Simulation/Simulator", swiftSettings: rules),
    .testTarget(
        name: "Simulation", dependencies: ["RateLimit", "Simulator"], path: "Tests/Simulation/Suite",
        swiftSettings: rules),
    .executableTarget(
        name: "simulate", dependencies: ["Simulator"], path: "Tests/Simulation/Command", swiftSettings: rules),
    .executableTarget(
        name: "CrashControl", dependencies: ["Kafka", "Ledger", "Orders", "Intake", "Telemetry"],
        path: "Tests/CrashControl",
        swiftSettings: rules),
    .executableTarget(
        name: "Benchmarks",
        dependencies: (everything + ["Allocator", "CMicrohttpd", "CLibrdkafka"]).map { .init(stringLiteral: $0) },
        path: "Tests/Benchmarks",
        exclude: ["README.md"], swiftSettings: rules),
]

/// What must hold of every decoder, whatever bytes it is given: a test suite that replays the kept corpora, or, where
/// `deploy/fuzz` builds, the fuzzer's program, which only links with the fuzzing runtime.
let isFuzzing = Context.environment["ORDERRELAY_FUZZ"] == "1"
let fuzzed: [Target.Dependency] = [
    "JSON", "HTTP", "Mail", "Orders", "RateLimit", "Access", "Crypto", "Delivery", "CRM", "CCurl",
]
let fuzzing: [Target] = [
    isFuzzing
        ? .executableTarget(
            name: "Fuzzing", dependencies: fuzzed, path: "Tests/Fuzzing", exclude: ["README.md", "Corpora", "Suite"],
            swiftSettings: rules)
        : .testTarget(
            name: "Fuzzing", dependencies: fuzzed, path: "Tests/Fuzzing", exclude: ["README.md", "Corpora", "Command"],
            swiftSettings: rules)
]

let package = Package(
    name: "OrderRelay",
    products: [.executable(name: "orderrelay", targets: ["OrderRelay"])],
    targets: libraries + platform + domain + runtime + processes + door + checks + fuzzing,
    cxxLanguageStandard: .cxx17
)
