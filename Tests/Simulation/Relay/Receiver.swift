import Delivery
import Ledger
import Lifecycle
import World

/// Whom rows are brought to: it notes every effect, and answers, or not, as its weather is.
struct Receiver {
    let number: Int
    let destination: Destination
    let weather: RelayWeather.Receiver
    var awayUntil: TrueTime = 0
    /// Why it does not answer while it is away: our credentials, not the receiver.
    var isMisconfigured = false
    /// There is no adapter for it until then.
    var offUntil: TrueTime = 0
    /// Events that it will never take, by id.
    var never: Set<String> = []
    private var judged: Set<String> = []
    /// Events that it has.
    var has: Set<String> = []

    init(number: Int, _ weather: RelayWeather.Receiver) {
        self.number = number
        self.weather = weather
        destination = Destination("to", connection: "\(number)")
    }

    var timeout: Duration { .seconds(weather.timeout) }
    var limits: Lane.Limits {
        Lane.Limits(concurrency: weather.concurrency, timeout: timeout, perSecond: weather.perSecond)
    }
    static let retry = RetryPolicy(base: .seconds(5), floor: .seconds(1), cap: .seconds(40), attemptsMaximum: 8)
    static let breaker = RetryPolicy(base: .seconds(5), floor: .seconds(2), cap: .seconds(40))

    /// What one attempt will come to.
    struct Fate {
        /// When the effect takes place, after the sending; nil: never.
        var effectAfter: TrueTime?
        var answerAfter: TrueTime
        var outcome: Delivery.Outcome
    }

    mutating func receive(_ row: LeasedDelivery, at now: TrueTime, isDraining: Bool, _ dice: Dice) -> Fate {
        let timeout = weather.timeout * second
        let answer = min(dice.int(weather.latency), timeout - second / 2)
        func says(_ outcome: Delivery.Outcome) -> Fate { Fate(effectAfter: nil, answerAfter: answer, outcome: outcome) }
        if judged.insert(row.eventID).inserted, dice.happens(weather.neverShare) { never.insert(row.eventID) }
        if never.contains(row.eventID) { return says(.permanent(why: "never")) }
        if weather.canLook, row.isOutcomeUnknown, has.contains(row.eventID) {
            return says(.done(answer: "is there", receipt: [:]))
        }
        if !isDraining {
            if awayUntil > now {
                return says(isMisconfigured ? .configuration(why: "credentials") : .retry(after: nil, why: "away"))
            }
            if dice.happens(weather.silentShare) { return silent(timeout, dice) }
            if dice.happens(weather.refusedShare) { return says(.retry(after: nil, why: "not now")) }
            if dice.happens(weather.throttledShare) { return says(.retry(after: .seconds(3), why: "too many")) }
        }
        return Fate(
            effectAfter: dice.int(0...answer), answerAfter: answer, outcome: .done(answer: "taken", receipt: [:]))
    }

    /// No answer in time: it may have taken it, may still do so, or never had it.
    private func silent(_ timeout: TrueTime, _ dice: Dice) -> Fate {
        let effects: [TrueTime?] = [nil, dice.int(0...timeout), timeout + dice.int(0...40 * second)]
        // An adapter that does not end in its time is given up a little later.
        let answer = dice.happens(0.2) ? timeout + 30 * second : timeout
        return Fate(effectAfter: dice.pick(effects), answerAfter: answer, outcome: .unknown(why: "no answer"))
    }
}
