import CommandLine
import Glibc
import Ledger

extension Invocation {
    /// Who asks for the change: `--author`, or this system's user.
    ///
    /// - Throws: ``WrongUse`` if the text is empty or too long, or the system does not know the user's name.
    func author() throws -> Author {
        if let text = value("author") {
            guard let author = Author(text) else {
                throw WrongUse("--author must have 1 to \(Author.charactersMaximum) characters, not \(text.count)")
            }
            return author
        }
        guard let user = getpwuid(getuid()), let author = Author(String(cString: user.pointee.pw_name)) else {
            throw WrongUse("this system does not know the user's name: say who asks for it with --author")
        }
        return author
    }
}
