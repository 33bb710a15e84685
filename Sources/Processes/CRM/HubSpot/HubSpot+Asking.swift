import Delivery
import HTTP
import Ledger

extension HubSpot {
    /// Sends one request; what ends the attempt is thrown.
    func ask(_ call: HubSpotCall) async throws(Ended) -> HubSpotAnswer {
        let left = ContinuousClock.now.duration(to: job.deadline)
        guard left > .milliseconds(100) else {
            throw Ended(outcome: .retry(after: nil, why: "no time left for the next request"))
        }
        let request = call.request(
            url: job.connection.url, token: job.connection.secret, timeout: min(left, .seconds(10)))
        let answer: HubSpotAnswer
        do throws(ClientError) {
            answer = HubSpotAnswer(try await job.client.send(request), to: call)
        } catch { answer = HubSpotAnswer(error, to: call) }
        if case .ends(let outcome) = answer { throw Ended(outcome: outcome) }
        return answer
    }

    // MARK: The books

    func link(_ ours: String) async throws(Ended) -> String? {
        do throws(LedgerError) {
            return try await job.books.link(connection: job.connection.id, ours: ours)
        } catch { throw ended(error) }
    }

    func putLink(_ ours: String, _ theirs: String) async throws(Ended) {
        do throws(LedgerError) {
            try await job.books.putLink(connection: job.connection.id, ours: ours, theirs: theirs)
        } catch { throw ended(error) }
    }

    func takeLease(_ name: String, _ milliseconds: Int64) async throws(Ended) -> Bool {
        do throws(LedgerError) {
            return try await job.books.takeLease(name, owner: job.owner, milliseconds: milliseconds)
        } catch { throw ended(error) }
    }

    private func ended(_ error: LedgerError) -> Ended {
        Ended(outcome: .retry(after: .seconds(5), why: "the ledger did not answer: \(error.message)"))
    }
}
