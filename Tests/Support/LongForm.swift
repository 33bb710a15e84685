import Foundation

/// Whether tests that have a long form are to run it: `ORDERRELAY_LONG=1`.
package let isLongForm = ProcessInfo.processInfo.environment["ORDERRELAY_LONG"] == "1"
