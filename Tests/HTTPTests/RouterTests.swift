import HTTP
import Testing

@Suite("The router")
struct RouterTests {
    private let router: Router<String> = {
        var router = Router<String>()
        router.on(.post, "/api/v2/orders", "create")
        router.on(.get, "/api/v2/orders", "list")
        router.on(.post, "/api/v2/orders/batch", "batch")
        router.on(.get, "/api/v2/orders/{id}", "show")
        router.on(.get, "/api/v2/orders/{id}/timeline", "timeline")
        router.on(.put, "/api/v2/people/{person}/tags/{tag}", "tag")
        router.on(.get, "/", "root")
        return router
    }()

    private func found(_ method: Method, _ path: String) -> (String, PathParameters)? {
        if case .found(let handler, let parameters) = router.route(method, path) { (handler, parameters) } else { nil }
    }

    @Test("a path without names and one with them reach their handlers")
    func finds() throws {
        #expect(found(.post, "/api/v2/orders")?.0 == "create")
        #expect(found(.get, "/")?.0 == "root")
        let (handler, parameters) = try #require(found(.get, "/api/v2/orders/abc/timeline"))
        #expect(handler == "timeline")
        #expect(parameters["id"] == "abc")
        #expect(parameters["other"] == nil)
        let tag = try #require(found(.put, "/api/v2/people/p1/tags/vip"))
        #expect(tag.1["person"] == "p1" && tag.1["tag"] == "vip")
    }

    @Test("a segment written out wins over a name")
    func literalWins() {
        #expect(found(.post, "/api/v2/orders/batch")?.0 == "batch")
        #expect(found(.get, "/api/v2/orders/batched")?.0 == "show")
    }

    @Test("names are percent-decoded, and so are segments written out")
    func decodes() {
        #expect(found(.get, "/api/v2/orders/a%20b%2Fc")?.1["id"] == "a b/c")
        #expect(found(.post, "/api/v2/%6Frders")?.0 == "create")
        #expect(found(.get, "/api/v2/orders/%D0%BF")?.1["id"] == "п")
    }

    @Test("HEAD falls to GET")
    func head() {
        #expect(found(.head, "/api/v2/orders")?.0 == "list")
        #expect(found(.head, "/api/v2/orders/1")?.0 == "show")
    }

    @Test(
        "another method gets the list of allowed ones",
        arguments: [
            ("/api/v2/orders", "GET, HEAD, POST"), ("/api/v2/orders/1", "GET, HEAD"),
            ("/api/v2/people/1/tags/2", "PUT"),
        ])
    func otherMethod(_ path: String, _ allowed: String) {
        guard case .methodNotAllowed(let allow) = router.route(.delete, path) else {
            Issue.record("not a 405")
            return
        }
        #expect(allow == allowed)
    }

    @Test(
        "unknown paths are not found",
        arguments: [
            "/api", "/api/v2", "/api/v2/orders/", "/api/v2//orders", "/api/v2/orders/1/2", "/API/v2/orders",
            "/api/v2/orders//timeline",
        ])
    func unknown(_ path: String) {
        guard case .notFound = router.route(.get, path) else {
            Issue.record("\(path) is found")
            return
        }
    }

    @Test(
        "bad percent signs, bytes that are not UTF-8, zero bytes and dots are refused",
        arguments: [
            "/api/v2/orders/%", "/api/v2/orders/%2", "/api/v2/orders/%zz", "/api/v2/orders/%ff", "/api/v2/orders/%00",
            "/api/v2/orders/..", "/api/v2/../v2/orders", "/api/v2/orders/%2e%2E/timeline", "/./api", "api", "",
        ])
    func bad(_ path: String) {
        guard case .badPath = router.route(.get, path) else {
            Issue.record("\(path) is taken")
            return
        }
    }
}
