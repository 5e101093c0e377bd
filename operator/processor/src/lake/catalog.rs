//! The catalog: an SQLite database in the layout of pyiceberg's `SqlCatalog` and Iceberg's JDBC catalog.
//!
//! Takes table names, gives where their metadata is; swaps pointers, all of a run in one transaction.
//! It must not read or write the metadata itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::LakeError;
use super::error::io_error;

const TABLES: &str = "CREATE TABLE IF NOT EXISTS iceberg_tables (
    catalog_name VARCHAR(255) NOT NULL,
    table_namespace VARCHAR(255) NOT NULL,
    table_name VARCHAR(255) NOT NULL,
    metadata_location VARCHAR(1000),
    previous_metadata_location VARCHAR(1000),
    iceberg_type VARCHAR(5),
    PRIMARY KEY (catalog_name, table_namespace, table_name)
);
CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
    catalog_name VARCHAR(255) NOT NULL,
    namespace VARCHAR(255) NOT NULL,
    property_key VARCHAR(255) NOT NULL,
    property_value VARCHAR(1000) NOT NULL,
    PRIMARY KEY (catalog_name, namespace, property_key)
);";

/// A catalog and its warehouse on this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Catalog {
    /// The name under which its rows stand; readers must use the same.
    pub name: String,
    /// The SQLite database, absolute.
    pub database: PathBuf,
    /// The folder under which tables live, absolute.
    pub warehouse: PathBuf,
}

/// What a commit changes in a database.
#[derive(Debug, Clone)]
pub(crate) struct Swap {
    /// Name of the catalog; one database may hold several.
    pub(crate) catalog: String,
    /// Namespace, its parts joined by dots.
    pub(crate) namespace: String,
    /// Table name.
    pub(crate) table: String,
    /// The pointer that must still be there; none for a table that must not exist.
    pub(crate) from: Option<String>,
    /// The new pointer.
    pub(crate) to: String,
}

/// Makes the database and its tables where they are missing.
///
/// # Errors
/// [`LakeError::Io`] or [`LakeError::Catalog`] when a folder or the database cannot be made.
pub fn open_catalog(name: &str, database: &Path, warehouse: &Path) -> Result<Catalog, LakeError> {
    let absolute = |path: &Path| std::path::absolute(path).map_err(io_error("cannot find", path));
    let catalog =
        Catalog { name: name.to_owned(), database: absolute(database)?, warehouse: absolute(warehouse)? };
    for folder in [catalog.database.parent(), Some(&catalog.warehouse)].into_iter().flatten() {
        std::fs::create_dir_all(folder).map_err(io_error("cannot create the folder", folder))?;
    }
    let connection = connect(&catalog.database)?;
    connection.execute_batch(TABLES).map_err(refused(&catalog.database))?;
    Ok(catalog)
}

/// Where the table's metadata is, if the table exists.
pub(crate) fn pointer(catalog: &Catalog, namespace: &str, table: &str) -> Result<Option<String>, LakeError> {
    let found: Option<Option<String>> = connect(&catalog.database)?
        .query_row(
            "SELECT metadata_location FROM iceberg_tables
             WHERE catalog_name = ?1 AND table_namespace = ?2 AND table_name = ?3",
            params![catalog.name, namespace, table],
            |row| row.get(0),
        )
        .optional()
        .map_err(refused(&catalog.database))?;
    Ok(found.flatten())
}

/// Swaps all pointers of a database or none, and runs `before_commit` in between: when it fails, nothing is swapped.
pub(crate) fn swap<E: From<LakeError>>(
    database: &Path,
    swaps: &[Swap],
    before_commit: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    let mut connection = connect(database)?;
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused(database))?;
    for swap in swaps {
        if !swap_one(&transaction, swap).map_err(refused(database))? {
            let table = format!("{}.{}", swap.namespace, swap.table);
            return Err(E::from(LakeError::Moved { table }));
        }
    }
    before_commit()?;
    transaction.commit().map_err(refused(database))?;
    Ok(())
}

/// Swaps one pointer; false when it was not what it should have been.
fn swap_one(transaction: &Transaction<'_>, swap: &Swap) -> Result<bool, rusqlite::Error> {
    let Swap { catalog, namespace, table, from, to } = swap;
    if let Some(from) = from {
        let changed = transaction.execute(
            "UPDATE iceberg_tables SET metadata_location = ?1, previous_metadata_location = ?2
             WHERE catalog_name = ?3 AND table_namespace = ?4 AND table_name = ?5
               AND metadata_location = ?2",
            params![to, from, catalog, namespace, table],
        )?;
        return Ok(changed == 1);
    }
    transaction.execute(
        "INSERT OR IGNORE INTO iceberg_namespace_properties VALUES (?1, ?2, 'exists', 'true')",
        params![catalog, namespace],
    )?;
    let row = "INSERT OR IGNORE INTO iceberg_tables
        (catalog_name, table_namespace, table_name, metadata_location";
    let values = "VALUES (?1, ?2, ?3, ?4";
    // Catalogs of the older layout have no such column; a missing type means a table.
    let typed = transaction.prepare("SELECT iceberg_type FROM iceberg_tables LIMIT 0").is_ok();
    let statement =
        if typed { format!("{row}, iceberg_type) {values}, 'TABLE')") } else { format!("{row}) {values})") };
    let changed = transaction.execute(&statement, params![catalog, namespace, table, to])?;
    Ok(changed == 1)
}

fn connect(database: &Path) -> Result<Connection, LakeError> {
    let connection = Connection::open(database).map_err(refused(database))?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(refused(database))?;
    Ok(connection)
}

fn refused(database: &Path) -> impl Fn(rusqlite::Error) -> LakeError {
    move |source| LakeError::Catalog { path: database.to_owned(), source }
}
