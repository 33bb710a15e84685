import Ledger
import Testing

/// Expects an error of the ledger with this code.
func expect<Success>(
    _ code: LedgerError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ work: () async throws -> Success
) async {
    do {
        _ = try await work()
        Issue.record("nothing was thrown, \(code) was expected", sourceLocation: sourceLocation)
    } catch let error as LedgerError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(error) was thrown", sourceLocation: sourceLocation)
    }
}
