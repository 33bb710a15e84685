/// An alert as Prometheus and Alertmanager name it.
struct Alert: Hashable, Sendable, CustomStringConvertible {
    var name: String { labels["alertname"] ?? "" }
    let labels: [String: String]

    init(labels: [String: String]) {
        self.labels = labels.filter { $0.key != "alertstate" && $0.key != "__name__" }
    }

    /// By its name, and what it is about: `Behind{worker=crm}`. Instances, partitions and parts are left out: how many there are of
    /// them is up to chance.
    var description: String {
        let about = ["job", "worker", "kind"].compactMap { name in labels[name].map { "\(name)=\($0)" } }
        return about.isEmpty ? name : "\(name){\(about.joined(separator: ","))}"
    }
}
