//! What SQLite's errors mean to a till.

use rusqlite::{Error, ErrorCode, ffi};

use crate::storage::StorageFault;

impl From<Error> for StorageFault {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => Self::DiskFull,
                // The shared-memory index could not grow: in practice the disk is full.
                ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => Self::DiskFull,
                ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => Self::ReadOnly(text),
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged(text),
                _ => Self::Failed(text),
            },
            // STRICT tables hold what their columns say; anything else was not written by this program.
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..) => Self::Damaged(text),
            _ => Self::Failed(text),
        }
    }
}

/// A count or position as SQLite stores it.
pub(super) fn stored(number: u64) -> Result<i64, StorageFault> {
    i64::try_from(number).map_err(|_| StorageFault::Failed(format!("{number} is too large to be stored")))
}

/// A count or position as the till uses it.
pub(super) fn counted(number: i64) -> Result<u64, StorageFault> {
    u64::try_from(number).map_err(|_| StorageFault::Damaged(format!("{number} stands where a position should")))
}
