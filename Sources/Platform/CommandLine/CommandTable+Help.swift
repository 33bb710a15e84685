extension CommandTable {
    /// `orderrelay token create --account NAME [--scope SCOPE]...`
    func usage(of command: Command) -> String {
        var words = [program] + command.path + command.arguments
        for option in command.options {
            var word = option.isRequired ? option.form : "[\(option.form)]"
            if option.isRepeatable { word += "..." }
            words.append(word)
        }
        return words.joined(separator: " ")
    }

    /// The help of one command.
    func help(of command: Command) -> String {
        var text = "\(command.summary)\n\nUsage: \(usage(of: command))\n"
        var rows = command.options.map { (form: $0.form, summary: summary(of: $0)) }
        rows.append((form: "--help", summary: "Show this."))
        text += "\nOptions:\n" + table(rows)
        let below = commands.filter { $0.path.count > command.path.count && $0.path.starts(with: command.path) }
        if !below.isEmpty { text += "\nCommands:\n" + table(below.map { (form: $0.name, summary: $0.summary) }) }
        return text
    }

    /// The help of a group of commands (`["token"]`), or of the whole program (`[]`).
    func help(of group: [String]) -> String {
        let chosen = commands.filter { $0.path.starts(with: group) }
        let called = ([program] + group).joined(separator: " ")
        var text = group.isEmpty ? "\(summary)\n\n" : ""
        text += "Usage: \(called) COMMAND [--option VALUE]...\n\nCommands:\n"
        text += table(chosen.map { (form: $0.name, summary: $0.summary) })
        return text + "\n\"\(called) COMMAND --help\" shows the options of one of them.\n"
    }

    private func summary(of option: Option) -> String {
        option.summary + (option.isRequired ? " Required." : "") + (option.isRepeatable ? " May be repeated." : "")
    }

    private func table(_ rows: [(form: String, summary: String)]) -> String {
        let width = rows.map(\.form.count).max() ?? 0
        return rows.map { row in
            "  " + row.form + String(repeating: " ", count: width - row.form.count + 2) + row.summary + "\n"
        }.joined()
    }
}
