@testable import Mail

extension FuzzTarget {
    /// A stage, a basic code, and the server's text: whose fault it is.
    static let refusal = FuzzTarget(name: "refusal") { bytes throws(Broken) in
        var input = Input(bytes)
        let stage = SMTPStage.allCases[Int(input.byte()) % SMTPStage.allCases.count]
        let code = 400 + Int(input.byte()) % 200
        let lines = input.rest.split(separator: 10).prefix(20).map { SMTPReplyParser.printable($0) }
        let refusal = SMTPRefusal(stage, SMTPReply(code: code, lines: lines))
        let blame = refusal.blame
        if code < 500 { try promise("a 4yz ends nothing and accuses nobody", [.moment, .allowance].contains(blame)) }
        if stage == .session { try promise("before a recipient is named none is blamed", blame != .message) }
        var shouted = refusal
        shouted.reply.lines = lines.map { line in line.contains("<") || line.contains(">") ? line : line.uppercased() }
        if lines.allSatisfy({ $0.allSatisfy(\.isASCII) }) {
            try promise("case changes nothing", shouted.blame == blame)
        }
        for rule in SMTPRefusal.allowanceWords.rules + SMTPRefusal.accountWords.rules {
            var quoting = refusal
            quoting.reply.lines.append("<\(rule.words.joined(separator: " "))>")
            try promise("what stands in angle brackets changes nothing", quoting.blame == blame || lines.isEmpty)
            if let code = EnhancedCode(refusal.reply), SMTPRefusal.table[code] != nil, refusal.reply.code >= 500 {
                quoting.reply.lines.append(rule.words.joined(separator: " "))
                try promise("codes that say it are not overruled by words", quoting.blame == blame)
            }
        }
    }
}
