import Primitives

extension SMTPClient {
    /// Connects, secures the connection, logs in where credentials are set, and says QUIT: no message is begun.
    ///
    /// - Returns: nil if all of that succeeded, else why not, as the outcome that a message would have had.
    public func logIn() async -> SMTPOutcome? {
        let settings = settings
        return await withCheckedContinuation { waiter in
            let isStarted = startThreadIfPossible("smtp-log-in") {
                waiter.resume(returning: SMTPWorker(settings, abandoned: AbandonFlag()).logIn())
            }
            if !isStarted {
                waiter.resume(returning: .temporary("no thread could be started for the mail server", nil))
            }
        }
    }
}
