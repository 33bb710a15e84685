import Primitives

/// Runs what blocks for long on a thread that is started for it.
///
/// - Parameter place: the database, for the message where no thread can be started.
func onOwnThread<Success: Sendable>(
    _ name: StaticString, _ place: String, _ work: @escaping @Sendable () throws(DatabaseError) -> Success
) async throws(DatabaseError) -> Success {
    let result: Result<Success, DatabaseError> = await withCheckedContinuation { answer in
        let isStarted = startThreadIfPossible(name) {
            do throws(DatabaseError) { answer.resume(returning: .success(try work())) } catch {
                answer.resume(returning: .failure(error))
            }
        }
        guard !isStarted else { return }
        answer.resume(
            returning: .failure(
                DatabaseError(.unreachable, "\(place): no thread for a connection", isRetriable: true)))
    }
    return try result.get()
}
