import HTTP
import Support
import Synchronization

/// Callers who want more than their limit, through every process at once: each asks again at once when it was admitted,
/// and after some seconds when it was refused. So every permit is taken as soon as it is there, the first ones in a
/// burst that comes back at each window's edge, and yet no more is refused than a limit suffers without being
/// restricted.
struct LimitCallers {
    let fleet: IngestFleet
    let token: String
    let processes: Int
    private let lanes = 16
    /// 16 lanes refused every 5.4 s: 180 refusals a minute. They are reported every 10 s, so that 60 s may be charged
    /// with those of 70, or, where a busy machine reports late, of 80; 300 of them would bring a restriction.
    private let pauseAfterRefusal = 4_400...6_400

    private final class Shared: Sendable {
        let tally = Mutex(LimitTally())
    }

    func call(for time: Duration) async -> LimitTally {
        let shared = Shared()
        let end = ContinuousClock.now + time
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<lanes {
                group.addTask { await call(process: lane % processes, until: end, shared) }
            }
        }
        return shared.tally.withLock { $0 }
    }

    private func call(process: Int, until end: ContinuousClock.Instant, _ shared: Shared) async {
        while .now < end {
            let sent = ContinuousClock.now
            let outcome: LimitTally.Outcome
            do {
                let response = try await fleet.send(.get, "/me", token: token, process: process)
                outcome = .init(response)
            } catch {
                outcome = .broken
            }
            let answered = ContinuousClock.now
            shared.tally.withLock { $0.note(outcome, .init(sent: sent, answered: answered), process: process) }
            guard outcome != .granted else { continue }
            let pause = outcome == .refused ? Int.random(in: pauseAfterRefusal) : 400
            try? await Task.sleep(until: min(end, .now + .milliseconds(pause)), clock: .continuous)
        }
    }
}

/// What callers saw.
struct LimitTally: Sendable {
    enum Outcome: Sendable, Equatable {
        case granted, refused, restricted, unavailable
        /// No answer: the process was gone, or too late.
        case broken
        /// An answer that the limit has none of.
        case other(Int)

        init(_ response: Response) {
            switch response.status {
            case 200: self = .granted
            case 429:
                let text = String(decoding: response.body, as: UTF8.self)
                self = text.contains("ABNORMAL_USAGE_DETECTED") ? .restricted : .refused
            case 503: self = .unavailable
            default: self = .other(response.status)
            }
        }

        var isVerdict: Bool { self == .granted || self == .refused }
    }

    private struct Answer: Sendable {
        var outcome: Outcome
        var request: Admissions.Request
        var process: Int
    }

    private var answers: [Answer] = []

    mutating func note(_ outcome: Outcome, _ request: Admissions.Request, process: Int) {
        answers.append(Answer(outcome: outcome, request: request, process: process))
    }

    var granted: [Admissions.Request] { answers.filter { $0.outcome == .granted }.map(\.request) }

    func count(_ outcome: Outcome) -> Int { answers.count { $0.outcome == outcome } }

    /// Answers that none of the limit's are.
    var strange: [Outcome] {
        answers.map(\.outcome).filter { outcome in
            if case .other = outcome { return true }
            return outcome == .restricted
        }
    }

    /// The spans in which a process gave no verdict: from the first request that got none to the next one that did.
    func silences(of process: Int) -> [Duration] {
        var silences: [Duration] = []
        var since: ContinuousClock.Instant?
        let own = answers.filter { $0.process == process }
        for answer in own.sorted(by: { $0.request.answered < $1.request.answered }) {
            if !answer.outcome.isVerdict {
                since = min(since ?? answer.request.sent, answer.request.sent)
            } else if let began = since {
                silences.append(answer.request.answered - began)
                since = nil
            }
        }
        return silences
    }

    /// Who got which answer, and for how long there was none.
    func report(limit: Int, processes: Int) -> String {
        let withoutVerdicts = (0..<processes).map { process in
            let spans = silences(of: process).map { $0 / .seconds(1) }
            return "\(Self.tenths(spans.reduce(0, +))) s (longest \(Self.tenths(spans.max() ?? 0)))"
        }
        return """
            \(count(.granted)) admitted, worst window that can be proven \(Admissions.worst(of: granted)) of \(limit), \
            used \(Admissions.used(of: granted, limit: limit)) %, \(count(.refused)) refused, \
            \(count(.unavailable)) answered 503, \(count(.broken)) without an answer; \
            time without verdicts, by process: \(withoutVerdicts.joined(separator: ", "))
            """
    }

    private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
