/// How a database stands, for whoever runs it.
public struct DatabaseCheckUp: Sendable, Equatable {
    /// Something that endangers what is kept, or makes it slow.
    public struct Remark: Sendable, Equatable {
        /// Whether the ledger's promises cannot be kept with it.
        public var isFault: Bool
        public var text: String
        /// What to do about it.
        public var remedy: String

        public init(isFault: Bool, _ text: String, remedy: String) {
            self.isFault = isFault
            self.text = text
            self.remedy = remedy
        }
    }

    /// What it is, and where, without a password: `PostgreSQL 15.14 at db:5432/orderrelay`.
    public var name: String
    public var remarks: [Remark]

    public init(name: String, remarks: [Remark] = []) {
        self.name = name
        self.remarks = remarks
    }
}
