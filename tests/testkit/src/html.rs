//! Just enough of HTML to fill in our own forms.

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Its `action`.
    pub action: String,
    /// Its `method`, lower case.
    pub method: String,
    /// Its inputs: name and value, in order. Buttons are not in it.
    pub fields: Vec<(String, String)>,
    /// Its buttons: name and value.
    pub buttons: Vec<(String, String)>,
}

/// The forms of a page.
pub fn forms(html: &str) -> Vec<Form> {
    tags(html, "form")
        .into_iter()
        .map(|(open, at)| {
            let end = html[at..].find("</form>").map_or(html.len(), |end| at + end);
            let inside = &html[at..end];
            let mut fields: Vec<_> = tags(inside, "input")
                .into_iter()
                .filter(|(tag, _)| {
                    let kind = attribute(tag, "type").unwrap_or_default();
                    !matches!(kind.as_str(), "checkbox" | "radio") || tag.contains(" checked")
                })
                .filter_map(|(tag, _)| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
                .collect();
            fields.extend(tags(inside, "textarea").into_iter().filter_map(|(tag, at)| {
                let end = inside[at..].find("</textarea>").map_or(inside.len(), |end| at + end);
                let text = &inside[at + tag.len()..end];
                Some((attribute(tag, "name")?, unescape(text.trim_start_matches('>'))))
            }));
            let buttons = tags(inside, "button")
                .into_iter()
                .filter_map(|(tag, _)| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
                .collect();
            Form {
                action: attribute(open, "action").unwrap_or_default(),
                method: attribute(open, "method").unwrap_or_default().to_ascii_lowercase(),
                fields,
                buttons,
            }
        })
        .collect()
}

/// The value of a hidden field, wherever it stands.
pub fn hidden(html: &str, name: &str) -> Option<String> {
    tags(html, "input")
        .into_iter()
        .find(|(tag, _)| attribute(tag, "name").as_deref() == Some(name))
        .and_then(|(tag, _)| attribute(tag, "value"))
}

/// Opening tags of a name, each with the byte at which it starts.
fn tags<'h>(html: &'h str, name: &str) -> Vec<(&'h str, usize)> {
    let mark = format!("<{name}");
    html.match_indices(&mark)
        .filter(|(at, _)| html[at + mark.len()..].starts_with([' ', '>', '\n', '/']))
        .filter_map(|(at, _)| Some((&html[at..=at + html[at..].find('>')?], at)))
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let flat = tag.replace('\n', " ");
    let mark = format!(" {name}=\"");
    let from = flat.find(&mark)? + mark.len();
    let text = &flat[from..from + flat[from..].find('"')?];
    Some(unescape(text))
}

fn unescape(text: &str) -> String {
    [
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#60;", "<"),
        ("&lt;", "<"),
        ("&#62;", ">"),
        ("&gt;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}
