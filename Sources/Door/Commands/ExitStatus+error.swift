import CommandLine
import Configuration
import Kafka
import Ledger
import Lifecycle

extension ExitStatus {
    /// The exit status of a command that failed with this error.
    init(_ error: any Error) {
        switch error {
        case is UsageError, is WrongUse, is ConfigurationError: self = .wrongUse
        case let error as KafkaError where error.code == .configuration: self = .wrongUse
        case is NotReady: self = .notReady
        case let error as LedgerError where error.isRetriable: self = .notReady
        case let error as KafkaError where error.code == .unreachable || error.code == .timedOut: self = .notReady
        default: self = .failed
        }
    }
}
