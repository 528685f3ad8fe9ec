//! A security delta for people.

use serde_json::Value;

use super::api::print;

/// One deviation after the other: what it is, where that is written, what makes up for it.
pub fn table(items: &[Value]) {
    if items.is_empty() {
        print("No deviation from RFC 9700, OAuth 2.1 and FAPI 2.0.");
        return;
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![format!("{:>4}  {:13}  {:14}  {:31}  DEVIATION", "KNOB", "SEVERITY", "ACKNOWLEDGED", "ID")];
    for item in items {
        let severity = text(&item["severity"]).replace('_', "-");
        let acknowledged = match (severity.as_str(), item["acknowledged"].as_bool()) {
            ("note", _) => "-",
            (_, Some(true)) => "yes",
            _ => "NO",
        };
        let (knob, id, says) = (item["knob"].to_string(), text(&item["id"]), text(&item["deviation"]));
        lines.push(format!("{knob:>4}  {severity:13}  {acknowledged:14}  {id:31}  {says}"));
        let references: Vec<_> =
            list(&item["from"]).map(|from| format!("{} {}", text(&from["document"]), text(&from["section"]))).collect();
        lines.push(format!("{:72}from {}", "", references.join("; ")));
        for compensation in list(&item["compensations"]) {
            lines.push(format!("{:72}+ {}", "", text(compensation)));
        }
    }
    print(&lines.join("\n"));
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
