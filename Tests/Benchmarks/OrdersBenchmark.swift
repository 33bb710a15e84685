import Access
import Ingest
import Support

/// `benchmarks ingest-orders`: an order over HTTP until it is acknowledged by a real Kafka and answered, by the ingest
/// process and by a bare program on the same libraries that reads nothing of it.
enum OrdersBenchmark {
    static let usage = "[--kafka HOST:PORT] [--linger MS] [--rounds N] [--body short|long] [--traces] [CONNECTIONS…]"

    static func run(_ words: [String]) async throws {
        var connections: [Int] = []
        var brokers: String?
        var linger = "1"
        var rounds = 5
        var isLong = false
        var isTraced = false
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--kafka": brokers = rest.popFirst()
            case "--linger": linger = rest.popFirst() ?? linger
            case "--rounds": rounds = rest.popFirst().flatMap { Int($0) } ?? rounds
            case "--body": isLong = rest.popFirst() == "long"
            case "--traces": isTraced = true
            default:
                guard let count = Int(word) else { fatalError("unknown option \(word): \(usage)") }
                connections.append(count)
            }
        }
        let kafka = brokers == nil ? try RealKafka(brokers: 1) : nil
        // As the process is run where nothing else is said.
        let threads = "threads=\(IngestProcess.usualThreads)"
        let address = brokers ?? kafka?.bootstrapServers ?? ""
        try await OrdersServers.prepare(address)
        let folder = try TemporaryFolder("traces")
        let collector = isTraced ? try await Collector(in: folder.url, showing: false) : nil
        for count in connections.isEmpty ? [1, 64, 256] : connections {
            let comparison = ServerComparison(
                rounds: rounds, warmUp: 1.5, connections: count, request: request(isLong: isLong))
            try comparison.run(
                "\(count) connections, linger \(linger) ms, \(isLong ? "1 KB" : "340 bytes") an order",
                collector.map { traced(address, linger, threads, $0.endpoint) } ?? [
                    ("bare", ["ingest-bare", address, linger]),
                    ("bare, batches", ["ingest-bare", address, linger, "batches"]),
                    ("bare, one key", ["ingest-bare", address, linger, "one-key"]),
                    ("bare, same record", ["ingest-bare", address, linger, "same-record"]),
                    ("ours", ["ingest-ours", address, linger, threads]),
                    ("ours, one thread", ["ingest-ours", address, linger]),
                    ("ours+limit", ["ingest-ours", address, linger, threads, "limit"]),
                ])
        }
        withExtendedLifetime((kafka, collector)) {}
    }

    /// Ours without tracing, and with so much of it, exported to a collector beside it.
    private static func traced(
        _ address: String, _ linger: String, _ threads: String, _ endpoint: String
    ) -> [(name: String, words: [String])] {
        let words = ["ingest-ours", address, linger, threads]
        return [("not traced", words)]
            + ["0", "0.01", "1"].map { ("traced, ratio \($0)", words + ["traces=\($0),\(endpoint)"]) }
    }

    private static func request(isLong: Bool) -> LoadRequest {
        var request = HTTPServerBenchmark.order
        request.fields[0] = "Authorization: Bearer \(OrdersServers.token.text)"
        if isLong { request.body = longOrder }
        return request
    }

    /// An order with all that is usual, and more that is passed over.
    private static let longOrder =
        #"{"externalId":"A-{n}","source":"shop.example.ua","offerId":"5f1a7c9e3b2d4a6f8e0c1b3d","title":"Курс «Таргет з "#
        + #"нуля»","price":"1250.50","currency":"UAH","email":"olena{n}@example.com","phone":"+380671234510","#
        + #""transactionDate":"2026-05-01T12:30:00.000Z","isNotifyAccount":true,"managerId":"5f1a7c9e3b2d4a6f8e0c1b3e","#
        + #""locale":"uk","customer":{"name":"Олена Коваленко","personId":"5f1a7c9e3b2d4a6f8e0c1b40"},"items":[{"title":"#
        + #""Книга \"Продажі\"","quantity":2,"price":"400.25","sku":"BOOK-1"},{"title":"Курс «Таргет з нуля», тариф "#
        + #"«Основний»","quantity":1,"price":450,"sku":"COURSE-7"}],"utm":{"source":"instagram","medium":"cpc","#
        + #""campaign":"may_2026","content":"banner-3","term":"курси"},"comment":"Передзвоніть, будь ласка, після "#
        + #"18:00\nДякую!","metadata":{"ip":"203.0.113.7","userAgent":"Mozilla/5.0 (X11; Linux x86_64; rv:128.0)","#
        + #""tags":["new","web",17,true,null]}}"#
}
