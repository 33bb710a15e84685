import Crypto
import Orders

/// What makes two requests the same one.
enum RepeatKey: Hashable, Sendable {
    /// The caller named it: the event's id is derived from the account and the natural key or the Idempotency-Key.
    case named(EventID)
    /// The caller did not: for 60 s equal content against the same limit counts as a blind retry. The digest covers the
    /// limit, what the content is about, and the content's own digest.
    case content(Digest)

    init(_ event: EventID) { self = .named(event) }

    init(limit: String, of what: String, digest: Digest) {
        self = .content(sha256(Array("\(limit)/\(what)/\(digest)".utf8)))
    }
}

/// What was promised for a key: enough to repeat the first answer.
struct Promise: Sendable, Equatable {
    var event: EventID
    var at: Timestamp
}

/// What this process remembers of requests that it has published or is publishing, so that a caller's blind retry
/// gets the first answer again (DESIGN §3).
///
/// Only an optimisation: the ids are deterministic, so a repeat that another process gets, or that comes after it was
/// forgotten here, folds in the workers. Keyed entries live 24 h, keyless ones 60 s.
struct Repeats: Sendable {
    /// How to handle a request.
    enum Verdict: Sendable, Equatable {
        /// Publish, under these ids: new ones, or those of an earlier attempt that was not acknowledged.
        case publish(Promise)
        /// It was answered already: repeat that answer.
        case replay(Promise)
        /// The same key is being published now.
        case inFlight
        /// The same key came with other content.
        case reused
    }

    private struct Entry: Sendable {
        enum State: Sendable { case inFlight, answered, failed }
        var digest: Digest
        var promise: Promise
        var state: State
    }

    private var named: Recent<RepeatKey, Entry>
    private var keyless: Recent<RepeatKey, Entry>

    init(maximum: Int) {
        named = Recent(maximum: maximum, lifetime: .seconds(24 * 3600))
        keyless = Recent(maximum: maximum, lifetime: .seconds(60))
    }

    /// A request begins; `promise` is what would be promised for it if it is the first of its key.
    mutating func begin(
        _ key: RepeatKey, digest: Digest, promise: Promise, now: ContinuousClock.Instant
    ) -> Verdict {
        guard let entry = memory(of: key).value(key, now: now) else {
            note(key, Entry(digest: digest, promise: promise, state: .inFlight), now: now)
            return .publish(promise)
        }
        guard entry.digest == digest else { return .reused }
        switch entry.state {
        case .answered: return .replay(entry.promise)
        case .inFlight:
            // A caller without keys could not act on a 409: the record is published once more under the same ids, and
            // the two fold.
            if case .content = key { return .publish(entry.promise) }
            return .inFlight
        case .failed:
            modify(key, now: now) { $0.state = .inFlight }
            return .publish(entry.promise)
        }
    }

    /// The record was acknowledged: from now on the key is answered from memory.
    mutating func acknowledged(_ key: RepeatKey, now: ContinuousClock.Instant) { settle(key, .answered, now: now) }

    /// The record was not acknowledged in time; it may be on the topic nevertheless.
    mutating func failed(_ key: RepeatKey, now: ContinuousClock.Instant) { settle(key, .failed, now: now) }

    private mutating func settle(_ key: RepeatKey, _ state: Entry.State, now: ContinuousClock.Instant) {
        // Of two attempts in flight the one that succeeded counts.
        modify(key, now: now) { if $0.state != .answered { $0.state = state } }
    }

    private func memory(of key: RepeatKey) -> Recent<RepeatKey, Entry> {
        if case .named = key { return named }
        return keyless
    }

    private mutating func note(_ key: RepeatKey, _ entry: Entry, now: ContinuousClock.Instant) {
        if case .named = key { named.note(key, entry, now: now) } else { keyless.note(key, entry, now: now) }
    }

    private mutating func modify(_ key: RepeatKey, now: ContinuousClock.Instant, _ change: (inout Entry) -> Void) {
        if case .named = key { named.modify(key, now: now, change) } else { keyless.modify(key, now: now, change) }
    }
}
