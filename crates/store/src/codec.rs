//! Values that are stored as text: enums by their JSON name, structures as JSON.

use db::{Args, Value};
use domain::ids::OrganizationId;
use domain::{Hash, Instant};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::Error;

/// The JSON text of a structure.
///
/// # Errors
/// When it does not serialize.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|e| Error::unreadable("JSON", e))
}

/// The structure in a JSON text.
///
/// # Errors
/// When the text is not one.
pub fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|e| Error::unreadable(what, e))
}

/// How many ids one statement names.
pub(crate) const MOST_AT_ONCE: usize = 200;

/// The places of several values in a statement whose `$1` is the organization, and all its values.
pub(crate) fn one_of<T: Into<Value>>(
    organization: OrganizationId,
    values: impl IntoIterator<Item = T>,
) -> (String, Args) {
    let mut args: Vec<Value> = vec![organization.0.into()];
    args.extend(values.into_iter().map(Into::into));
    let places: Vec<String> = (2..=args.len()).map(|n| format!("${n}")).collect();
    (places.join(", "), Args(args))
}

/// Ids as they are stored.
pub(crate) fn ids_of<T: Copy + Into<Uuid>>(ids: &[T]) -> impl Iterator<Item = Uuid> {
    ids.iter().map(|id| (*id).into())
}

/// The name of a unit variant, as serde writes it.
pub(crate) fn name_of<T: Serialize>(value: &T) -> Result<String, Error> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        Ok(_) => Err(Error::unreadable("name", "not a plain name")),
        Err(e) => Err(Error::unreadable("name", e)),
    }
}

/// The unit variant of a name.
pub(crate) fn named<T: DeserializeOwned>(what: &'static str, name: String) -> Result<T, Error> {
    serde_json::from_value(serde_json::Value::String(name)).map_err(|e| Error::unreadable(what, e))
}

pub(crate) fn hash(what: &'static str, bytes: &[u8]) -> Result<Hash, Error> {
    Hash::try_from(bytes).map_err(|e| Error::unreadable(what, e))
}

/// Column readers for the domain's types.
pub(crate) trait Columns {
    fn instant(&self, name: &str) -> Result<Instant, Error>;
    fn maybe_instant(&self, name: &str) -> Result<Option<Instant>, Error>;
    fn hash(&self, name: &'static str) -> Result<Hash, Error>;
    fn maybe_hash(&self, name: &'static str) -> Result<Option<Hash>, Error>;
    fn id<T: From<uuid::Uuid>>(&self, name: &str) -> Result<T, Error>;
    fn maybe_id<T: From<uuid::Uuid>>(&self, name: &str) -> Result<Option<T>, Error>;
    fn name<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, Error>;
    fn maybe_name<T: DeserializeOwned>(&self, name: &'static str) -> Result<Option<T>, Error>;
    fn json<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, Error>;
    fn count(&self, name: &str) -> Result<u32, Error>;
}

impl Columns for db::Row {
    fn instant(&self, name: &str) -> Result<Instant, Error> {
        Ok(Instant(self.get::<i64>(name)?))
    }
    fn maybe_instant(&self, name: &str) -> Result<Option<Instant>, Error> {
        Ok(self.get::<Option<i64>>(name)?.map(Instant))
    }
    fn hash(&self, name: &'static str) -> Result<Hash, Error> {
        hash(name, &self.get::<Vec<u8>>(name)?)
    }
    fn maybe_hash(&self, name: &'static str) -> Result<Option<Hash>, Error> {
        self.get::<Option<Vec<u8>>>(name)?
            .map(|bytes| hash(name, &bytes))
            .transpose()
    }
    fn id<T: From<uuid::Uuid>>(&self, name: &str) -> Result<T, Error> {
        Ok(self.get::<uuid::Uuid>(name)?.into())
    }
    fn maybe_id<T: From<uuid::Uuid>>(&self, name: &str) -> Result<Option<T>, Error> {
        Ok(self.get::<Option<uuid::Uuid>>(name)?.map(T::from))
    }
    fn name<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, Error> {
        named(name, self.get::<String>(name)?)
    }
    fn maybe_name<T: DeserializeOwned>(&self, name: &'static str) -> Result<Option<T>, Error> {
        self.get::<Option<String>>(name)?
            .map(|text| named(name, text))
            .transpose()
    }
    fn json<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, Error> {
        from_json(name, &self.get::<String>(name)?)
    }
    fn count(&self, name: &str) -> Result<u32, Error> {
        Ok(u32::try_from(self.get::<i64>(name)?).unwrap_or(u32::MAX))
    }
}
