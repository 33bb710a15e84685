public import Assembly
import CommandLine

extension SandboxProcess {
    /// `dev` starts its own, on free ports, before everything else.
    public static let declaration = ProcessDeclaration(
        Command("sandbox", "a mailbox and a CRM that answer as the real ones do: for demos and tests"),
        settings: SandboxSettings.variables, ledger: .none, isPartOfDev: false,
        services: { surroundings in
            [[SandboxProcess(try SandboxSettings(surroundings.environment), log: surroundings.log)]]
        })
}
