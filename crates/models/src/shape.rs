//! Answers of a shape: JSON that a schema describes. A service may be able to hold a model to it, or
//! say that it is and not do it: what comes is looked at here, and mended once.

use serde_json::{Value, json};

/// The longest answer that goes back to be mended, in characters.
const MAX_SAID: usize = 8_000;

/// What an answer looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// What it is called: letters and `_`.
    pub name: &'static str,
    /// A JSON schema of `object`, `array`, `string` and `integer`, with `properties`, `required`,
    /// `additionalProperties`, `items`, `minItems`, `maxItems`, `minLength`, `maxLength` and `enum`.
    pub schema: Value,
}

impl Shape {
    /// An object with a list `of` so many objects of these texts, each of which must be there.
    #[must_use]
    pub fn list(name: &'static str, texts: &[&str], least: usize, most: usize) -> Self {
        let properties: serde_json::Map<String, Value> = texts
            .iter()
            .map(|text| ((*text).to_owned(), json!({"type": "string"})))
            .collect();
        let item = json!({
            "type": "object", "properties": properties, "required": texts,
            "additionalProperties": false,
        });
        let list = json!({"type": "array", "items": item, "minItems": least, "maxItems": most});
        let schema = json!({
            "type": "object", "properties": {name: list}, "required": [name],
            "additionalProperties": false,
        });
        Self { name, schema }
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// What is wrong with it, for whoever is to mend it.
    pub fn read(&self, said: &str) -> Result<Value, String> {
        let value = serde_json::from_str(bare(said)).map_err(|e| format!("it is no JSON: {e}"))?;
        fits(&value, &self.schema, "the answer")?;
        Ok(value)
    }
}

/// The same question about an answer that did not fit.
#[must_use]
pub fn mended(prompt: &str, said: &str, why: &str) -> String {
    let said: String = said.chars().take(MAX_SAID).collect();
    format!(
        "{prompt}\n\nThis answer cannot be used, because {why}. Give the same in the shape that is \
         asked for, and nothing else:\n{said}"
    )
}

/// Without the fence that models put around JSON.
fn bare(said: &str) -> &str {
    let said = said.trim();
    let inside = said
        .strip_prefix("```json")
        .or_else(|| said.strip_prefix("```"));
    let inside = inside.and_then(|inside| inside.trim_end().strip_suffix("```"));
    inside.unwrap_or(said).trim()
}

fn fits(value: &Value, schema: &Value, at: &str) -> Result<(), String> {
    let bound = |name: &str| schema[name].as_u64();
    if let Some(choices) = schema["enum"].as_array()
        && !choices.contains(value)
    {
        return Err(format!("{at} is none of its choices"));
    }
    match schema["type"].as_str().unwrap_or_default() {
        "object" => {
            let object = value
                .as_object()
                .ok_or_else(|| format!("{at} is no object"))?;
            for name in schema["required"].as_array().into_iter().flatten() {
                let name = name.as_str().unwrap_or_default();
                if !object.contains_key(name) {
                    return Err(format!("{at} has no “{name}”"));
                }
            }
            for (name, inner) in object {
                match schema["properties"].get(name) {
                    Some(known) => fits(inner, known, &format!("“{name}” of {at}"))?,
                    None if schema["additionalProperties"] == false => {
                        return Err(format!("{at} has a part that was not asked for"));
                    }
                    None => {}
                }
            }
        }
        "array" => {
            let items = value.as_array().ok_or_else(|| format!("{at} is no list"))?;
            let count = items.len() as u64;
            if bound("minItems").is_some_and(|least| count < least)
                || bound("maxItems").is_some_and(|most| count > most)
            {
                return Err(format!("{at} has {count} items"));
            }
            for (n, item) in items.iter().enumerate() {
                fits(item, &schema["items"], &format!("item {} of {at}", n + 1))?;
            }
        }
        "string" => {
            let text = value.as_str().ok_or_else(|| format!("{at} is no text"))?;
            let length = text.chars().count() as u64;
            if bound("minLength").is_some_and(|least| length < least)
                || bound("maxLength").is_some_and(|most| length > most)
            {
                return Err(format!("{at} has {length} characters"));
            }
        }
        "integer" if !value.is_i64() && !value.is_u64() => {
            return Err(format!("{at} is no whole number"));
        }
        _ => {}
    }
    Ok(())
}

/// The texts of one name in JSON that is still coming, as somebody can read them.
#[derive(Debug)]
pub struct Strings {
    name: &'static str,
    inside: Option<String>,
    last: String,
    wanted: bool,
    escape: Option<String>,
    any: bool,
}

impl Strings {
    /// Those that are called `name`.
    #[must_use]
    pub const fn of(name: &'static str) -> Self {
        Self {
            name,
            inside: None,
            last: String::new(),
            wanted: false,
            escape: None,
            any: false,
        }
    }

    /// What can be read of the next piece: texts, with an empty line between them.
    pub fn take(&mut self, piece: &str) -> String {
        let mut shown = String::new();
        for sign in piece.chars() {
            let Some(inside) = &mut self.inside else {
                match sign {
                    '"' => {
                        if self.wanted && std::mem::replace(&mut self.any, true) {
                            shown.push_str("\n\n");
                        }
                        self.inside = Some(String::new());
                    }
                    ':' => self.wanted = self.last == self.name,
                    ',' | '{' | '}' | '[' | ']' => self.wanted = false,
                    _ => {}
                }
                continue;
            };
            let whole = match &mut self.escape {
                Some(escape) => {
                    escape.push(sign);
                    let short = escape.len() == 1 && sign != 'u';
                    // Half of a pair is told when both are there.
                    let long = match escape.len() {
                        5 => !is_half(escape),
                        length => length >= 11,
                    };
                    if !short && !long {
                        continue;
                    }
                    let text = format!("\"\\{escape}\"");
                    self.escape = None;
                    serde_json::from_str::<String>(&text).unwrap_or_default()
                }
                None if sign == '\\' => {
                    self.escape = Some(String::new());
                    continue;
                }
                None if sign == '"' => {
                    self.last = self.inside.take().unwrap_or_default();
                    self.wanted = false;
                    continue;
                }
                None => sign.to_string(),
            };
            if self.wanted {
                shown.push_str(&whole);
            } else {
                inside.push_str(&whole);
            }
        }
        shown
    }
}

/// Whether `u` and four digits are half of a character beyond the first 65,536.
fn is_half(escape: &str) -> bool {
    let digits = escape.get(1..).unwrap_or_default();
    u32::from_str_radix(digits, 16).is_ok_and(|code| (0xd800..0xe000).contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape() -> Shape {
        Shape::list("lines", &["text", "why"], 1, 2)
    }

    #[test]
    fn an_answer_of_the_shape_is_read_also_out_of_a_fence() {
        let said = r#"{"lines": [{"text": "Snow.", "why": "short"}]}"#;
        for said in [said.to_owned(), format!("```json\n{said}\n```\n")] {
            let value = shape().read(&said).unwrap();
            assert_eq!(value["lines"][0]["text"], "Snow.");
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        for (said, why) in [
            ("Here you go:", "it is no JSON"),
            (r#"{"lines": []}"#, "0 items"),
            (r#"{"lines": [{"text": "a"}]}"#, "has no “why”"),
            (r#"{"lines": [{"text": 1, "why": ""}]}"#, "is no text"),
            (
                r#"{"lines": [{"text": "", "why": "", "send": true}]}"#,
                "not asked for",
            ),
            (r#"["a"]"#, "is no object"),
        ] {
            let told = shape().read(said).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }

    proptest! {
        #[test]
        fn texts_are_read_as_they_come(
            texts in proptest::collection::vec("(\\PC|\n|\"|🏔)*", 1..4),
            size in 1_usize..9,
        ) {
            let list: Vec<Value> =
                texts.iter().map(|text| json!({"text": text, "why": "text\": {"})).collect();
            let whole = json!({"lines": list}).to_string();
            let mut strings = Strings::of("text");
            let signs: Vec<char> = whole.chars().collect();
            let told: String = signs
                .chunks(size)
                .map(|piece| strings.take(&piece.iter().collect::<String>()))
                .collect();
            prop_assert_eq!(told, texts.join("\n\n"));
        }

        #[test]
        fn no_words_break_the_reading(words in ".*") {
            let _ = shape().read(&words);
            let _ = Strings::of("text").take(&words);
        }
    }

    #[test]
    fn escaped_signs_are_told_whole() {
        let mut strings = Strings::of("text");
        let told = strings.take("{\"text\": \"\\u00e4\\ud83c\\udfd4\\n\\\"x\"}");
        assert_eq!(told, "ä🏔\n\"x");
    }
}
