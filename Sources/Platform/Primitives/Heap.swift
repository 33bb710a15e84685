/// A binary min-heap. Inlinable, so that a user's own comparison is compiled into it.
public struct Heap<Element: Comparable> {
    @usableFromInline var elements: [Element]

    @inlinable public init() { elements = [] }

    /// - Parameter elements: already in order, least first.
    @inlinable public init(sorted elements: [Element]) { self.elements = elements }

    /// The least element; nil if the heap is empty.
    @inlinable public var first: Element? { elements.first }
    @inlinable public var count: Int { elements.count }

    @inlinable public mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0, elements[child] < elements[(child - 1) / 2] {
            elements.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Removes the least element and returns it; nil if the heap is empty.
    @inlinable public mutating func popFirst() -> Element? {
        guard let first = elements.first else { return nil }
        elements.swapAt(0, elements.count - 1)
        elements.removeLast()
        var parent = 0
        while true {
            var least = parent
            let left = 2 * parent + 1
            if left < elements.count, elements[left] < elements[least] { least = left }
            if left + 1 < elements.count, elements[left + 1] < elements[least] { least = left + 1 }
            if least == parent { return first }
            elements.swapAt(parent, least)
            parent = least
        }
    }
}

extension Heap: Sendable where Element: Sendable {}
