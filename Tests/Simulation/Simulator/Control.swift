public import RateLimit
import World

/// A rule taken away in a world where it is needed: the simulator must find the harm, or it proves nothing.
public struct Control: Sendable {
    /// What is wrong, in the words of whoever might do it so.
    public let name: String
    /// What must be found.
    public let expected: Finding.Kind
    /// The world of a seed, with all rules in force.
    public let world: @Sendable (UInt64) -> Weather
    /// The mistake.
    public let mistake: @Sendable (inout Rules) -> Void

    /// The world of a seed, with the mistake.
    public func weather(seed: UInt64) -> Weather {
        var weather = world(seed)
        mistake(&weather.rules)
        weather.judged = [expected]
        return weather
    }

    /// The first of at most `seeds` seeds that finds it.
    public func firstCatch(within seeds: UInt64) -> UInt64? {
        (1...seeds).first { seed in
            Simulation(seed: seed, weather: weather(seed: seed)).run().findings.contains { $0.kind == expected }
        }
    }
}

extension Control {
    private init(
        _ name: String, found expected: Finding.Kind, omitting omission: Omissions = [],
        rules: @escaping @Sendable (inout Rules) -> Void = { _ in },
        in world: @escaping @Sendable (inout Weather, inout Chance) -> Void
    ) {
        self.name = name
        self.expected = expected
        mistake = {
            $0.omitted = omission
            rules(&$0)
        }
        self.world = { seed in
            var chance = Chance(seed: seed)
            var weather = Weather.busy(&chance)
            world(&weather, &chance)
            return weather
        }
    }

    /// Every mistake that the rules are there to prevent.
    public static let all: [Control] = [
        Control("validity counted from receipt", found: .overAdmission, omitting: .validityFromSending) { weather, _ in
            weather.tailShare = 0.3
            weather.tail = 200 * millisecond...1_500 * millisecond
        },
        Control(
            "settlement ages rounded up, perfect clocks", found: .overAdmission, omitting: .agesRoundedDown
        ) { weather, _ in
            weather.rules.tolerance = 0
            weather.tailShare = 0
            weather.appendLatency = millisecond...2 * millisecond
            weather.readLatency = millisecond / 10...millisecond
        },
        Control("a lease charged without the lease time", found: .overAdmission, omitting: .leaseCharge) { _, _ in },
        Control(
            "no ε with clock error", found: .overAdmission, rules: { $0.tolerance = 0 },
            in: { weather, _ in
                weather.brokerClockError = 200
                weather.ownClockError = -200...200
                weather.leaderChangeEvery = 30 * second
                weather.brokerSpread = 0...50 * millisecond
            }),
        Control("a replica started without checkpoints", found: .disagreement, omitting: .establishment) { _, _ in },
        Control(
            "what lies between a checkpoint and its record not applied", found: .disagreement, omitting: .reapplication
        ) { weather, _ in
            weather.tailShare = 0.3
            weather.tail = 10 * millisecond...700 * millisecond
        },
        Control("a limit forgotten after 30 s", found: .overAdmission, omitting: .horizon) { weather, _ in
            weather.loads[0].rate = 300
            weather.loads[0].phases = (on: 3, off: 40)
        },
        Control("a process claims unestablished", found: .overAdmission, omitting: .establishment) { weather, _ in
            weather.replay = 30_000
            weather.crashEvery = 20 * second
        },
        Control(
            "a checkpoint from before the replay taken", found: .disagreement,
            omitting: [.checkpointWithinReach, .digests]
        ) { weather, _ in
            weather.tailShare = 0.3
            weather.tail = 10 * millisecond...700 * millisecond
            weather.crashEvery = 5 * second
            weather.replay = 100
        },
        Control(
            "gone processes forgotten after the sequence check", found: .disagreement, omitting: .forgettingFirst
        ) { weather, chance in
            weather.duplicateShare = 0.3
            weather.processes = 8
            weather.loads[0].rate = 0.5
        },
        Control(
            "own clock jumps between use and settlement, no floor", found: .overAdmission, omitting: .settlementFloor
        ) { weather, _ in
            weather.ownClockJumpEvery = 2 * second
            weather.tailShare = 0
            // One request in 2 s and process is no busy limit: no leases, and so uses come just after their claims.
            weather.processes = 16
            weather.loads[0].limit = 60
            weather.loads[0].rate = 3
        },
        Control("a duplicate applied twice", found: .disagreement, omitting: .duplicates) { weather, _ in
            weather.duplicateShare = 0.05
        },
        Control("a settlement of a lease still open", found: .overAdmission, omitting: .closedLeases) { weather, _ in
            // Only a batch claims while a lease is open; and there are leases while there is plenty.
            weather.loads[0].batchShare = 0.3
            weather.loads[0].phases = (on: 25, off: 36)
            weather.loads[0].rate = 25
        },
        Control("a settlement applied twice", found: .overAdmission, omitting: .settlementOnce) { weather, _ in
            weather.lostShare = 0.01
            weather.producerReplacedEvery = second
            weather.loads[0].batchShare = 0.3
            weather.loads[0].phases = (on: 25, off: 36)
            weather.loads[0].rate = 25
        },
        Control(
            "claims of a replaced producer used", found: .overAdmission, omitting: .replacedProducers
        ) { weather, _ in
            weather.producerReplacedEvery = second
            weather.tailShare = 0.3
        },
        Control(
            "a jump of the broker's clock by 30 s unwatched", found: .overAdmission, omitting: .clockWatch
        ) { weather, _ in weather.brokerJump = (at: 80 * second, by: 30 * second) },
        Control("a freeze of 5 s taken for a jump", found: .falseAlarm, omitting: .watchBounds) { weather, _ in
            weather.freezeEvery = 10 * second
            weather.freeze = 5 * second...5 * second
        },
    ]
}

extension Weather {
    /// Good weather under a load somewhat above the limit: where a mistake shows first.
    static func busy(_ chance: inout Chance) -> Weather {
        var weather = Weather()
        weather.duration = 150 * second
        weather.processes = chance.int(2...6)
        weather.loads[0].limit = chance.pick([60, 150, 300])
        weather.loads[0].rate = Double(weather.loads[0].limit) / 60 * chance.pick([1.1, 2, 5])
        return weather
    }
}
