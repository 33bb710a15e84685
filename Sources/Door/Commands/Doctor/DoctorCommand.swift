import Assembly
import CommandLine
import Ledger

/// `doctor`: looks at everything that the processes need, and says what is wrong and what to do.
enum DoctorCommand {
    static let action = Action(
        Command(
            "doctor", options: [Option("json", "one JSON object for each finding")],
            "looks at the settings, Kafka, the ledger, the mail server and the CRMs, and changes nothing: exit status 0 if nothing is at fault, else 1"
        )
    ) { base, invocation in
        var report = Report(asJSON: invocation.isSet("json"))
        report.show(await KafkaExamination.findings(base))
        report.show(await RightsExamination.findings(base))
        let surroundings = try base.surroundings()
        report.show(await LedgerExamination.findings(surroundings.ledger))
        for process in Processes.all { report.show(await process.examination(surroundings)) }
        await surroundings.ledger.close()
        guard report.faultCount == 0 else { throw Failure("\(report.faultCount) findings are faults") }
    }

    /// Shows findings as they come.
    private struct Report {
        let asJSON: Bool
        private(set) var faultCount = 0

        init(asJSON: Bool) { self.asJSON = asJSON }

        mutating func show(_ findings: [Finding]) {
            faultCount += findings.count { $0.grade == .fault }
            for finding in findings {
                StandardOutput.write(asJSON ? FindingLines.json(finding) : FindingLines.text(finding))
            }
        }
    }
}
