//! Settings of this computer: defaults, then `settings.toml`, then `ROSTRUM_*` variables.
//!
//! A value that makes no sense is left out and told, never the reason that nothing starts. What
//! this program does not know in the file stays there, comments too.

mod environment;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use networks::{HttpOptions, OwnRoots, ProxyAddress};
use protocol::settings::Settings;
use protocol::{Code, Problem};
use serde_json::Value;
use toml_edit::{DocumentMut, Item};

use crate::folder::durable::{self, Readers};

pub use watch::Watch;

/// Keys that are absent from the file when they have no value.
const OPTIONAL: [&str; 5] = [
    "extra_ca",
    "fallback_model",
    "person",
    "proxy",
    "quiet_hours",
];

/// What is in force, and what was wrong on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// In force now.
    pub settings: Settings,
    /// Keys that the environment decides; saving does not change them.
    pub fixed: BTreeSet<String>,
    /// What was left out, for a person to mend.
    pub problems: Vec<String>,
}

/// Why settings were not saved.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// No room.
    #[error("the disk is full ({0}); free some space and try again")]
    DiskFull(String),
    /// No permission.
    #[error("the settings cannot be written ({0}); check the folder's permissions")]
    ReadOnly(String),
    /// The disk failed otherwise.
    #[error("the settings cannot be saved ({0})")]
    Io(String),
    /// A value makes no sense.
    #[error("{0}")]
    Invalid(String),
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        let code = match error {
            SettingsError::DiskFull(_) => Code::DiskFull,
            SettingsError::ReadOnly(_) => Code::ReadOnly,
            SettingsError::Io(_) => Code::Internal,
            SettingsError::Invalid(_) => Code::InvalidInput,
        };
        Self::new(code, error.to_string())
    }
}

/// The user's file, and the environment as it was when the program started.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
    environment: BTreeMap<String, String>,
}

impl SettingsFile {
    /// The file at `path`, overruled by this process's environment.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Self::with_environment(path, environment)
    }

    /// The file at `path`, overruled by these variables.
    #[must_use]
    pub fn with_environment(
        path: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            environment: environment
                .into_iter()
                .filter(|(k, _)| k.starts_with("ROSTRUM_"))
                .collect(),
        }
    }

    /// Reads. Never fails: what cannot be used is in `problems`.
    #[must_use]
    pub fn load(&self) -> Loaded {
        let mut problems = Vec::new();
        let mut values = defaults();
        match self.read() {
            Ok(Some(document)) => {
                for (key, value) in file_values(&document) {
                    if values.contains_key(&key) || OPTIONAL.contains(&key.as_str()) {
                        overlay(&mut values, &key, value, "settings.toml", &mut problems);
                    }
                }
            }
            Ok(None) => {}
            Err(why) => problems.push(format!("settings.toml is not used: {why}")),
        }
        let mut fixed = BTreeSet::new();
        for found in environment::values(&self.environment) {
            match found.value {
                Ok(value) => {
                    if overlay(
                        &mut values,
                        found.key,
                        value,
                        &found.variable,
                        &mut problems,
                    ) {
                        fixed.insert(found.key.to_owned());
                    }
                }
                Err(why) => problems.push(format!("{} is not used: {why}", found.variable)),
            }
        }
        Loaded {
            settings: decode(&values).unwrap_or_default(),
            fixed,
            problems,
        }
    }

    /// Writes `settings`, all or nothing. What the environment decides keeps its value in the
    /// file; what this program does not know stays; a file that could not be read is kept beside
    /// the new one as `settings.toml.unreadable`.
    ///
    /// # Errors
    /// When a value makes no sense, or the disk does not take it.
    pub fn save(&self, settings: &Settings) -> Result<Loaded, SettingsError> {
        validate(settings)?;
        let mut document = match self.read() {
            Ok(document) => document.unwrap_or_default(),
            Err(_) => {
                let aside = self.path.with_extension("toml.unreadable");
                fs::rename(&self.path, &aside).map_err(|e| failed(&e, &aside))?;
                DocumentMut::new()
            }
        };
        let fixed = self.load().fixed;
        let odd = |e: &dyn std::fmt::Display| SettingsError::Io(e.to_string());
        let text = toml::to_string(settings).map_err(|e| odd(&e))?;
        let new: DocumentMut = text.parse().map_err(|e| odd(&e))?;
        for key in OPTIONAL {
            if !new.contains_key(key) && !fixed.contains(key) {
                document.remove(key);
            }
        }
        for (key, item) in new.iter().filter(|(key, _)| !fixed.contains(*key)) {
            replace(&mut document, key, item);
        }
        durable::write(&self.path, document.to_string().as_bytes(), Readers::Usual)
            .map_err(|e| failed(&e, &self.path))?;
        Ok(self.load())
    }

    fn read(&self) -> Result<Option<DocumentMut>, String> {
        match fs::read_to_string(&self.path) {
            Ok(text) => text
                .parse()
                .map(Some)
                .map_err(|e: toml_edit::TomlError| e.to_string()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e.to_string()),
        }
    }
}

/// Puts `item` where `key` is, keeping the comments around it; equal values are left alone.
fn replace(document: &mut DocumentMut, key: &str, item: &Item) {
    let same = document
        .get(key)
        .is_some_and(|old| value_of(old) == value_of(item));
    if same {
        return;
    }
    match (document.get_mut(key), item) {
        (Some(Item::Value(old)), Item::Value(new)) => {
            let decor = old.decor().clone();
            *old = new.clone();
            *old.decor_mut() = decor;
        }
        _ => {
            document.insert(key, item.clone());
        }
    }
}

fn defaults() -> serde_json::Map<String, Value> {
    match serde_json::to_value(Settings::default()) {
        Ok(Value::Object(map)) => map,
        _ => serde_json::Map::new(),
    }
}

fn decode(values: &serde_json::Map<String, Value>) -> Result<Settings, String> {
    let settings: Settings =
        serde_json::from_value(Value::Object(values.clone())).map_err(|e| e.to_string())?;
    validate(&settings).map_err(|e| e.to_string())?;
    Ok(settings)
}

/// Refuses settings that make no sense.
///
/// # Errors
/// `invalid_input`.
pub(crate) fn check(settings: &Settings) -> Result<(), Problem> {
    let quiet = Settings {
        proxy: None,
        extra_ca: None,
        ..settings.clone()
    };
    Ok(validate(&quiet)?)
}

fn validate(settings: &Settings) -> Result<(), SettingsError> {
    if settings.quiet_hours.is_some_and(|quiet| !quiet.is_sound()) {
        return Err(SettingsError::Invalid(
            "quiet hours are minutes after midnight, 0 to 1439".to_owned(),
        ));
    }
    way_out(settings, HttpOptions::default()).map(|_| ())
}

/// How to reach the world under these settings.
///
/// # Errors
/// When the proxy is no address, or the file of certificates cannot be used.
pub fn way_out(
    settings: &Settings,
    mut options: HttpOptions,
) -> Result<HttpOptions, SettingsError> {
    options.allow_private |= settings.local_cards;
    let odd = |words: String| SettingsError::Invalid(words);
    if let Some(typed) = &settings.proxy {
        options.proxy = Some(ProxyAddress::read(typed).map_err(|e| odd(e.to_string()))?);
    }
    if let Some(path) = &settings.extra_ca {
        let pem = fs::read(path).map_err(|e| odd(format!("{path} cannot be read: {e}")))?;
        options.roots = OwnRoots::read(&pem).map_err(|e| odd(format!("{path}: {e}")))?;
    }
    Ok(options)
}

/// Takes one value if the whole still makes sense with it.
fn overlay(
    values: &mut serde_json::Map<String, Value>,
    key: &str,
    value: Value,
    origin: &str,
    problems: &mut Vec<String>,
) -> bool {
    let mut with = values.clone();
    with.insert(key.to_owned(), value);
    match decode(&with) {
        Ok(_) => {
            *values = with;
            true
        }
        Err(why) => {
            problems.push(format!("{origin}: {key} is not used: {why}"));
            false
        }
    }
}

fn file_values(document: &DocumentMut) -> Vec<(String, Value)> {
    document
        .iter()
        .filter_map(|(key, item)| Some((key.to_owned(), value_of(item)?)))
        .collect()
}

fn value_of(item: &Item) -> Option<Value> {
    let mut alone = DocumentMut::new();
    alone.insert("v", item.clone());
    let table: toml::Table = toml::from_str(&alone.to_string()).ok()?;
    serde_json::to_value(table.get("v")?).ok()
}

fn failed(error: &io::Error, path: &Path) -> SettingsError {
    let at = format!("{}: {error}", path.display());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => SettingsError::DiskFull(at),
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            SettingsError::ReadOnly(at)
        }
        _ => SettingsError::Io(at),
    }
}

#[cfg(test)]
mod tests;
