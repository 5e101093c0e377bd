//! Names of columns, members of structs, elements of lists and maps.

use std::ops::Range;

use sqlparser::ast::{self, Spanned};

use super::expr::Binder;
use super::scope::{Found, suggest};
use super::token::range;
use super::value::{Cause, Value};
use crate::code::expression as code;
use crate::data_type::{DataType, Member};
use crate::diagnostic::Diagnostic;
use crate::expr::{Expr, ExprNode};

/// Names joined by dots, each with its place; never empty.
pub(super) struct Path {
    pub(super) names: Vec<String>,
    pub(super) places: Vec<Range<u32>>,
}

impl Path {
    /// The path of plain names that a tree begins with.
    pub(super) fn of(idents: &[ast::Ident]) -> Self {
        Path {
            names: idents.iter().map(|ident| ident.value.clone()).collect(),
            places: idents.iter().map(|ident| range(ident.span)).collect(),
        }
    }

    fn up_to(&self, count: usize) -> Range<u32> {
        self.places[0].start..self.places[count - 1].end
    }
}

impl Binder<'_> {
    /// `a`, `o.a`, `a.b.c`, `items[1].sku`.
    pub(super) fn path(&mut self, tree: &ast::Expr) -> Value {
        if let ast::Expr::Identifier(ident) = tree {
            return self.column_path(&Path::of(std::slice::from_ref(ident)));
        }
        if let ast::Expr::CompoundIdentifier(idents) = tree {
            return self.column_path(&Path::of(idents));
        }
        let ast::Expr::CompoundFieldAccess { root, access_chain } = tree else {
            return self.unsupported(tree);
        };
        let (mut value, rest) = self.root(root, access_chain);
        for access in rest {
            value = match access {
                ast::AccessExpr::Dot(ast::Expr::Identifier(ident)) => {
                    self.member(value, &ident.value, range(ident.span))
                }
                ast::AccessExpr::Dot(_) => return self.unsupported(tree),
                ast::AccessExpr::Subscript(ast::Subscript::Index { index }) => self.subscript(value, index),
                ast::AccessExpr::Subscript(ast::Subscript::Slice { .. }) => return self.unsupported(tree),
            };
        }
        value
    }

    /// The names at the start of a chain are a path; what follows is applied to what they mean.
    fn root<'t>(&mut self, root: &ast::Expr, chain: &'t [ast::AccessExpr]) -> (Value, &'t [ast::AccessExpr]) {
        let ast::Expr::Identifier(first) = root else { return (self.bind(root), chain) };
        let mut idents = vec![first.clone()];
        for access in chain {
            let ast::AccessExpr::Dot(ast::Expr::Identifier(ident)) = access else { break };
            idents.push(ident.clone());
        }
        (self.column_path(&Path::of(&idents)), &chain[idents.len() - 1..])
    }

    fn column_path(&mut self, path: &Path) -> Value {
        let whole = path.up_to(path.names.len());
        let (place, used) = match self.scope.find(path) {
            Found::Column(place, used) => (place, used),
            Found::Poison => return Value::poison(whole),
            Found::Ambiguous(places) => return self.ambiguous(path, &places),
            Found::NoColumn { part, names } => return self.no_column(path, part, &names),
        };
        let column = &self.scope.columns[place];
        self.reads.push((column.index, path.up_to(used)));
        let expr = Expr::column(column.index, column.column.data_type.clone(), column.column.nullable);
        let cause = column.column.nullable.then_some(Cause::Column(place));
        let mut value = Value { expr, cause, range: path.up_to(used) };
        for index in used..path.names.len() {
            value = self.member(value, &path.names[index], path.places[index].clone());
        }
        value
    }

    fn ambiguous(&mut self, path: &Path, places: &[usize]) -> Value {
        let name =
            path.names[usize::from(self.scope.has_qualifier(&path.names[0]) && path.names.len() > 1)].clone();
        let choices: Vec<String> = places
            .iter()
            .filter_map(|&place| self.scope.columns[place].qualifier.as_ref())
            .map(|qualifier| format!("`{qualifier}.{name}`"))
            .collect();
        let message = format!("the name `{name}` means {} columns", places.len());
        let help = if choices.is_empty() {
            "give each of them a name of its own".to_owned()
        } else {
            format!("say which: {}", choices.join(" or "))
        };
        self.refuse(path.up_to(1), |at| Diagnostic::error(&code::AMBIGUOUS_COLUMN, at, message).help(help))
    }

    fn no_column(&mut self, path: &Path, part: usize, names: &[String]) -> Value {
        let name = &path.names[part];
        let message = match part {
            0 if path.names.len() > 1 => format!("there is no input or column `{name}`"),
            0 => format!("there is no column `{name}`"),
            _ => format!("`{}` has no column `{name}`", path.names[0]),
        };
        let place = path.places[part].clone();
        let intro = if part == 0 && path.names.len() > 1 { "the names are" } else { "the columns are" };
        self.report_unknown(
            Diagnostic::error(&code::UNKNOWN_COLUMN, self.anchor.bytes(place.clone()), message),
            name,
            names,
            &place,
            intro,
        );
        Value::poison(path.up_to(path.names.len()))
    }

    /// Adds what was probably meant to a diagnostic about an unknown name, and reports it.
    fn report_unknown(
        &mut self,
        mut diagnostic: Diagnostic,
        name: &str,
        names: &[String],
        place: &Range<u32>,
        intro: &str,
    ) {
        // Looking for near names takes time: a text with hundreds of mistakes gets no more of them.
        let (meant, list) = if self.diagnostics.len() < 300 { suggest(name, names) } else { (None, None) };
        if let Some(list) = list {
            diagnostic = diagnostic.note(format!("{intro} {list}"));
        }
        if let Some(meant) = meant {
            let written = if is_plain(meant) { meant.to_owned() } else { format!("`{meant}`") };
            diagnostic = diagnostic
                .help(format!("did you mean `{meant}`?"))
                .fix(self.anchor.bytes(place.clone()), written);
        } else if names.iter().any(|other| other == &name.to_lowercase()) {
            diagnostic = diagnostic.help("names count upper and lower case");
        }
        self.diagnostics.push(diagnostic);
    }

    /// `value.name` where the value is a struct.
    pub(super) fn member(&mut self, value: Value, name: &str, place: Range<u32>) -> Value {
        let whole = value.range.start..place.end;
        if value.is_unknown() {
            return Value::poison(whole);
        }
        let DataType::Struct(members) = &value.expr.data_type else {
            let message = format!("`{}` has no members, so there is no `{name}` in it", value.expr.data_type);
            let help = if is_list_of_structs(&value.expr.data_type) {
                "take an element first, such as `items[1].sku`, or unnest the list"
            } else {
                "only a struct has members"
            };
            return self.refuse(place, |at| Diagnostic::error(&code::UNKNOWN_MEMBER, at, message).help(help));
        };
        let Some(index) = members.iter().position(|member| member.name == name) else {
            let names: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
            let message = format!("the struct has no member `{name}`");
            let at = self.anchor.bytes(place.clone());
            self.report_unknown(
                Diagnostic::error(&code::UNKNOWN_MEMBER, at, message),
                name,
                &names,
                &place,
                "its members are",
            );
            return Value::poison(whole);
        };
        let Member { data_type, nullable, .. } = members[index].clone();
        let cause = value.cause.clone().or_else(|| {
            nullable.then(|| Cause::Here(whole.clone(), format!("the member `{name}` may be null").into()))
        });
        let nullable = nullable || value.expr.nullable;
        let node = ExprNode::Member { input: Box::new(value.expr), index };
        Value { expr: Expr { node, data_type, nullable }, cause, range: whole }
    }

    /// `value[index]` of a list by position from 1, of a map by key, of a struct by name.
    fn subscript(&mut self, value: Value, index: &ast::Expr) -> Value {
        let brackets = self.marks.around(range(index.span()));
        let whole = value.range.start..brackets.end;
        let index = self.bind(index);
        if value.is_unknown() || index.is_unknown() {
            return Value::poison(whole);
        }
        if matches!(value.expr.data_type, DataType::Struct(_))
            && let Some(name) = index.text().map(str::to_owned)
        {
            return Value { range: whole, ..self.member(value, &name, index.range) };
        }
        let wanted = match (&value.expr.data_type, &index.expr.data_type) {
            (DataType::List(_), of) => matches!(of, DataType::Int32 | DataType::Int64),
            (DataType::Map(_), of) => *of == DataType::String,
            _ => {
                let message = format!("`{}` has no elements to take one of", value.expr.data_type);
                return self.refuse(whole, |at| {
                    Diagnostic::error(&code::NOT_INDEXABLE, at, message)
                        .help("brackets take an element of a list by its position, or of a map by its key")
                });
            }
        };
        if !wanted {
            let message = format!("`{}` is not indexed by `{}`", value.expr.data_type, index.expr.data_type);
            return self.refuse(index.range, |at| {
                Diagnostic::error(&code::NOT_INDEXABLE, at, message)
                    .help("a list is indexed by a position from 1, a map by a text")
            });
        }
        self.apply("[]", vec![value, index], whole)
    }
}

fn is_list_of_structs(data_type: &DataType) -> bool {
    matches!(data_type, DataType::List(slot) if matches!(slot.data_type, DataType::Struct(_)))
}

/// Whether a name can be written without backticks.
pub(super) fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|ch| ch.is_alphanumeric() || ch == '_')
}
