//! The keys that the masks of a product need: those of its platform, loaded from files and the environment.

use std::collections::BTreeSet;

use headwater_compiler::catalog::Catalog;
use headwater_compiler::expr::{Expr, ExprNode, Mask};
use headwater_compiler::graph::{Graph, OpId, Operator, ProductId};
use headwater_crds::platform::KeyUse;

use super::settings::{LocalError, Settings};
use crate::mask::apply::Vault;
use crate::mask::load::{KeyRef, SecretRef, load};

/// The keys of the masks among some operators; others of the platform are not looked for.
///
/// # Errors
/// If the platform does not have a key, or its secret can't be found or read.
pub(super) fn vault(
    catalog: &Catalog,
    graph: &Graph,
    product: ProductId,
    needed: &BTreeSet<OpId>,
    settings: &Settings,
) -> Result<Vault, LocalError> {
    let mut names = BTreeSet::new();
    for id in needed {
        if let Operator::Project { columns } = &graph.ops[id.0 as usize].operator {
            columns.iter().for_each(|column| key_names(&column.expr, &mut names));
        }
    }
    if names.is_empty() {
        return Ok(Vault::default());
    }
    let platform = catalog.product(product).platform.map(|index| &catalog.platforms[index]);
    let mut references = Vec::new();
    for name in names {
        let declared = platform.and_then(|platform| platform.spec.keys.iter().find(|key| key.name.0 == name));
        let declared = declared.ok_or_else(|| {
            LocalError::Unsupported(format!("the platform has no key `{name}`, which a mask needs"))
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
    let keys = load(&references, settings.secrets.as_deref(), &|name| std::env::var_os(name))
        .map_err(|error| LocalError::Unsupported(error.to_string()))?;
    Ok(Vault { keys, subjects: None })
}

/// Names of the keys in an expression.
fn key_names(expr: &Expr, names: &mut BTreeSet<String>) {
    match &expr.node {
        ExprNode::Mask { input, mask } => {
            if let Mask::Hmac { key } | Mask::Tokenize { key } | Mask::Encrypt { key, .. } = mask {
                names.insert(key.clone());
            }
            key_names(input, names);
        }
        ExprNode::Call { args, .. } => args.iter().for_each(|arg| key_names(arg, names)),
        ExprNode::Cast(input) | ExprNode::Member { input, .. } => key_names(input, names),
        ExprNode::Case { branches, otherwise } => {
            for (condition, value) in branches {
                key_names(condition, names);
                key_names(value, names);
            }
            if let Some(value) = otherwise {
                key_names(value, names);
            }
        }
        ExprNode::Poison | ExprNode::Column(_) | ExprNode::Literal(_) => {}
    }
}
