import Testing

@testable import RateLimit

@Suite("The watch on the broker's clock")
struct BrokerClockWatchTests {
    /// Samples every 2 s, each read back 5 ms after its sending, with T as `lead` says.
    private func watch(until end: Int64, lead: (Int64) -> Int64 = { _ in 0 }) -> BrokerClockWatch {
        var watch = BrokerClockWatch(process: one)
        for sent in stride(from: 0, through: end, by: 2_000) {
            watch.ownRecordRead(sentAt: .at(sent), at: .at(sent + 2 + lead(sent)), now: .at(sent + 5))
        }
        return watch
    }

    @Test("a clock that keeps its pace within 80 ms in W' + d raises no alarm")
    func pace() {
        let watch = watch(until: 300_000) { $0 / 1_000 * 75 / 62 }
        #expect(watch.jumps == 0)
        #expect(watch.alarm(now: .at(300_005), time: .at(0)) == nil)
    }

    @Test("a jump of 100 ms raises the alarm, until the last sample from before it is W' + d old")
    func jump() {
        let watch = watch(until: 100_000) { $0 >= 90_000 ? 100 : 0 }
        #expect(watch.jumps == 1)
        #expect(watch.alarm(now: .at(100_005), time: .at(0)) == 50_095)
        #expect(watch.alarm(now: .at(150_099), time: .at(0)) == 1)
        #expect(watch.alarm(now: .at(150_100), time: .at(0)) == nil)
    }

    @Test("a read-back that took 5 s is no jump, neither then nor later")
    func freeze() {
        var watch = watch(until: 80_000)
        watch.ownRecordRead(sentAt: .at(82_000), at: .at(82_002), now: .at(87_000))
        for sent in stride(from: Int64(87_000), to: 120_000, by: 2_000) {
            watch.ownRecordRead(sentAt: .at(sent), at: .at(sent + 2), now: .at(sent + 5))
        }
        #expect(watch.jumps == 0)
    }

    @Test("a clock that goes back raises no alarm, and none when it goes on from there")
    func backwards() {
        #expect(watch(until: 200_000) { $0 >= 90_000 ? -3_000 : 0 }.jumps == 0)
    }

    @Test("who has no samples of W' + d obeys others' alarms, who has them does not")
    func others() {
        let alarm = Probe(process: two, sequence: 1, alarmRemaining: 30_000)
        var young = watch(until: 20_000)
        young.read(alarm, at: .at(20_010), now: .at(20_010))
        #expect(young.alarm(now: .at(20_020), time: .at(20_010)) == 30_000)
        #expect(young.alarm(now: .at(50_020), time: .at(50_010)) == nil)

        var old = watch(until: 80_000)
        old.read(alarm, at: .at(80_010), now: .at(80_010))
        #expect(old.alarm(now: .at(80_020), time: .at(80_010)) == nil)
        // Frozen for 10 s, it does not know what happened meanwhile.
        #expect(old.alarm(now: .at(90_100), time: .at(80_010)) == 30_000)
    }

    @Test("a probe is due at once, then 2 s after anything was sent, and says how long the alarm runs")
    func probes() {
        var watch = watch(until: 100_000) { $0 >= 90_000 ? 100 : 0 }
        #expect(watch.tick(now: .at(100_005)) == Probe(process: one, sequence: 1, alarmRemaining: 50_095))
        #expect(watch.tick(now: .at(102_004)) == nil)
        watch.claimSent(at: .at(102_004))
        #expect(watch.tick(now: .at(104_003)) == nil)
        #expect(watch.tick(now: .at(104_004))?.sequence == 2)
    }

    @Test("an own probe, read back, shows that the log was read to its end")
    func ready() {
        var watch = BrokerClockWatch(process: one)
        let probe = watch.tick(now: .at(0))!
        watch.read(Probe(process: two, sequence: 1), at: .at(1), now: .at(1))
        #expect(!watch.hasReadBack)
        watch.read(probe, at: .at(2), now: .at(3))
        #expect(watch.hasReadBack)
        #expect(watch.lead == Lead(of: .at(2), over: .at(0)))
    }

    @Test("samples of an hour at a thousand a second stay a few hundred")
    func bound() {
        var watch = BrokerClockWatch(process: one)
        for step in Int64(0)..<200_000 {
            // Ever slower to be appended: the worst there is for what must be kept.
            watch.ownRecordRead(sentAt: .at(step), at: .at(step + step / 10_000), now: .at(step + 300))
        }
        #expect(watch.samples.count < 700)
    }
}
