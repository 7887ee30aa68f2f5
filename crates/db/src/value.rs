//! Arguments of statements: the few types that both databases share.

use uuid::Uuid;

/// The type of a missing value: PostgreSQL wants to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// BIGINT
    Int,
    /// BOOLEAN; INTEGER on SQLite
    Bool,
    /// DOUBLE PRECISION
    Real,
    /// TEXT
    Text,
    /// UUID; BLOB on SQLite
    Uuid,
    /// BYTEA; BLOB on SQLite
    Bytes,
}

/// One argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A typed NULL.
    Null(Kind),
    /// A whole number.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// A number with a fraction.
    Real(f64),
    /// Text.
    Text(String),
    /// An id.
    Uuid(Uuid),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// The arguments of one statement, in order: `$1` is the first. Made by [`args!`](crate::args).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args(pub Vec<Value>);

/// The arguments of a statement: `args![id, name, 3_i64]`, `args![]`.
#[macro_export]
macro_rules! args {
    () => { $crate::Args::default() };
    ($($value:expr),+ $(,)?) => { $crate::Args(vec![$($crate::Value::from($value)),+]) };
}

macro_rules! argument {
    ($($type:ty => $kind:ident, |$v:ident| $value:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($v: $type) -> Value { Value::$kind($value) }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Value {
                value.map_or(Value::Null(Kind::$kind), Value::from)
            }
        }
    )*};
}

argument! {
    i64 => Int, |v| v;
    i32 => Int, |v| i64::from(v);
    u32 => Int, |v| i64::from(v);
    u16 => Int, |v| i64::from(v);
    u8 => Int, |v| i64::from(v);
    bool => Bool, |v| v;
    f64 => Real, |v| v;
    &str => Text, |v| v.to_owned();
    String => Text, |v| v;
    &String => Text, |v| v.clone();
    Uuid => Uuid, |v| v;
    &Uuid => Uuid, |v| *v;
    Vec<u8> => Bytes, |v| v;
    &[u8] => Bytes, |v| v.to_vec();
    &Vec<u8> => Bytes, |v| v.clone();
    [u8; 32] => Bytes, |v| v.to_vec();
    &[u8; 32] => Bytes, |v| v.to_vec();
}

macro_rules! encode {
    ($name:ident, $arguments:ty) => {
        pub(crate) fn $name(args: Args) -> Result<$arguments, crate::Error> {
            use sqlx::Arguments as _;
            let mut out = <$arguments>::default();
            for value in args.0 {
                match value {
                    Value::Null(Kind::Int) => out.add(None::<i64>),
                    Value::Null(Kind::Bool) => out.add(None::<bool>),
                    Value::Null(Kind::Real) => out.add(None::<f64>),
                    Value::Null(Kind::Text) => out.add(None::<String>),
                    Value::Null(Kind::Uuid) => out.add(None::<Uuid>),
                    Value::Null(Kind::Bytes) => out.add(None::<Vec<u8>>),
                    Value::Int(v) => out.add(v),
                    Value::Bool(v) => out.add(v),
                    Value::Real(v) => out.add(v),
                    Value::Text(v) => out.add(v),
                    Value::Uuid(v) => out.add(v),
                    Value::Bytes(v) => out.add(v),
                }
                .map_err(|e| crate::Error::Other(e.to_string()))?;
            }
            Ok(out)
        }
    };
}

encode!(for_sqlite, sqlx::sqlite::SqliteArguments);
encode!(for_postgres, sqlx::postgres::PgArguments);
