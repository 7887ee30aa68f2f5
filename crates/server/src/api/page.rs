//! The document as a page to leaf through: made here, with nothing from elsewhere and no script.

use std::fmt::Write as _;

use serde_json::Value;

const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Rostrum: API</title><style>\
    :root{color-scheme:light dark;--ink:light-dark(#1d2327,#e4e8ea);--dim:light-dark(#56626a,#9aa6ad);\
    --line:light-dark(#d7dde0,#343c41);--ground:light-dark(#fff,#15191b);--raised:light-dark(#f5f7f8,#1d2326)}\
    body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1.5rem 1rem 4rem;\
    color:var(--ink);background:var(--ground)}h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}\
    a{color:inherit}details{border:1px solid var(--line);border-radius:8px;margin:.4rem 0;padding:.5rem .75rem}\
    details[open]{background:var(--raised)}summary{cursor:pointer}summary code{margin-right:.5rem}\
    b.m{display:inline-block;min-width:4.2rem;font:600 13px ui-monospace,monospace}\
    code,pre{font:13px/1.45 ui-monospace,monospace}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0}\
    table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;\
    border-top:1px solid var(--line)}small,.dim{color:var(--dim)}nav a{margin-right:.8rem}</style></head><body>";

/// The page of a document.
#[must_use]
pub fn page(document: &Value) -> String {
    let mut html = String::from(HEAD);
    // Writing to a text does not fail.
    let _ = write(&mut html, document);
    html.push_str("</body></html>");
    html
}

fn write(html: &mut String, document: &Value) -> std::fmt::Result {
    let info = &document["info"];
    write!(
        html,
        "<h1>{} {}</h1>",
        text(&info["title"]),
        text(&info["version"])
    )?;
    for paragraph in info["description"]
        .as_str()
        .unwrap_or_default()
        .split("\n\n")
    {
        write!(html, "<p>{}</p>", marked(paragraph))?;
    }
    html.push_str("<p><a href=\"/openapi.json\">openapi.json</a></p><nav>");
    let groups: Vec<&str> = list(&document["tags"])
        .iter()
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    for group in &groups {
        write!(html, "<a href=\"#{0}\">{0}</a>", escaped(group))?;
    }
    html.push_str("<a href=\"#types\">Types</a></nav>");
    for group in &groups {
        write!(html, "<h2 id=\"{0}\">{0}</h2>", escaped(group))?;
        for (path, operations) in members(&document["paths"]) {
            for (method, operation) in members(operations) {
                if operation["tags"][0].as_str() == Some(group) {
                    write_operation(html, path, method, operation)?;
                }
            }
        }
    }
    html.push_str("<h2 id=\"types\">Types</h2>");
    for (name, schema) in members(&document["components"]["schemas"]) {
        write!(
            html,
            "<details id=\"type-{0}\"><summary><code>{0}</code> <small>{1}</small></summary>{2}</details>",
            escaped(name),
            text(&schema["description"]),
            shape(schema),
        )?;
    }
    Ok(())
}

fn write_operation(html: &mut String, path: &str, method: &str, op: &Value) -> std::fmt::Result {
    write!(
        html,
        "<details id=\"{}\"><summary><b class=\"m\">{}</b><code>{}</code> {}</summary><p class=\"dim\">{}</p>",
        text(&op["operationId"]),
        method.to_uppercase(),
        escaped(path),
        text(&op["summary"]),
        marked(op["description"].as_str().unwrap_or_default()),
    )?;
    let parameters = list(&op["parameters"]);
    if !parameters.is_empty() {
        html.push_str("<table><tr><th>Parameter<th>In<th>Type<th></tr>");
        for p in parameters {
            let needed = if p["required"] == true {
                ""
            } else {
                " <small>optional</small>"
            };
            write!(
                html,
                "<tr><td><code>{}</code>{needed}<td>{}<td>{}<td>{}</tr>",
                text(&p["name"]),
                text(&p["in"]),
                shape(&p["schema"]),
                text(&p["description"]),
            )?;
        }
        html.push_str("</table>");
    }
    for (kind, body) in members(&op["requestBody"]["content"]) {
        write!(
            html,
            "<p>Body: <code>{}</code> {}</p>",
            escaped(kind),
            shape(&body["schema"])
        )?;
    }
    html.push_str("<table><tr><th>Status<th>What it means<th>Body</tr>");
    for (status, response) in members(&op["responses"]) {
        let body = members(&response["content"]).next();
        write!(
            html,
            "<tr><td><code>{}</code><td>{}<td>{}</tr>",
            escaped(status),
            text(&response["description"]),
            body.map(|(_, body)| shape(&body["schema"]))
                .unwrap_or_default(),
        )?;
    }
    html.push_str("</table></details>");
    Ok(())
}

/// A schema in short: names lead to where they are described.
fn shape(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        return format!("<a href=\"#type-{0}\"><code>{0}</code></a>", escaped(name));
    }
    for (word, between) in [("anyOf", " or "), ("allOf", " and ")] {
        if let Some(parts) = schema[word].as_array() {
            return parts.iter().map(shape).collect::<Vec<_>>().join(between);
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words
            .iter()
            .map(|w| format!("<code>{}</code>", text(w)))
            .collect();
        return words.join(" | ");
    }
    if let Some(word) = schema["const"].as_str() {
        return format!("<code>{}</code>", escaped(word));
    }
    match schema["type"].as_str() {
        Some("array") => format!("list of {}", shape(&schema["items"])),
        Some("object") => object(schema),
        Some(kind) => match schema["format"].as_str().or(schema["pattern"].as_str()) {
            Some(more) => format!("{kind} <small>{}</small>", escaped(more)),
            None => kind.to_owned(),
        },
        None => "anything".to_owned(),
    }
}

fn object(schema: &Value) -> String {
    let mut html = String::from("<table>");
    let required = list(&schema["required"]);
    for (name, member) in members(&schema["properties"]) {
        let optional = match required.iter().any(|r| r == name) {
            true => "",
            false => " <small>optional</small>",
        };
        let _ = write!(
            html,
            "<tr><td><code>{}</code>{optional}<td>{}<td>{}</tr>",
            escaped(name),
            shape(member),
            text(&member["description"]),
        );
    }
    if schema["additionalProperties"].is_object() {
        let _ = write!(
            html,
            "<tr><td>any name<td>{}</tr>",
            shape(&schema["additionalProperties"])
        );
    }
    html.push_str("</table>");
    html
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, member)| (name.as_str(), member))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => escaped(text),
        Value::Null => String::new(),
        other => escaped(&other.to_string()),
    }
}

/// With what stands between backticks as code.
fn marked(words: &str) -> String {
    let mut html = String::new();
    for (i, part) in words.split('`').enumerate() {
        match i % 2 {
            0 => html.push_str(&escaped(part)),
            _ => {
                let _ = write!(html, "<code>{}</code>", escaped(part));
            }
        }
    }
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_stands_in_the_document_is_words_and_no_markup() {
        let page = page(&json!({
            "info": {"title": "<script>", "version": "1", "description": "a `<b>`"},
            "tags": [{"name": "\"x"}],
        }));
        assert!(!page.contains("<script>"));
        assert!(page.contains("<code>&lt;b&gt;</code>"));
    }
}
