import Foundation
import Support
import Testing

/// The deployed rules on running processes: for each fault the right alert, and no other; and nothing in any log that does not belong
/// there.
@Suite(
    "Faults under Prometheus",
    .enabled(
        if: RealKafka.isHere && PostgreSQLServer.isHere && Toxiproxy.isHere && Monitoring.isHere && MailTools.areHere),
    .serialized)
struct OperationsTests {
    @Test(
        "each of eight faults raises its alert and no other, and no log has a secret or anything of a buyer's",
        .timeLimit(.minutes(6)))
    func faults() async throws {
        let began = ContinuousClock.now
        let scene = try await OperationsScene()
        print("everything runs after \(ContinuousClock.now - began)")
        do {
            for fault in OperationsFault.all { try await play(fault, in: scene) }
            try await eventually("Prometheus' watchdog has come through") {
                try scene.monitoring.alertmanager.receiver.notifications().contains { $0.receiver == "watchdog" }
            }
            try await scene.end()
        } catch {
            print(scene.logs.map { "\($0.name): \($0.text.suffix(1_500))" }.joined(separator: "\n"))
            await scene.abandon()
            throw error
        }
        try await expectNoLeaks(scene)
        expectOrdersNamed(scene)
    }

    private func play(_ fault: OperationsFault, in scene: OperationsScene) async throws {
        let (monitoring, receiver) = (scene.monitoring, scene.monitoring.alertmanager.receiver)
        let earlier = try await monitoring.firing()
        let (began, told) = (ContinuousClock.now, receiver.count)
        try await fault.play(scene)
        let firing = Shared<Set<Alert>>([])
        try await eventually("\(fault.name) raises \(fault.raises): \(firing.now)") {
            let now = try await monitoring.firing().subtracting(earlier)
            firing.now = now
            return fault.raises.allSatisfy { raised in now.contains { Set([raised]).names($0) } }
        }
        let raised = ContinuousClock.now
        try await expectNotified(fault, in: scene, after: told)
        try await fault.mend(scene)
        let mended = ContinuousClock.now
        if !fault.lingers {
            try await eventually("\(fault.name) is over: \(firing.now)") {
                firing.now = try await monitoring.firing()
                return firing.now.isEmpty
            }
        }
        let others = try await monitoring.fired(since: began).subtracting(earlier).filter { !fault.raises.names($0) }
        #expect(others.isEmpty, "\(fault.name) also raises \(others)")
        func seconds(_ from: ContinuousClock.Instant, _ to: ContinuousClock.Instant) -> String {
            String(format: "%.1f s", (to - from) / .seconds(1))
        }
        print(
            "\(fault.name): raised after \(seconds(began, raised)), over \(seconds(mended, .now)) after it was mended")
    }

    /// Alertmanager sends what the fault is about, and keeps back what follows from that.
    private func expectNotified(_ fault: OperationsFault, in scene: OperationsScene, after told: Int) async throws {
        let alertmanager = scene.monitoring.alertmanager
        let standings = Shared("")
        try await eventually("Alertmanager sends \(fault.notifies) and inhibits the others: \(standings.now)") {
            let alerts = try await alertmanager.alerts().filter { fault.raises.names($0.alert) }
            standings.now = "\(alerts.map { "\($0.alert) \($0.status)" })"
            return fault.raises.allSatisfy { raised in alerts.contains { Set([raised]).names($0.alert) } }
                && alerts.allSatisfy { $0.isInhibited != fault.notifies.names($0.alert) }
        }
        try await eventually("\(fault.notifies) are notified of") {
            let notified = try alertmanager.receiver.notifications(after: told).map(\.alert)
            return fault.notifies.allSatisfy { wanted in notified.contains { Set([wanted]).names($0) } }
        }
        for notified in try alertmanager.receiver.notifications(after: told) where fault.raises.names(notified.alert) {
            let isRight = fault.isNoticedLate || fault.notifies.names(notified.alert)
            #expect(isRight, "\(fault.name) also sends \(notified.alert)")
            #expect(notified.receiver == notified.alert.labels["severity"])
        }
    }
}
