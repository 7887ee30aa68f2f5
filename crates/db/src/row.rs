//! Rows: columns are read by name, as one of the shared types.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};
use uuid::Uuid;

use crate::Error;

/// One row of an answer.
#[derive(Debug)]
pub struct Row(pub(crate) Inner);

#[derive(Debug)]
pub(crate) enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The value of the named column. Errors with [`Error::Decode`] when there is none of that
    /// name, it is NULL and `T` is no `Option`, or it has another type.
    pub fn get<T: FromColumn>(&self, name: &str) -> Result<T, Error> {
        T::from_column(self, name)
    }

    fn is_null(&self, name: &str) -> Result<bool, Error> {
        Ok(match &self.0 {
            Inner::Sqlite(r) => r.try_get_raw(name)?.is_null(),
            Inner::Postgres(r) => r.try_get_raw(name)?.is_null(),
        })
    }

    // SQLite would read a NULL as 0 or as empty.
    fn present(&self, name: &str) -> Result<(), Error> {
        if self.is_null(name)? {
            Err(Error::Decode(format!("{name} is NULL")))
        } else {
            Ok(())
        }
    }

    /// The names of the columns, in order.
    pub fn names(&self) -> Vec<String> {
        match &self.0 {
            Inner::Sqlite(r) => r.columns().iter().map(|c| c.name().to_owned()).collect(),
            Inner::Postgres(r) => r.columns().iter().map(|c| c.name().to_owned()).collect(),
        }
    }
}

/// Types that a column can be read as.
pub trait FromColumn: Sized {
    /// Reads the named column.
    fn from_column(row: &Row, name: &str) -> Result<Self, Error>;
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl FromColumn for $type {
            fn from_column(row: &Row, name: &str) -> Result<Self, Error> {
                row.present(name)?;
                Ok(match &row.0 {
                    Inner::Sqlite(r) => r.try_get(name)?,
                    Inner::Postgres(r) => r.try_get(name)?,
                })
            }
        }
    )*};
}

plain!(bool, f64, String, Vec<u8>, Uuid);

impl FromColumn for i64 {
    fn from_column(row: &Row, name: &str) -> Result<Self, Error> {
        row.present(name)?;
        match &row.0 {
            Inner::Sqlite(r) => Ok(r.try_get(name)?),
            // Literals and counts of PostgreSQL are often narrower than our columns.
            Inner::Postgres(r) => match r.try_get_raw(name)?.type_info().name() {
                "INT4" => Ok(i64::from(r.try_get::<i32, _>(name)?)),
                "INT2" => Ok(i64::from(r.try_get::<i16, _>(name)?)),
                _ => Ok(r.try_get(name)?),
            },
        }
    }
}

macro_rules! narrowed {
    ($($type:ty),*) => {$(
        impl FromColumn for $type {
            fn from_column(row: &Row, name: &str) -> Result<Self, Error> {
                let wide = i64::from_column(row, name)?;
                <$type>::try_from(wide).map_err(|e| Error::Decode(format!("{name}: {e}")))
            }
        }
    )*};
}

narrowed!(i32, u32, u16, u8, u64);

impl FromColumn for [u8; 32] {
    fn from_column(row: &Row, name: &str) -> Result<Self, Error> {
        let bytes = Vec::<u8>::from_column(row, name)?;
        bytes
            .try_into()
            .map_err(|_| Error::Decode(format!("{name}: not 32 bytes")))
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(row: &Row, name: &str) -> Result<Self, Error> {
        if row.is_null(name)? {
            Ok(None)
        } else {
            T::from_column(row, name).map(Some)
        }
    }
}
