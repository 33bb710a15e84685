import Allocator
import Door

/// The program: its allocator, and the door.
@main
struct OrderRelay {
    static func main() {
        Allocator.startGivingBack()
        Entry.run(Array(Swift.CommandLine.arguments.dropFirst()))
    }
}
