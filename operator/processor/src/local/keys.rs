//! The keys that a product needs for masks and dead letters: those of its platform, loaded from files and the environment.

use std::collections::BTreeSet;
use std::path::Path;

use headwater_compiler::catalog::Catalog;
use headwater_compiler::expr::{Expr, ExprNode, Mask};
use headwater_compiler::graph::{Graph, OpId, Operator, ProductId};
use headwater_crds::platform::KeyUse;

use super::letters::Kept;
use super::settings::{LocalError, Settings};
use crate::mask::apply::Vault;
use crate::mask::key::Keys;
use crate::mask::load::{KeyRef, SecretRef, load};
use crate::mask::subject::Subjects;

/// Where the secrets of single persons stand, in the folder of the tables that are unreadable without them.
const SUBJECTS: &str = "subjects.db";

/// The keys of the masks among some operators and of the dead letters; others of the platform are not looked for.
///
/// # Errors
/// If the platform does not have a key, or its secret can't be found or read, or the secrets of persons can't be kept.
pub(super) fn vault(
    catalog: &Catalog,
    graph: &Graph,
    product: ProductId,
    (needed, letters): (&BTreeSet<OpId>, &[&Kept]),
    settings: &Settings,
) -> Result<Vault, LocalError> {
    let mut wanted = wanted(graph, needed);
    for kept in letters {
        if let Kept::UnderKey(key) = kept {
            wanted.keys.insert(key.clone());
        }
    }
    let keys = loaded(catalog, product, &wanted.keys, settings.secrets.as_deref())?;
    let subjects = match wanted.by_subject {
        true => Some(subjects(settings)?),
        false => None,
    };
    Ok(Vault { keys, subjects })
}

/// The keys of the masks of a product, from the secrets in a folder and the environment.
///
/// # Errors
/// If the platform does not have a key, or its secret can't be found or read.
pub(super) fn of_masks(
    catalog: &Catalog,
    graph: &Graph,
    product: ProductId,
    secrets: &Path,
) -> Result<Keys, LocalError> {
    // What other products hand on is given to a test, so only the product's own masks compute.
    let own = (0u32..).map(OpId).zip(&graph.ops);
    let own = own.filter(|(_, op)| graph.nodes[op.node.0 as usize].product == product).map(|(id, _)| id);
    let wanted = wanted(graph, &own.collect());
    loaded(catalog, product, &wanted.keys, Some(secrets))
}

/// What the masks among some operators need.
fn wanted(graph: &Graph, needed: &BTreeSet<OpId>) -> Wanted {
    let mut wanted = Wanted::default();
    for id in needed {
        if let Operator::Project { columns } = &graph.ops[id.0 as usize].operator {
            columns.iter().for_each(|column| collect(&column.expr, &mut wanted));
        }
    }
    wanted
}

/// All versions of the keys of these names.
fn loaded(
    catalog: &Catalog,
    product: ProductId,
    names: &BTreeSet<String>,
    secrets: Option<&Path>,
) -> Result<Keys, LocalError> {
    let platform = catalog.product(product).platform.map(|index| &catalog.platforms[index]);
    let mut references = Vec::new();
    for name in names {
        let declared =
            platform.and_then(|platform| platform.spec.keys.iter().find(|key| &key.name.0 == name));
        let declared = declared.ok_or_else(|| {
            LocalError::Unsupported(format!("the platform has no key `{name}`, which the product needs"))
        })?;
        references.extend(declared.versions.iter().map(|version| KeyRef {
            name: name.clone(),
            version: version.version,
            active: version.usage == KeyUse::Active,
            secret: version.secret_ref.namespace.as_ref().map(|namespace| SecretRef {
                namespace: namespace.to_string(),
                name: version.secret_ref.name.to_string(),
                key: version.secret_ref.key.clone(),
            }),
        }));
    }
    Ok(load(&references, secrets, &|name| std::env::var_os(name))?)
}

/// The store of the secrets of single persons; it outlives the run, like the tables.
fn subjects(settings: &Settings) -> Result<Subjects, LocalError> {
    let file = settings.warehouse.join(SUBJECTS);
    let unsupported =
        |why: String| LocalError::Unsupported(format!("`{}` can't be opened: {why}", file.display()));
    std::fs::create_dir_all(&settings.warehouse).map_err(|error| unsupported(error.to_string()))?;
    Subjects::open(&file).map_err(|error| unsupported(error.to_string()))
}

/// What the masks of a product need.
#[derive(Default)]
struct Wanted {
    keys: BTreeSet<String>,
    /// Whether a column is encrypted under keys of single persons.
    by_subject: bool,
}

/// Adds what the masks in an expression need.
fn collect(expr: &Expr, wanted: &mut Wanted) {
    match &expr.node {
        ExprNode::Mask { input, mask } => {
            if let Mask::Hmac { key } | Mask::Tokenize { key } | Mask::Encrypt { key, .. } = mask {
                wanted.keys.insert(key.clone());
            }
            wanted.by_subject |= matches!(mask, Mask::Encrypt { subject: Some(_), .. });
            collect(input, wanted);
        }
        ExprNode::Call { args, .. } => args.iter().for_each(|arg| collect(arg, wanted)),
        ExprNode::Cast(input) | ExprNode::Member { input, .. } | ExprNode::ParseJson(input) => {
            collect(input, wanted);
        }
        ExprNode::Every { input, condition } => {
            collect(input, wanted);
            collect(condition, wanted);
        }
        ExprNode::Case { branches, otherwise } => {
            for (condition, value) in branches {
                collect(condition, wanted);
                collect(value, wanted);
            }
            if let Some(value) = otherwise {
                collect(value, wanted);
            }
        }
        ExprNode::Poison | ExprNode::Column(_) | ExprNode::Literal(_) => {}
    }
}
