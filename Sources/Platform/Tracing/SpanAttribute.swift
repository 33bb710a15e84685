/// What a span may say of itself: a closed set, so that neither personal data nor secrets come into a trace by a new key.
///
/// The names are those of OpenTelemetry's semantic conventions where these have one
/// (https://opentelemetry.io/docs/specs/semconv/). Of an address there is only the host and the pattern of the path: never
/// the path itself, whose segments may name somebody, nor the query.
public enum SpanAttribute: Sendable, Equatable {
    /// `GET` and the other known ones; `_OTHER` for any other.
    case httpRequestMethod(String)
    /// Of a request from outside: the pattern of its path, `/api/v2/orders/{id}`.
    case httpRoute(String)
    /// Of a request to another program: the pattern of its path.
    case urlTemplate(String)
    /// Of a request to another program: its host.
    case serverAddress(String)
    case httpStatus(Int)
    /// A class of errors: a status, an outcome, a code. Never an error's words.
    case errorType(String)
    /// The messaging system, which is Kafka.
    case kafka
    /// The topic.
    case topic(String)
    case partition(Int32)
    case offset(Int64)
    /// `send` or `process`, both the operation's name and its type.
    case messagingOperation(String), messagingOperationType(String)
    case consumerGroup(String)
    /// The order's id, which is derived and names nobody.
    case order(String)
    /// The request's `X-Request-Id`.
    case request(String)
    /// The worker's name.
    case worker(String)
    /// What became of a record: `planned`, `folded`, `skipped`.
    case disposition(String)
    /// What a delivery's receiver is: `email`, `hubspot`.
    case receiver(String)
    /// The number of a row's attempt, from 1.
    case attempt(Int)
    /// An attempt's outcome: `done`, `retry`.
    case outcome(String)

    /// A value as OTLP distinguishes them.
    enum Value: Equatable {
        case text(String)
        case integer(Int64)
    }

    var key: StaticString {
        switch self {
        case .httpRequestMethod: "http.request.method"
        case .httpRoute: "http.route"
        case .urlTemplate: "url.template"
        case .serverAddress: "server.address"
        case .httpStatus: "http.response.status_code"
        case .errorType: "error.type"
        case .kafka: "messaging.system"
        case .topic: "messaging.destination.name"
        case .partition: "messaging.destination.partition.id"
        case .offset: "messaging.kafka.offset"
        case .messagingOperation: "messaging.operation.name"
        case .messagingOperationType: "messaging.operation.type"
        case .consumerGroup: "messaging.consumer.group.name"
        case .order: "orderrelay.order.id"
        case .request: "orderrelay.request.id"
        case .worker: "orderrelay.worker"
        case .disposition: "orderrelay.disposition"
        case .receiver: "orderrelay.receiver"
        case .attempt: "orderrelay.attempt"
        case .outcome: "orderrelay.outcome"
        }
    }

    var value: Value {
        switch self {
        case .httpRequestMethod(let text), .httpRoute(let text), .urlTemplate(let text), .serverAddress(let text),
            .errorType(let text), .topic(let text), .messagingOperation(let text), .messagingOperationType(let text),
            .consumerGroup(let text), .order(let text), .request(let text), .worker(let text), .disposition(let text),
            .receiver(let text), .outcome(let text):
            .text(text)
        case .kafka: .text("kafka")
        // A partition's id is text: other systems' partitions have names.
        case .partition(let number): .text(String(number))
        case .httpStatus(let number), .attempt(let number): .integer(Int64(number))
        case .offset(let number): .integer(number)
        }
    }
}
