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
    library("CLibpq", pkgConfig: "libpq", package: "libpq-dev"),
    library("CCrypto", pkgConfig: "libcrypto", package: "libssl-dev"),
    library("CTLS", pkgConfig: "libssl", package: "libssl-dev"),
    library("CJemalloc", pkgConfig: "jemalloc", package: "libjemalloc-dev"),
    library("CIdn2", pkgConfig: "libidn2", package: "libidn2-dev"),
    library("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),
    // libphonenumber is C++ and has no pkg-config file: a shim of one C++ file stands before it.
    .target(
        name: "CPhones", path: "Sources/CLibraries/CPhones",
        linkerSettings: [.linkedLibrary("phonenumber"), .linkedLibrary("stdc++")]),
]

let platform: [Target] = [
    room("Primitives", on: "Platform"),
    room("Kafka", on: "Platform", uses: ["CLibrdkafka", "Primitives"]),
    room("JSON", on: "Platform", also: lifetimes),
    room("HTTP", on: "Platform", uses: ["CMicrohttpd", "CCurl", "CZlib", "Primitives"]),
    room("Mail", on: "Platform", uses: ["CCurl", "Primitives"]),
    room("Database", on: "Platform", uses: ["CSQLite", "CLibpq", "Primitives", "Telemetry"]),
    room("Crypto", on: "Platform", uses: ["CCrypto"]),
    room("TLS", on: "Platform", uses: ["CTLS"]),
    room("Phones", on: "Platform", uses: ["CPhones"]),
    room("Hostnames", on: "Platform", uses: ["CIdn2"]),
    room("Telemetry", on: "Platform", uses: ["Primitives"]),
    room("Tracing", on: "Platform", uses: ["Primitives", "JSON", "Telemetry"]),
    room("Templates", on: "Platform"),
    room("Configuration", on: "Platform"),
    room("Allocator", on: "Platform", uses: ["CJemalloc"]),
    room("CommandLine", on: "Platform", uses: ["Configuration"]),
]

let domain: [Target] = [
    room("Events", on: "Domain", uses: ["JSON", "Crypto"]),
    room("Orders", on: "Domain", uses: ["Events", "JSON", "Crypto", "Phones", "Hostnames"]),
    room("Access", on: "Domain", uses: ["Crypto"]),
    room("RateLimit", on: "Domain", uses: ["Primitives", "Crypto"]),
]

let runtime: [Target] = [
    room("Lifecycle", on: "Runtime", uses: ["Primitives", "HTTP", "Events", "Telemetry", "Configuration"]),
    room(
        "TraceExport", on: "Runtime",
        uses: ["Primitives", "HTTP", "Telemetry", "Tracing", "Configuration", "Lifecycle"]),
    room("Ledger", on: "Runtime", uses: ["Database", "Access", "Events", "Orders", "Crypto", "JSON"]),
    room(
        "Control", on: "Runtime",
        uses: ["Primitives", "Kafka", "Access", "Orders", "RateLimit", "Ledger", "Lifecycle", "Telemetry"]),
    room("Limiter", on: "Runtime", uses: ["Primitives", "Kafka", "RateLimit", "Access", "Lifecycle", "Telemetry"]),
    room(
        "Intake", on: "Runtime",
        uses: ["Kafka", "JSON", "Crypto", "Events", "Orders", "Ledger", "Lifecycle", "Telemetry", "Tracing"]),
    room(
        "Delivery", on: "Runtime",
        uses: ["Primitives", "Kafka", "Crypto", "Orders", "Ledger", "Intake", "Lifecycle", "Telemetry", "Tracing"]),
    room("Books", on: "Runtime", uses: ["Kafka", "Events", "Ledger", "Intake", "Lifecycle", "Telemetry"]),
    room(
        "Canary", on: "Runtime",
        uses: ["HTTP", "Configuration", "Telemetry", "Events", "Orders", "Ledger", "Lifecycle", "Intake", "Delivery"]),
    room("Outbound", on: "Runtime", uses: ["HTTP", "Ledger", "Delivery", "Telemetry", "Tracing"]),
    room(
        "Assembly", on: "Runtime",
        uses: [
            "CommandLine", "Configuration", "Kafka", "Database", "Telemetry", "Tracing", "TraceExport", "Ledger",
            "Lifecycle", "Control", "Limiter", "Intake", "Delivery", "Books", "Canary",
        ]),
]

let processes: [Target] = [
    room(
        "Ingest", on: "Processes",
        uses: [
            "Primitives", "HTTP", "JSON", "Kafka", "Crypto", "Telemetry", "Tracing", "Orders", "Access", "Ledger",
            "Control", "Lifecycle", "Limiter", "RateLimit", "Configuration", "CommandLine", "Assembly",
        ]),
    room(
        "Confirmations", on: "Processes",
        uses: [
            "Mail", "Templates", "Crypto", "Configuration", "CommandLine", "Telemetry", "Access", "Orders", "Ledger",
            "Lifecycle", "Intake", "Delivery", "Outbound", "Assembly",
        ]),
    room(
        "Analytics", on: "Processes",
        uses: ["CommandLine", "Telemetry", "Orders", "Ledger", "Intake", "Delivery", "Assembly"]),
    room(
        "CRM", on: "Processes",
        uses: [
            "HTTP", "Crypto", "JSON", "Telemetry", "CommandLine", "Orders", "Ledger", "Intake", "Delivery",
            "Outbound", "Assembly",
        ]),
    room(
        "Sandbox", on: "Processes",
        uses: [
            "Primitives", "HTTP", "Mail", "TLS", "Telemetry", "Configuration", "CommandLine", "Lifecycle", "Assembly",
        ]),
]

/// What the door and some tests use: all rooms but the allocator, which only programs link.
let everything = (platform + domain + runtime + processes).map(\.name).filter { $0 != "Allocator" }

let door: [Target] = [
    // A library, so that tests may ask it what it knows; the program adds its allocator.
    .target(
        name: "Door", dependencies: everything.map { .init(stringLiteral: $0) }, path: "Sources/Door",
        swiftSettings: rules),
    .executableTarget(
        name: "OrderRelay", dependencies: ["Door", "Allocator"], path: "Sources/OrderRelay", swiftSettings: rules),
]

let checks: [Target] = [
    // What tests of several rooms, and the benchmarks, need: sample events, clocks that stand still, a database that fails,
    // a real Kafka, the program under test.
    .target(
        name: "Support", dependencies: ["Access", "Crypto", "Database", "Kafka", "Ledger", "Lifecycle", "Orders"],
        path: "Tests/Support", swiftSettings: rules),
    // Breaks the Kafka module's rules on purpose, in processes of their own.
    .executableTarget(name: "KafkaControls", dependencies: ["CLibrdkafka"], path: "Tests/KafkaControls"),
    tests(of: "Primitives"),
    tests(of: "Kafka", uses: ["CLibrdkafka", "KafkaControls", "Primitives", "Support"]),
    tests(of: "JSON"), tests(of: "HTTP", uses: ["CMicrohttpd", "CZlib", "Support"]), tests(of: "Mail", uses: ["CCurl"]),
    tests(of: "Database", uses: ["CLibpq", "Primitives", "Telemetry", "Support"]), tests(of: "Crypto"),
    tests(of: "Phones"),
    tests(of: "Hostnames"), tests(of: "Telemetry"), tests(of: "Tracing", uses: ["Telemetry"]),
    tests(
        of: "TraceExport",
        uses: ["HTTP", "Telemetry", "Tracing", "Configuration", "Lifecycle", "Primitives", "Support"]),
    tests(of: "Templates", exclude: ["Resources"]),
    tests(of: "Configuration"), tests(of: "CommandLine"),
    tests(of: "Events", uses: ["Crypto", "JSON"]), tests(of: "Orders", uses: ["JSON", "Crypto"]),
    tests(of: "Access", uses: ["Crypto"]),
    tests(
        of: "Control",
        uses: ["Access", "Crypto", "Kafka", "Ledger", "Orders", "RateLimit", "Telemetry", "Support"]),
    tests(of: "RateLimit"), tests(of: "Limiter", uses: ["RateLimit", "Kafka", "Telemetry"]),
    tests(of: "Lifecycle", uses: ["Primitives", "Events"]),
    tests(of: "Ledger", uses: ["Access", "Crypto", "Database", "Orders", "Support"]),
    tests(
        of: "Intake",
        uses: [
            "Kafka", "Crypto", "Database", "Events", "Ledger", "Lifecycle", "Orders", "Telemetry", "Tracing", "Support",
        ]),
    tests(
        of: "Delivery",
        uses: [
            "Primitives", "Kafka", "Crypto", "Database", "Ledger", "Lifecycle", "Orders", "Intake", "Telemetry",
            "Tracing", "Support",
        ]),
    tests(
        of: "Books",
        uses: [
            "Database", "Events", "Intake", "Kafka", "Ledger", "Lifecycle", "Orders", "Telemetry", "Support",
        ]),
    tests(
        of: "Canary",
        uses: [
            "HTTP", "Configuration", "Telemetry", "Events", "Orders", "Ledger", "Lifecycle", "Intake", "Delivery",
            "Support",
        ]),
    tests(of: "Outbound", uses: ["HTTP", "Delivery", "Ledger", "Telemetry", "Tracing"]),
    tests(
        of: "Ingest",
        uses: [
            "HTTP", "JSON", "Orders", "Access", "Control", "Crypto", "Ledger", "Limiter", "Kafka", "Telemetry",
            "Tracing", "RateLimit", "Configuration", "Support",
        ]),
    tests(
        of: "Confirmations",
        uses: ["Access", "Configuration", "Crypto", "Delivery", "Intake", "Ledger", "Mail", "Orders", "Outbound"]),
    tests(of: "Analytics", uses: ["Database", "Orders", "Ledger", "Intake", "Support"]),
    tests(
        of: "CRM",
        uses: ["Orders", "Delivery", "Ledger", "Intake", "Outbound", "HTTP", "JSON", "Crypto", "Sandbox", "Telemetry"]),
    tests(of: "Sandbox", uses: ["HTTP", "Mail", "TLS"]),
    tests(of: "Door", uses: everything + ["Support"]),
    .testTarget(
        name: "Integration", dependencies: (everything + ["Door", "Support"]).map { .init(stringLiteral: $0) },
        path: "Tests/Integration",
        exclude: ["Support/Mail"], swiftSettings: rules),
    // Two simulators, of the rate limit and of intake and delivery, and what both are made of. Libraries, so that the tests
    // run some seeds and a command, optimised, a thousand.
    .target(name: "World", path: "Tests/Simulation/World", swiftSettings: rules),
    .target(
        name: "Simulator", dependencies: ["RateLimit", "World"], path: "Tests/Simulation/Simulator",
        swiftSettings: rules),
    .target(
        name: "Relay",
        dependencies: ["Crypto", "Delivery", "Events", "Intake", "Ledger", "Lifecycle", "Orders", "World"],
        path: "Tests/Simulation/Relay", swiftSettings: rules),
    .testTarget(
        name: "Simulation", dependencies: ["RateLimit", "Relay", "Simulator", "World"], path: "Tests/Simulation/Suite",
        swiftSettings: rules),
    .executableTarget(
        name: "simulate", dependencies: ["Relay", "Simulator"], path: "Tests/Simulation/Command",
        swiftSettings: rules),
    .executableTarget(
        name: "CrashControl", dependencies: ["Kafka", "Ledger", "Orders", "Intake", "Telemetry"],
        path: "Tests/CrashControl",
        swiftSettings: rules),
    .executableTarget(
        name: "Benchmarks",
        dependencies: (everything + ["Allocator", "CMicrohttpd", "CLibrdkafka", "CLibpq", "Support"]).map {
            .init(stringLiteral: $0)
        },
        path: "Tests/Benchmarks",
        exclude: ["README.md", "SlowDisk"], swiftSettings: rules),
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

/// All targets, or, where ORDERRELAY_TESTS names test targets, these and what they need: under a sanitizer everything is
/// built once more, so it is only what runs there.
func selected(of all: [Target]) -> [Target] {
    guard let names = Context.environment["ORDERRELAY_TESTS"] else { return all }
    var waiting = names.split(separator: " ").map(String.init)
    var needed: Set<String> = []
    while let name = waiting.popLast() {
        guard needed.insert(name).inserted else { continue }
        guard let target = all.first(where: { $0.name == name }) else {
            fatalError("ORDERRELAY_TESTS: there is no target \(name)")
        }
        for case .byNameItem(let dependency, _) in target.dependencies { waiting.append(dependency) }
    }
    return all.filter { needed.contains($0.name) }
}
let targets = selected(of: libraries + platform + domain + runtime + processes + door + checks + fuzzing)

let package = Package(
    name: "OrderRelay",
    products: targets.contains { $0.name == "OrderRelay" }
        ? [.executable(name: "orderrelay", targets: ["OrderRelay"])] : [],
    targets: targets,
    cxxLanguageStandard: .cxx17
)
