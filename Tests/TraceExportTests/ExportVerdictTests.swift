import HTTP
import Testing

@testable import TraceExport

@Suite("What an attempt to export came to") struct ExportVerdictTests {
    private func verdict(_ status: Int, _ fields: HeaderFields = [:], _ body: String = "") -> ExportVerdict {
        ExportVerdict(Response(status: status, fields: fields, body: Array(body.utf8)))
    }

    @Test(
        "what OTLP calls retryable is tried again, after the pause that was asked for", arguments: [429, 502, 503, 504])
    func later(status: Int) {
        let why = "the collector answered \(status)"
        #expect(verdict(status) == .later(after: nil, why: why))
        #expect(verdict(status, ["Retry-After": "7"]) == .later(after: .seconds(7), why: why))
    }

    @Test("anything else is refused for good", arguments: [301, 400, 401, 403, 404, 413, 415, 500, 501])
    func refused(status: Int) {
        #expect(
            verdict(status, ["Retry-After": "7"], #"{"partialSuccess":{"rejectedSpans":1}}"#)
                == .refused(why: "the collector answered \(status)"))
    }

    @Test("a success may be a partial one")
    func taken() {
        #expect(verdict(200) == .taken(rejected: 0, why: nil))
        #expect(
            verdict(200, [:], #"{"partialSuccess":{"rejectedSpans":"4","errorMessage":"too old"}}"#)
                == .taken(rejected: 4, why: "too old"))
    }

    @Test("a connection that fails is tried again; a certificate or an address that is wrong is not")
    func errors() {
        func verdict(_ code: ClientError.Code) -> ExportVerdict {
            ExportVerdict(ClientError(code, "why", isOutcomeUnknown: true))
        }
        for code in [ClientError.Code.cannotConnect, .cannotResolve, .timedOut, .closed, .other] {
            #expect(verdict(code) == .later(after: nil, why: "why"))
        }
        for code in [ClientError.Code.untrustedCertificate, .invalidRequest, .refusedAddress, .answerTooLarge] {
            #expect(verdict(code) == .unreachable(why: "why"))
        }
    }
}
