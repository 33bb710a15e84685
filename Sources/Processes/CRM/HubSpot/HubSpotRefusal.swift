/// Why HubSpot refuses a property, and what follows. A pure table.
///
/// Codes as HubSpot's answers carry them in "Property values were not valid:
/// [{"error":"INVALID_OPTION","name":"dealstage"}]": https://community.hubspot.com/t5/APIs-Integrations,
/// https://github.com/HubSpot/hubspot-api-nodejs/issues, and
/// https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide for options and read-only properties.
enum HubSpotRefusal: Equatable {
    /// The order's currency is not enabled in the portal: the deal gets the amount, and the currency in its
    /// description.
    case currency
    /// HubSpot does not accept the address: the contact is found by phone, or the deal has none.
    case email
    /// A problem of the portal, which concerns every order: what to enable.
    case portal(String)
    /// A problem of this order.
    case value

    /// A property and why it was refused.
    struct Fault: Equatable {
        var code: String
        var property: String
    }

    init(_ fault: Fault) {
        switch (fault.code, fault.property) {
        case ("INVALID_OPTION", "deal_currency_code"): self = .currency
        case ("INVALID_EMAIL", "email"): self = .email
        case ("INVALID_OPTION", "dealstage"), ("INVALID_OPTION", "pipeline"):
            self = .portal(
                "the portal has no such \(fault.property == "pipeline" ? "pipeline" : "stage") of deals: name its own with `orderrelay connection set`"
            )
        case ("INVALID_OPTION", let name): self = .portal("the property \(name) lacks an option: add it in the portal")
        case ("PROPERTY_DOESNT_EXIST", let name):
            self = .portal("the portal has no property \(name): create it, or enable what provides it")
        case ("READ_ONLY_VALUE", let name):
            self = .portal("the property \(name) is read-only in the portal: allow this app to edit it")
        default: self = .value
        }
    }

    /// Of several: first what concerns every order, then what can be worked around.
    init(_ faults: [Fault]) {
        let all = faults.map(HubSpotRefusal.init)
        let portal = all.first { if case .portal = $0 { true } else { false } }
        self =
            portal ?? all.first { $0 == .currency } ?? all.first { $0 == .email } ?? .value
    }
}
