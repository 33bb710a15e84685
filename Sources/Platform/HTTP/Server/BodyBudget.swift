import Synchronization

/// How many bytes the bodies of all requests under way may take together, on all threads of a server.
final class BodyBudget: Sendable {
    private let maximum: Int
    private let taken = Atomic(0)

    init(_ maximum: Int) { self.maximum = maximum }

    /// Asked before taking: threads that ask at the same moment may together go beyond it, each by the piece in its hand.
    func hasRoom(for bytes: Int) -> Bool { taken.load(ordering: .relaxed) + bytes <= maximum }

    func take(_ bytes: Int) { taken.add(bytes, ordering: .relaxed) }

    func give(_ bytes: Int) {
        if bytes > 0 { taken.subtract(bytes, ordering: .relaxed) }
    }
}
