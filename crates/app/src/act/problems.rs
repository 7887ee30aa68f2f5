//! What errors of the crates below mean for a person.

use networks::{NetworkError, SignInTrouble};
use protocol::{Code, Problem};

/// A network's error.
pub(crate) fn network_problem(error: &NetworkError) -> Problem {
    let code = match error {
        NetworkError::Field {
            code: "not_a_folder" | "not_writable" | "foreign_folder",
            ..
        } => Code::BadFolder,
        NetworkError::Field {
            code: "wrong_password",
            ..
        } => Code::WrongCredentials,
        NetworkError::Field { .. } | NetworkError::Unsupported(_) => Code::InvalidInput,
        NetworkError::Unreachable { .. } | NetworkError::Unreadable(_) => Code::Unreachable,
        NetworkError::Throttled { .. } => Code::Throttled,
        NetworkError::NeedsReconnect { .. } => Code::WrongCredentials,
        NetworkError::SignIn { trouble, .. } => match trouble {
            SignInTrouble::CodeExpired => Code::CodeExpired,
            SignInTrouble::ClockWrong => Code::ClockWrong,
            SignInTrouble::WrongApp => Code::WrongApp,
            SignInTrouble::MissingScope => Code::MissingScope,
            SignInTrouble::NoCredits => Code::NoCredits,
        },
        NetworkError::Refused { .. } => Code::Refused,
    };
    let message = match error {
        NetworkError::Unreachable { host, .. } => {
            format!("{host} does not answer. Check the address and the connection, then try again.")
        }
        NetworkError::Throttled { .. } => {
            "The network asks to wait. Try again in a few minutes.".to_owned()
        }
        NetworkError::Unreadable(_) => {
            "The answer is not what this network documents. Check the address.".to_owned()
        }
        NetworkError::Field {
            code: "wrong_password",
            words,
            ..
        } => format!(
            "The network says: {words}. Check the handle, and make a new app password in the \
             network's settings if need be."
        ),
        other => other.to_string(),
    };
    let problem = Problem::new(code, message);
    match error {
        NetworkError::Field { field, words, .. } => problem.with_field(*field, words.clone()),
        _ => problem,
    }
}

/// A picture's error.
pub(crate) fn media_problem(error: &media::Error) -> Problem {
    use media::Code as M;
    let code = match error.code() {
        M::HeicUnsupported | M::VideoUnsupported | M::NotAPicture => Code::MediaUnsupported,
        M::Empty | M::Truncated | M::Corrupt => Code::MediaCorrupt,
        M::FileTooLarge | M::TooManyPixels => Code::MediaTooLarge,
        M::TooMuchUnfinished => Code::TooLarge,
        M::NoAcceptedType | M::AnimationDoesNotFit | M::CannotFit => Code::HasErrors,
        M::NotFound | M::Damaged => Code::MediaMissing,
        M::DiskFull => Code::DiskFull,
        M::ReadOnly => Code::ReadOnly,
        M::Cancelled => Code::Cancelled,
        M::Io => return crate::error::internal(error),
    };
    Problem::new(code, error.to_string())
}
