public import Limiter
public import RateLimit

/// Where `ingest` asks for permits: the one place through which every authenticated request goes.
public protocol PermitGate: Sendable {
    /// Asks for `count` permits of a limit: all or none. Answers within 5 s.
    func permit(of terms: LimitTerms, count: Int) async -> LimitAnswer
    /// A limit's usage; nil if that is not known yet. Costs no permit.
    func usage(of terms: LimitTerms) -> LimitUsage?
}

extension Limiter: PermitGate {}
