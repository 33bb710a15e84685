import Glibc

extension ExitStatus {
    /// Ends the process with this status, at once: what was printed is written out, and no exit handler runs. OpenSSL's would free
    /// what threads of the Kafka client still use that close a connection with TLS, and the process would end by SIGSEGV.
    public func end() -> Never {
        fflush(nil)
        _exit(rawValue)
    }
}
