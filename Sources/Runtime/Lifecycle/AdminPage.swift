public import HTTP

/// A page, or a tree of pages, that a process shows on its admin port besides the standard ones.
public struct AdminPage: Sendable {
    /// The path that it answers, with everything below it: `/mailbox`.
    public let path: String
    public let respond: @Sendable (Request) async -> Response
    public init(_ path: String, respond: @escaping @Sendable (Request) async -> Response) {
        self.path = path
        self.respond = respond
    }

    func isFor(_ path: String) -> Bool { path == self.path || path.hasPrefix(self.path == "/" ? "/" : self.path + "/") }
}
