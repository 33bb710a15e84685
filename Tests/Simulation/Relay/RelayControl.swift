import World

/// A protection taken away in a world where it is needed: the simulator must find the harm, or it proves nothing.
public struct RelayControl: Sendable {
    /// What is wrong, in the words of whoever might do it so.
    public let name: String
    /// What must be found.
    public let expected: RelayFinding.Kind
    /// The world of a seed, with all protections there.
    public let world: @Sendable (UInt64) -> RelayWeather
    private let omission: RelayOmissions

    /// The world of a seed, with the mistake.
    public func weather(seed: UInt64) -> RelayWeather {
        var weather = world(seed)
        weather.omitted = omission
        weather.judged = [expected]
        return weather
    }

    /// The first of at most `seeds` seeds that finds it.
    public func firstCatch(within seeds: UInt64) -> UInt64? {
        (1...seeds).first { seed in !RelaySimulation(seed: seed, weather: weather(seed: seed)).run().findings.isEmpty }
    }
}

extension RelayControl {
    private init(
        _ name: String, found expected: RelayFinding.Kind, omitting omission: RelayOmissions,
        in world: @escaping @Sendable (inout RelayWeather) -> Void
    ) {
        self.name = name
        self.expected = expected
        self.omission = omission
        self.world = { seed in
            var chance = Chance(seed: seed)
            var weather = RelayWeather.busy(&chance)
            world(&weather)
            return weather
        }
    }

    /// Every mistake that the protections are there to prevent.
    public static let all: [RelayControl] = [
        RelayControl("position before rows", found: .lost, omitting: .oneTransaction) { weather in
            weather.crashEvery = 5 * second
            weather.unansweredShare = 0.02
        },
        RelayControl("a batch taken in without its fence", found: .position, omitting: .fence) { weather in
            weather.rebalanceEvery = 2 * second
            weather.unansweredShare = 0.02
        },
        RelayControl("an outcome without lease check", found: .foreignOutcome, omitting: .leaseCheck) { weather in
            weather.receivers[0].latency = second...8 * second
            weather.freezeEvery = 5 * second
            weather.freeze = 40 * second...70 * second
            weather.lateShare = 0.05
            weather.late = 30 * second...60 * second
        },
        RelayControl("a take without the key's order", found: .order, omitting: .keyOrder) { _ in },
        RelayControl("a lease counted from receipt", found: .beyondLease, omitting: .leaseFromSending) { weather in
            weather.receivers[0].timeout = 15
            weather.receivers[0].latency = 8 * second...15 * second
            weather.tailShare = 0.3
            weather.tail = 2 * second...9 * second
            weather.cutEvery = 10 * second
            weather.cut = 20 * second...45 * second
        },
        RelayControl("a lease not looked at when sending", found: .beyondLease, omitting: .checkAtSend) { weather in
            weather.receivers[0].latency = 5 * second...9 * second
            weather.tailShare = 0.1
            weather.tail = 5 * second...30 * second
        },
        RelayControl("a replay without its lock", found: .order, omitting: .replayLock) { weather in
            weather.deadAndReplayed()
        },
        RelayControl("a superseded row replayed", found: .order, omitting: .superseded) { weather in
            weather.deadAndReplayed()
        },
        RelayControl("a prune that forgets removed", found: .books, omitting: .removedCounter) { weather in
            weather.pruneEvery = 10 * second
            weather.retention = 20 * second
        },
        RelayControl("a prune of events that rows still need", found: .lost, omitting: .neededEvents) { weather in
            weather.pruneEvery = 10 * second
            weather.retention = 20 * second
            weather.receivers[0].outageEvery = 30 * second
        },
        RelayControl("a rescued row without its doubt", found: .repeated, omitting: .doubt) { weather in
            weather.crashEvery = 5 * second
        },
    ]
}

extension RelayWeather {
    /// Good weather, and a few busy keys: where a mistake shows first.
    static func busy(_ chance: inout Chance) -> RelayWeather {
        var weather = RelayWeather()
        weather.duration = 120 * second
        weather.processes = chance.int(2...4)
        weather.keys = chance.pick([5, 15])
        weather.records = 150
        weather.receivers[0].concurrency = chance.pick([2, 8])
        return weather
    }

    /// Rows that die before others of their key, and replays while takes are under way.
    mutating func deadAndReplayed() {
        keys = 3
        receivers[0].concurrency = 1
        receivers[0].neverShare = 0.5
        replayEvery = second
        replayPause = millisecond...20 * millisecond
        tailShare = 0.5
        tail = 50 * millisecond...500 * millisecond
    }
}
