public import HTTP
import Synchronization
public import Telemetry

/// A CRM's API according to its documentation: understands requests, and stores their objects.
protocol EmulatedCRM: Sendable {
    /// The prefix of its paths.
    static var pathPrefix: String { get }
    /// - Parameter now: milliseconds since 1970.
    init(now: Int64)
    /// - Parameter token: the only valid one; nil: any is accepted.
    mutating func answer(_ request: Request, token: String?, now: Int64) -> Response
    /// Its answer for a refusal on demand; nil if the fault is not a refusal of its own.
    func refusal(_ fault: CRMFaults.What) -> Response?
    /// The objects that were written since this was last asked, as each write left them, in the order of the writes.
    mutating func takeWritten() -> [SandboxCRM.Entry]
    /// All objects of a type, the newest first: `contacts`, `deals`.
    func entries(of type: String) -> [SandboxCRM.Entry]
    func count(of type: String) -> Int
}

/// The CRMs that the sandbox emulates.
enum EmulatedCRMs {
    static let all: [any EmulatedCRM.Type] = [HubSpotEmulation.self]
}

/// One CRM of the sandbox: answers, counts, and misbehaves on demand.
public final class SandboxCRM: Sendable {
    private let kind: any EmulatedCRM.Type
    private let token: String?
    private let emulation: Mutex<any EmulatedCRM>
    private let observer = Mutex<(@Sendable (Entry) -> Void)?>(nil)
    /// Faults of this CRM, on demand.
    public let faults = CRMFaults()
    private let requests = Atomic<Int>(0)
    private let now: @Sendable () -> Int64

    /// HubSpot's.
    /// - Parameter token: the only valid one; nil: any is accepted.
    public convenience init(token: String? = nil, now: @escaping @Sendable () -> Int64 = WallClock.milliseconds) {
        self.init(HubSpotEmulation.self, token: token, now: now)
    }

    init(
        _ kind: any EmulatedCRM.Type, token: String?, now: @escaping @Sendable () -> Int64 = WallClock.milliseconds
    ) {
        self.kind = kind
        self.token = token
        self.now = now
        emulation = Mutex(kind.init(now: now()))
    }

    /// Requests answered so far, including those with faults.
    public var requestCount: Int { requests.load(ordering: .relaxed) }
    /// Removes all objects and associations.
    public func clear() { emulation.withLock { $0 = kind.init(now: now()) } }

    /// An object of the CRM, for pages and tests: a contact or a deal.
    public struct Entry: Sendable, Equatable {
        public let id: String
        public let properties: [String: String]
        /// Milliseconds since 1970, UTC.
        public let updatedAt: Int64
        /// The ids of the contacts that a deal is associated with; of a contact, empty.
        public let contacts: [String]
    }

    /// The newest objects of a type (`contacts`, `deals`), newest first.
    public func entries(of type: String, limit: Int) -> [Entry] {
        emulation.withLock { Array($0.entries(of: type).prefix(limit)) }
    }

    /// How many objects of a type there are: `contacts`, `deals`.
    public func count(of type: String) -> Int { emulation.withLock { $0.count(of: type) } }

    /// Who is told of each object that is written, in the order of the writes; nil: nobody.
    public func observe(_ observer: (@Sendable (Entry) -> Void)?) { self.observer.withLock { $0 = observer } }

    /// Whether the path is this CRM's.
    func isFor(_ path: String) -> Bool { path.hasPrefix(kind.pathPrefix) }

    /// This CRM's answer for the fault; nil if it is not a refusal of its own.
    func refusal(_ fault: CRMFaults.What) -> Response? { emulation.withLock { $0.refusal(fault) } }

    /// Answers a request under its path.
    public func answer(_ request: Request) -> Response {
        requests.wrappingAdd(1, ordering: .relaxed)
        let now = now()
        return emulation.withLock { emulation in
            let response = emulation.answer(request, token: token, now: now)
            // Under the lock: else a later write could be told first.
            let written = emulation.takeWritten()
            if let observer = observer.withLock({ $0 }) { written.forEach(observer) }
            return response
        }
    }
}

/// `%40` → `@`; malformed sequences stay as they are.
func percentDecoded(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(hexValue),
            let low = rest.dropFirst().first.flatMap(hexValue)
        {
            bytes.append(high << 4 | low)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
