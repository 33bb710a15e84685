/// What a standby had when it was left behind, beside what the receivers had seen by then.
struct StandbyLag: Sendable {
    /// By number of the order: deliveries that it shows as done, of either worker.
    var confirmed: [Int: Int]
    var synced: [Int: Int]
    /// What the receivers had seen. Read after the standby: it has nothing that they have not.
    var seen: Effects.Seen

    /// The orders of which a receiver has heard again, though the standby knew all that it had heard before.
    ///
    /// An order that is not changed any more has one confirmation, and as many deliveries to the CRM as it has versions: one, or
    /// three where its number is even.
    func repeatedBeyond(_ later: Effects.Seen) -> [Int] {
        let messages = confirmed.keys.filter { later.messages[$0] != seen.messages[$0] }
        let writes = synced.filter { number, count in
            count == (number.isMultiple(of: 2) ? 3 : 1) && later.writes[number] != seen.writes[number]
        }.keys
        return Set(messages).union(writes).sorted()
    }
}
