//! JSON Schemas (2020-12) of what crosses the boundary, read from the same declarations from which the
//! window's types are made: a type is described in one place.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use ts_rs::{Config, TS, TypeVisitor};

/// Makes the schema of one type, and keeps those of the types in it.
pub type Described = fn(&mut Schemas) -> Value;

/// The schemas of all named types that were asked for.
#[derive(Default)]
pub struct Schemas {
    config: Config,
    named: BTreeMap<String, Value>,
}

impl std::fmt::Debug for Schemas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schemas")
            .field("named", &self.named.keys())
            .finish_non_exhaustive()
    }
}

impl Schemas {
    /// The schema of a type. A name stands for a schema that is kept.
    pub fn of<T: TS + 'static>(&mut self) -> Value {
        self.visit::<T>();
        T::visit_generics(self);
        read(&T::name(&self.config), "")
    }

    /// Those that were kept, by name.
    #[must_use]
    pub fn into_named(self) -> BTreeMap<String, Value> {
        self.named
    }

    /// One that was kept.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Value> {
        self.named.get(name)
    }
}

impl TypeVisitor for Schemas {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // What has no file of its own is no type with a name.
        if T::output_path().is_none() {
            return;
        }
        let name = T::ident(&self.config);
        if self.named.contains_key(&name) {
            return;
        }
        self.named.insert(name.clone(), Value::Null);
        let declared = T::decl(&self.config);
        let expression = declared
            .split_once('=')
            .map_or("", |(_, rest)| rest.trim().trim_end_matches(';'));
        let mut schema = read(expression, &name);
        if let (Some(docs), Some(members)) = (T::docs(), schema.as_object_mut()) {
            members.insert("description".to_owned(), plain(&docs).into());
        }
        self.named.insert(name, schema);
        T::visit_dependencies(self);
    }
}

/// The words of a documentation comment.
fn plain(comment: &str) -> String {
    comment
        .lines()
        .map(|line| line.trim().trim_start_matches("/**").trim_end_matches("*/"))
        .map(|line| line.trim().trim_start_matches('*').trim())
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The schema of a type expression, within the declaration of `name`.
fn read(expression: &str, name: &str) -> Value {
    let mut reader = Reader {
        tokens: tokens(expression),
        at: 0,
        name,
    };
    reader.union()
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Comment(String),
    Sign(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (token, length) = if let Some(body) = rest.strip_prefix("/**") {
            let end = body.find("*/").unwrap_or(body.len());
            let length = (3 + end + 2).min(rest.len());
            (Some(Token::Comment(plain(&body[..end]))), length)
        } else if let Some(body) = rest.strip_prefix('"') {
            let end = body.find('"').unwrap_or(body.len());
            let length = (end + 2).min(rest.len());
            (Some(Token::Text(body[..end].to_owned())), length)
        } else if c.is_alphanumeric() || c == '_' {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            (Some(Token::Word(rest[..end].to_owned())), end)
        } else {
            let sign = (!c.is_whitespace()).then_some(Token::Sign(c));
            (sign, c.len_utf8())
        };
        found.extend(token);
        rest = &rest[length..];
    }
    found
}

struct Reader<'a> {
    tokens: Vec<Token>,
    at: usize,
    name: &'a str,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, sign: char) -> bool {
        let there = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(there);
        there
    }

    fn comment(&mut self) -> Option<String> {
        match self.peek() {
            Some(Token::Comment(words)) => {
                let words = words.clone();
                self.at += 1;
                Some(words)
            }
            _ => None,
        }
    }

    /// `A | B`
    fn union(&mut self) -> Value {
        self.takes('|');
        let mut parts = vec![self.both()];
        while self.takes('|') {
            parts.push(self.both());
        }
        if parts.len() == 1 {
            return parts.remove(0);
        }
        let words: Option<Vec<&Value>> = parts.iter().map(|part| part.get("const")).collect();
        match words {
            Some(words) => json!({"type": "string", "enum": words}),
            None => json!({"anyOf": parts}),
        }
    }

    /// `A & B`
    fn both(&mut self) -> Value {
        let mut parts = vec![self.list()];
        while self.takes('&') {
            parts.push(self.list());
        }
        match parts.len() {
            1 => parts.remove(0),
            _ => json!({"allOf": parts}),
        }
    }

    /// `A[]`
    fn list(&mut self) -> Value {
        let mut inner = self.one();
        while self.takes('[') {
            self.takes(']');
            inner = json!({"type": "array", "items": inner});
        }
        inner
    }

    fn one(&mut self) -> Value {
        let description = self.comment();
        let mut schema = match self.next() {
            Some(Token::Text(text)) => json!({"type": "string", "const": text}),
            Some(Token::Sign('(')) => {
                let inner = self.union();
                self.takes(')');
                inner
            }
            Some(Token::Sign('{')) => self.object(),
            Some(Token::Word(word)) => self.word(&word),
            _ => json!({}),
        };
        if let (Some(words), Some(members)) = (description, schema.as_object_mut()) {
            members.insert("description".to_owned(), words.into());
        }
        schema
    }

    fn word(&mut self, word: &str) -> Value {
        match word {
            "string" => text_of(self.name),
            // Whatever crosses the boundary as a number is a whole one, below 2^53.
            "number" => json!({"type": "integer"}),
            "boolean" => json!({"type": "boolean"}),
            "null" => json!({"type": "null"}),
            "Array" => {
                self.takes('<');
                let inner = self.union();
                self.takes('>');
                json!({"type": "array", "items": inner})
            }
            "Record" => {
                self.takes('<');
                let _ = self.union();
                self.takes(',');
                let _ = self.union();
                self.takes('>');
                json!({"type": "object"})
            }
            "symbol" | "never" | "any" | "unknown" => json!({}),
            name => json!({"$ref": format!("#/components/schemas/{name}")}),
        }
    }

    fn object(&mut self) -> Value {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        let mut others = None;
        loop {
            let description = self.comment();
            match self.next() {
                None | Some(Token::Sign('}')) => break,
                Some(Token::Sign(',' | ';')) => {}
                // `[key in string]: T`
                Some(Token::Sign('[')) => {
                    while !self.takes(']') && self.peek().is_some() {
                        self.at += 1;
                    }
                    self.takes('?');
                    self.takes(':');
                    others = Some(self.union());
                }
                Some(Token::Word(key) | Token::Text(key)) => {
                    let optional = self.takes('?');
                    self.takes(':');
                    let mut schema = self.union();
                    if let (Some(words), Some(members)) = (description, schema.as_object_mut()) {
                        members.insert("description".to_owned(), words.into());
                    }
                    if !optional {
                        required.push(key.clone());
                    }
                    properties.insert(key, schema);
                }
                Some(_) => {}
            }
        }
        let mut schema = Map::new();
        schema.insert("type".to_owned(), "object".into());
        if !properties.is_empty() {
            schema.insert("properties".to_owned(), properties.into());
        }
        if !required.is_empty() {
            schema.insert("required".to_owned(), required.into());
        }
        if let Some(others) = others {
            schema.insert("additionalProperties".to_owned(), others);
        }
        schema.into()
    }
}

/// What the text of a named type looks like.
fn text_of(name: &str) -> Value {
    match name {
        "Instant" => json!({"type": "string", "format": "date-time"}),
        "Hash" => json!({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
        "NetworkId" => json!({"type": "string", "pattern": "^[a-z0-9_-]{1,40}$"}),
        "Sensitive" => json!({"type": "string", "format": "password"}),
        name if name.ends_with("Id") => json!({"type": "string", "format": "uuid"}),
        _ => json!({"type": "string"}),
    }
}

#[cfg(test)]
mod tests {
    use protocol::views;

    use super::*;

    #[test]
    fn a_type_is_described_with_all_that_is_in_it() {
        let mut schemas = Schemas::default();
        let page = schemas.of::<views::QueuePage>();
        assert_eq!(page, json!({"$ref": "#/components/schemas/QueuePage"}));
        let page = schemas.named("QueuePage").unwrap();
        assert_eq!(page["required"], json!(["rows", "counts"]));
        assert_eq!(
            page["properties"]["counts"]["additionalProperties"]["type"],
            "integer"
        );
        let row = schemas.named("ContentRow").unwrap();
        assert_eq!(row["properties"]["labels"]["items"]["type"], "string");
        assert_eq!(schemas.named("ContentId").unwrap()["format"], "uuid");
        assert_eq!(schemas.named("Instant").unwrap()["format"], "date-time");
        let hue = schemas.named("Hue").unwrap();
        assert_eq!(hue["enum"][0], "glacier");
        assert!(
            schemas
                .into_named()
                .values()
                .all(|schema| !schema.is_null())
        );
    }

    #[test]
    fn alternatives_keep_their_own_words() {
        let mut schemas = Schemas::default();
        schemas.of::<protocol::Mutation>();
        let mutation = schemas.named("Mutation").unwrap();
        let all = mutation["anyOf"].as_array().unwrap();
        assert!(all.len() > 40);
        let first = &all[0]["properties"];
        assert_eq!(first["type"]["const"], "add_person");
        assert_eq!(first["id"]["$ref"], "#/components/schemas/PersonId");
        assert_eq!(first["id"]["description"], "New.");
    }

    #[test]
    fn lists_have_a_schema_without_a_name() {
        let mut schemas = Schemas::default();
        let list = schemas.of::<Vec<views::Account>>();
        assert_eq!(list["items"]["$ref"], "#/components/schemas/Account");
        assert!(schemas.named("Limits").is_some());
    }
}
