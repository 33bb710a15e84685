import Intake
import Ledger
import Lifecycle
import Orders
import Support

@testable import Delivery

/// An instant that the tests count from.
let start = ManualTime.start

func row(
    _ id: Int64, to destination: Destination = "email", key: String? = nil, attempt: Int = 0, isUnknown: Bool = false
)
    -> LeasedDelivery
{
    LeasedDelivery(
        id: id, worker: "confirmations", destination: destination, eventID: "\(id).created", key: key ?? "\(id)",
        attempt: attempt, leaseNumber: 1, isOutcomeUnknown: isUnknown)
}

/// Always the shortest, or always the longest, that chance could give.
let shortest = Randomness { $0.lowerBound }
let longest = Randomness { $0.upperBound }
