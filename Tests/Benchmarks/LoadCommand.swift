import Foundation

/// `benchmarks load`: the load generator as a process, and how another benchmark runs it.
enum LoadCommand {
    static let usage = """
        load --port P [--connections N] [--seconds S] [--warm-up S] [--method M] [--path P] [--field 'Name: value']… \
        [--body TEXT]   ({n} in path, fields and body is the request's number)
        """

    static func run(_ words: [String]) {
        var generator = LoadGenerator(port: 0) { _, _ in }
        var request = LoadRequest()
        var rest = words[...]
        while let option = rest.popFirst(), let value = rest.popFirst() {
            switch option {
            case "--port": generator.port = Int(value) ?? 0
            case "--connections": generator.connections = Int(value) ?? 64
            case "--seconds": generator.duration = .seconds(Double(value) ?? 5)
            case "--warm-up": generator.warmUp = .seconds(Double(value) ?? 1)
            case "--method": request.method = value
            case "--path": request.path = value
            case "--field": request.fields.append(value)
            case "--body": request.body = value
            default: fatalError("unknown option \(option)\n\(usage)")
            }
        }
        guard generator.port > 0 else { fatalError(usage) }
        generator.write = request.writer
        print(generator.run().line)
    }

    /// Starts the generator in a process of its own.
    static func start(
        port: Int, connections: Int, seconds: Double, warmUp: Double = 1, _ request: LoadRequest
    ) throws -> BenchmarkChild {
        var arguments = [
            "load", "--port", "\(port)", "--connections", "\(connections)", "--seconds", "\(seconds)", "--warm-up",
            "\(warmUp)", "--method", request.method, "--path", request.path, "--body", request.body,
        ]
        for field in request.fields { arguments += ["--field", field] }
        return try BenchmarkChild(arguments)
    }

    /// What a generator that was started reports; waits for its end.
    static func report(of child: BenchmarkChild) -> [String: String] {
        let line = child.readLine() ?? ""
        child.waitForEnd()
        return LoadReport.words(of: line)
    }
}

/// This executable, run again with other words: a server or a load generator in a process of its own.
final class BenchmarkChild {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    init(_ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// The next line that it prints; nil once it has ended.
    func readLine() -> String? {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                defer { unread.removeSubrange(unread.startIndex...end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            unread.append(more)
        }
    }

    /// Seconds on a processor, user and system, so far.
    var processorSeconds: Double {
        guard let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8) else {
            return 0
        }
        // The name, in brackets, may have spaces; times are the 14th and 15th field of all.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Ends it by closing its input.
    func end() {
        try? input.fileHandleForWriting.close()
        waitForEnd()
    }

    func waitForEnd() { process.waitUntilExit() }
}
