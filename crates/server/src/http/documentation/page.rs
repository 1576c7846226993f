//! The API document as a page: one section an operation, one a schema. Without a script, so that it needs nothing but the program.

use std::fmt::Write as _;

use serde_json::Value;

/// The page's style sheet.
pub const STYLE: &str = include_str!("style.css");

/// The page of an `OpenAPI` document.
pub fn html(document: &Value) -> String {
    let title = escaped(text(&document["info"]["title"]));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/documentation/static/style.css\">\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    let mut add = |text: std::fmt::Arguments<'_>| {
        // Writing to a `String` never fails.
        let _ = page.write_fmt(text);
    };
    add(format_args!(
        "<p>{} Version {}. As JSON: <a href=\"/documentation/json\">/documentation/json</a>. \
         Every path is served under <code>{}</code> too.</p>\n",
        escaped(text(&document["info"]["description"])),
        escaped(text(&document["info"]["version"])),
        crate::http::PUBLIC_PREFIX,
    ));
    for (path, item) in entries(&document["paths"]) {
        for (method, operation) in entries(item) {
            add(format_args!("{}", operation_section(method, path, operation)));
        }
    }
    add(format_args!("<h2>Schemas</h2>\n"));
    for (name, schema) in entries(&document["components"]["schemas"]) {
        add(format_args!("{}", schema_section(name, schema)));
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn operation_section(method: &str, path: &str, operation: &Value) -> String {
    let mut section = format!(
        "<section>\n<h2><code>{} {}</code></h2>\n<p>{}</p>\n",
        escaped(&method.to_uppercase()),
        escaped(path),
        escaped(text(&operation["summary"]))
    );
    let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        section.push_str("<table>\n<tr><th>parameter</th><th>in</th><th>description</th></tr>\n");
        for parameter in parameters {
            row(&mut section, &[code(&parameter["name"]), plain(&parameter["in"]), plain(&parameter["description"])]);
        }
        section.push_str("</table>\n");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        let _ = writeln!(section, "<p>Body: {}</p>", schema_link(body));
    }
    section.push_str("<table>\n<tr><th>status</th><th>body</th><th>description</th></tr>\n");
    for (status, response) in entries(&operation["responses"]) {
        let body = entries(&response["content"]).next().map(|(_, content)| schema_link(&content["schema"]));
        let cells =
            [format!("<code>{}</code>", escaped(status)), body.unwrap_or_default(), plain(&response["description"])];
        row(&mut section, &cells);
    }
    section.push_str("</table>\n</section>\n");
    section
}

fn schema_section(name: &str, schema: &Value) -> String {
    let mut section = format!(
        "<section id=\"{name}\">\n<h3><code>{name}</code></h3>\n<p>{}</p>\n",
        plain(&schema["description"]),
        name = escaped(name)
    );
    if schema["properties"].is_object() {
        section.push_str("<table>\n<tr><th>field</th><th>type</th><th>description</th></tr>\n");
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        for (name, property) in entries(&schema["properties"]) {
            let must = if required.iter().any(|it| it == name) { "" } else { " (optional)" };
            let cells = [
                format!("<code>{}</code>{must}", escaped(name)),
                schema_link(property),
                plain(&property["description"]),
            ];
            row(&mut section, &cells);
        }
        section.push_str("</table>\n");
    } else {
        let text = serde_json::to_string_pretty(schema).unwrap_or_default();
        let _ = writeln!(section, "<pre>{}</pre>", escaped(&text));
    }
    section.push_str("</section>\n");
    section
}

fn schema_link(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#{name}\"><code>{name}</code></a>", name = escaped(name));
    }
    if schema["items"].is_object() {
        return format!("list of {}", schema_link(&schema["items"]));
    }
    match &schema["type"] {
        Value::String(name) => escaped(name),
        Value::Array(names) => escaped(&names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "see the JSON document".to_owned(),
    }
}

fn row(section: &mut String, cells: &[String; 3]) {
    let _ = writeln!(section, "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", cells[0], cells[1], cells[2]);
}

fn code(value: &Value) -> String {
    format!("<code>{}</code>", plain(value))
}

fn plain(value: &Value) -> String {
    escaped(text(value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_operation_and_schema_is_shown_and_nothing_is_loaded_from_elsewhere() {
        let document = super::super::document();
        let page = html(&document);
        for (path, _) in entries(&document["paths"]) {
            assert!(page.contains(path.as_str()), "{path}");
        }
        for (name, _) in entries(&document["components"]["schemas"]) {
            assert!(page.contains(&format!("id=\"{name}\"")), "{name}");
        }
        assert!(!page.contains("://"), "{page}");
    }

    #[test]
    fn text_is_escaped() {
        let page = html(&json!({"info": {"title": "<script>\"&"}, "paths": {}, "components": {"schemas": {}}}));
        assert!(page.contains("&lt;script&gt;&quot;&amp;") && !page.contains("<script>"));
    }
}
