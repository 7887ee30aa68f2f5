//! Why a picture was refused or a file could not be kept, told with the way out.

use std::io;
use std::path::Path;

use domain::hash::Hash;

use crate::kind::Foreign;

/// What kind of failure it is; the window decides by this, never by text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// HEIC, HEIF or AVIF.
    HeicUnsupported,
    /// A film.
    VideoUnsupported,
    /// Some other kind of file.
    NotAPicture,
    /// No bytes at all.
    Empty,
    /// The file ends before the picture does.
    Truncated,
    /// The picture cannot be read.
    Corrupt,
    /// The file is larger than is taken in.
    FileTooLarge,
    /// Too many files were begun and not ended.
    TooMuchUnfinished,
    /// More pixels than are taken in.
    TooManyPixels,
    /// No accepted type can hold it.
    NoAcceptedType,
    /// An animation that the network does not take as it is.
    AnimationDoesNotFit,
    /// It stays too large however small it is made.
    CannotFit,
    /// Not in the library.
    NotFound,
    /// The stored file is not what its name says.
    Damaged,
    /// The disk is full.
    DiskFull,
    /// The folder cannot be written.
    ReadOnly,
    /// The disk failed otherwise.
    Io,
    /// Somebody cancelled.
    Cancelled,
}

impl Code {
    /// The word for it that crosses boundaries.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HeicUnsupported => "heic_unsupported",
            Self::VideoUnsupported => "video_unsupported",
            Self::NotAPicture => "not_a_picture",
            Self::Empty => "file_empty",
            Self::Truncated => "picture_truncated",
            Self::Corrupt => "picture_corrupt",
            Self::FileTooLarge => "file_too_large",
            Self::TooMuchUnfinished => "too_much_unfinished",
            Self::TooManyPixels => "too_many_pixels",
            Self::NoAcceptedType => "no_accepted_type",
            Self::AnimationDoesNotFit => "animation_does_not_fit",
            Self::CannotFit => "cannot_fit",
            Self::NotFound => "media_not_found",
            Self::Damaged => "media_damaged",
            Self::DiskFull => "disk_full",
            Self::ReadOnly => "read_only",
            Self::Io => "disk_failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A failed use of the library.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// See [`Code::HeicUnsupported`], [`Code::VideoUnsupported`], [`Code::NotAPicture`].
    #[error("{}", .0.way_out())]
    Foreign(Foreign),
    /// See [`Code::Empty`].
    #[error("the file is empty; choose the picture again once it has been copied completely")]
    Empty,
    /// See [`Code::Truncated`].
    #[error("the picture is incomplete: the file ends too early; copy or download it again")]
    Truncated,
    /// See [`Code::Corrupt`].
    #[error("the picture is damaged and cannot be read ({0}); save it again from where it came")]
    Corrupt(String),
    /// See [`Code::FileTooLarge`].
    #[error("the file has {bytes} bytes and at most {max} are taken; save a smaller copy")]
    FileTooLarge {
        /// Its size.
        bytes: u64,
        /// The most.
        max: u64,
    },
    /// See [`Code::TooMuchUnfinished`].
    #[error(
        "files were begun and not ended, {} MiB in all at most; end those first, or wait a day", max >> 20
    )]
    TooMuchUnfinished {
        /// The most, bytes.
        max: u64,
    },
    /// See [`Code::TooManyPixels`].
    #[error(
        "the picture has {width} x {height} pixels; at most {} million in all are taken: save a smaller copy", max / 1_000_000
    )]
    TooManyPixels {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The most in all.
        max: u64,
    },
    /// See [`Code::NoAcceptedType`].
    #[error(
        "the network takes none of the types that this picture can be turned into ({accepted})"
    )]
    NoAcceptedType {
        /// What it takes.
        accepted: String,
    },
    /// See [`Code::AnimationDoesNotFit`].
    #[error("{0}")]
    AnimationDoesNotFit(AnimationProblem),
    /// See [`Code::CannotFit`].
    #[error("the picture cannot be made smaller than {max} bytes without becoming useless")]
    CannotFit {
        /// The network's limit.
        max: u64,
    },
    /// See [`Code::NotFound`].
    #[error("the media file {} is missing; restore it from a backup or add the picture again", .0.short())]
    NotFound(Hash),
    /// See [`Code::Damaged`].
    #[error("the media file {} is damaged; restore it from a backup or add the picture again", .0.short())]
    Damaged(Hash),
    /// See [`Code::DiskFull`].
    #[error("the disk is full ({0}); free some space and try again, nothing was changed")]
    DiskFull(String),
    /// See [`Code::ReadOnly`].
    #[error("the folder cannot be written to ({0}); check its permissions")]
    ReadOnly(String),
    /// See [`Code::Io`].
    #[error("the disk failed ({0})")]
    Io(String),
    /// See [`Code::Cancelled`].
    #[error("cancelled")]
    Cancelled,
}

/// Why an animation does not fit; it is never flattened silently.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnimationProblem {
    /// Its file is too large.
    #[error(
        "the animation has {bytes} bytes and the network takes {max}; shorten it, make it smaller, or use a still picture"
    )]
    Bytes {
        /// Its size.
        bytes: u64,
        /// The most.
        max: u64,
    },
    /// It has too many pixels on a side.
    #[error(
        "the animation has {side} pixels on its longer side and the network takes {max}; make it smaller, or use a still picture"
    )]
    Side {
        /// Its longer side.
        side: u32,
        /// The most.
        max: u32,
    },
    /// Its type is not accepted.
    #[error("the network takes no animated {mime}; use a still picture for it")]
    Mime {
        /// Its type.
        mime: String,
    },
}

impl Error {
    /// The closed code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Foreign(Foreign::Heic | Foreign::Avif) => Code::HeicUnsupported,
            Self::Foreign(Foreign::Video) => Code::VideoUnsupported,
            Self::Foreign(_) => Code::NotAPicture,
            Self::Empty => Code::Empty,
            Self::Truncated => Code::Truncated,
            Self::Corrupt(_) => Code::Corrupt,
            Self::FileTooLarge { .. } => Code::FileTooLarge,
            Self::TooMuchUnfinished { .. } => Code::TooMuchUnfinished,
            Self::TooManyPixels { .. } => Code::TooManyPixels,
            Self::NoAcceptedType { .. } => Code::NoAcceptedType,
            Self::AnimationDoesNotFit(_) => Code::AnimationDoesNotFit,
            Self::CannotFit { .. } => Code::CannotFit,
            Self::NotFound(_) => Code::NotFound,
            Self::Damaged(_) => Code::Damaged,
            Self::DiskFull(_) => Code::DiskFull,
            Self::ReadOnly(_) => Code::ReadOnly,
            Self::Io(_) => Code::Io,
            Self::Cancelled => Code::Cancelled,
        }
    }

    pub(crate) fn io(error: &io::Error, path: &Path) -> Self {
        let at = format!("{}: {error}", path.display());
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(at),
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::ReadOnly(at)
            }
            _ => Self::Io(at),
        }
    }
}
